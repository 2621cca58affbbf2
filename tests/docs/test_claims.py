"""What threats and decisions claim is held by tests that exist; what pages point to is there."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from app.exchange.release import ATTEMPTS
from tests.docs.reading import ROOT, page, pages, section

TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
FILE = re.compile(
    r"`((?:app|tests|docs|migrations)/[\w./@-]+\.\w+|[A-Z]+(?:\.md)?|requirements[\w.-]*\.lock)(?:::\w+)?`"
)
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
HEADINGS = ["Context", "Decision", "Consequences", "Alternatives", "Enforced by"]


def _tests(text: str) -> set[tuple[str, str]]:
    return set(TEST.findall(text))


def _missing(text: str) -> list[str]:
    """Names of tests in a text that do not exist."""
    missing = []
    for file, name in sorted(_tests(text)):
        path = ROOT / file
        tree = ast.parse(path.read_text("utf-8")) if path.exists() else ast.Module([], [])
        if name not in {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}:
            missing.append(f"{file}::{name}")
    return missing


@pytest.mark.parametrize("name", sorted(name for name, text in pages().items() if _tests(text)))
def test_tests_that_a_page_names_exist(name: str) -> None:
    """In every page."""
    assert _missing(page(name)) == []


def test_a_test_that_does_not_exist_is_missed() -> None:
    """Neither a wrong file nor a wrong name passes."""
    named = "`tests/docs/test_claims.py::test_nothing` `tests/nowhere.py::test_x` `tests/docs/test_claims.py::_tests`"
    assert _missing(named) == ["tests/docs/test_claims.py::test_nothing", "tests/nowhere.py::test_x"]


def test_every_attack_has_its_test() -> None:
    """Five columns, the last with at least one test; D1 to D3 and nothing else are told all the same."""
    threats = page("docs/threats.md")
    rows = re.findall(r"^\| (?!attacker|---)(.+) \|$", section(threats, "Attackers"), re.MULTILINE)
    assert len(rows) > 20 and {len(row.split(" | ")) for row in rows} == {5}
    assert [row for row in rows if not _tests(row.split(" | ")[4])] == []
    told = section(threats, "What is told all the same")
    assert re.findall(r"^- \*\*(D\d)\.", told, re.MULTILINE) == ["D1", "D2", "D3"]


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_decision_has_its_parts(path: Path) -> None:
    """Number in name and title, the five headings, a test that holds it."""
    text = path.read_text("utf-8")
    assert text.startswith(f"# {path.name[:4]}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == HEADINGS
    assert _tests(section(text, "Enforced by"))


def test_decisions_are_numbered_without_a_gap() -> None:
    """A number is given once and never again."""
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("name", sorted(pages()))
def test_files_that_a_page_names_exist(name: str) -> None:
    """No page points to something that was moved or never written."""
    absent = {"app/routers/orders.py", "app/exchange/orders.py", "app/storage/orders.py", "tests/api/test_orders.py"}
    named = {found for found in FILE.findall(page(name)) if "." in found or found in {"LICENSE", "NOTICE"}}
    assert {found for found in named if not (ROOT / found).exists()} <= absent


def test_attempts_are_those_of_the_code() -> None:
    """Flow and decision say "three times" and then once."""
    assert ATTEMPTS == 4


def test_layers_are_those_of_the_contract() -> None:
    """CONTRIBUTING draws the layers as the import contract has them, brackets included."""
    drawn = " ".join(re.findall(r"^ {4,6}(?!make)(\S.*│.*)$", page("CONTRIBUTING.md"), re.MULTILINE))
    contracts = tomllib.loads(page("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    assert drawn.replace("│", " ").split() == " ".join(layers).replace("|", " ").split()


def test_notice_names_what_we_ship() -> None:
    """Apache-2.0 section 4(d): the notice of a work that stands in this one."""
    assert "swagger-ui-dist 5.35.0" in page("NOTICE") and "SmartBear" in page("NOTICE")
    assert "swagger-ui-dist 5.35.0" in page("app/routers/docs.py")


def test_changelog_begins_with_this_version() -> None:
    """Keep a Changelog: an unreleased part, then the version of the package."""
    version = re.search(r'^version = "(.+)"$', page("pyproject.toml"), re.MULTILINE)
    headings = re.findall(r"^## \[(.+?)\]", page("CHANGELOG.md"), re.MULTILINE)
    assert version is not None and headings[:2] == ["Unreleased", version[1]]
