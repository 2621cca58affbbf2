"""No statement leaves anything in a session: the next request on the same connection is another agency's."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = [*sorted((ROOT / "app" / "storage").rglob("*.py")), *sorted((ROOT / "migrations" / "versions").glob("*.py"))]
ENDS = r"search_path\s=\spg_catalog,\spublic,\spg_temp\sAS\b"
LEFT_BEHIND = re.compile(
    rf"""["'\s(]SET\s+(?!DEFAULT|epoch|at\b|live\b|judged_at\b|until_at\b|imposing_unit\b|{ENDS})(SESSION\s+|LOCAL\s+)?[a-z_.]+\s*(=|TO)\s
    |\bset_config\s*\((?![^()]*,\s*true\))|\bLISTEN\s
    |\bpg_(try_)?advisory_lock(_shared)?\s*\(|\bDECLARE\s+\w+\s+CURSOR|\bPREPARE\s+\w+|\bCREATE\s+TEMP|\bSET\s+ROLE""",
    re.VERBOSE,
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_no_statement_leaves_session_state(path: Path) -> None:
    assert not LEFT_BEHIND.findall(path.read_text())


@pytest.mark.parametrize(
    "statement",
    [
        " SET search_path = x",
        "(SET SESSION role TO court",
        "select set_config('a', 'b', false)",
        "LISTEN events",
        "SELECT pg_advisory_lock(1)",
        "CREATE TEMP TABLE t",
        "SET ROLE court",
    ],
)
def test_the_pattern_would_find_it(statement: str) -> None:
    assert LEFT_BEHIND.search(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DO UPDATE SET epoch = gate.epoch + 1",
        "UPDATE clock_floor SET at = greatest(at, 1)",
        "SELECT set_config('throughcare.pass', $1, true)",  # ends with its transaction
        "SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$",  # ends with its function
    ],
)
def test_an_update_or_what_ends_by_itself_is_no_session_state(statement: str) -> None:
    assert not LEFT_BEHIND.search(statement)
