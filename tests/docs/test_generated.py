"""The pages say what the code says: every code, setting, command, scope, route and log key, and the reverse."""

import argparse
import ast
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from app.__main__ import main
from app.commands import administer, contract, documents, erase, explain, keys, operate, play
from app.commands.error_advice import ADVICE, COMMAND_LINE, OAUTH
from app.commands.error_sources import APP, FROM_TABLES, refusals, sources
from app.consent import rules
from app.consent.creation.sentences import SENTENCES as CREATION
from app.consent.laws import cite
from app.consent.reason import Reason
from app.consent.signing.sentences import SENTENCES as SIGNING
from app.identity.errors import TokenErrorCode
from app.log import LOG_KEYS
from app.main import create_app
from app.routers.json_text import TEXT_CODES
from app.routers.problems import CODES
from app.routers.type_flaws import TYPE_CODES
from app.settings import Settings
from app.vocabulary import SCOPES_OF_ROLE, Element, Role, Scope
from tests.api.edge import ask
from tests.docs.reading import ROOT, page, pages

ERRORS, RULES, OPERATIONS = page("docs/errors.md"), page("docs/rules.md"), page("docs/operations.md")
ANCHORS = set(re.findall(r'<a id="([a-z0-9_]+)"></a>', ERRORS))


class _Ids(HTMLParser):
    found: list[str]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name == "id" and value]


def _ids(text: str) -> list[str]:
    parser = _Ids()
    parser.found = []
    parser.feed(text)
    return parser.found


def test_generated_pages_equal_the_code() -> None:
    """``python -m app docs`` would change nothing."""
    assert [name for name, text in documents.pages().items() if page(name) != text] == []


def test_check_tells_of_a_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``--check`` writes nothing and fails; without it the pages are written, and then it passes."""
    monkeypatch.setattr(documents, "ROOT", tmp_path)
    assert main(["docs", "--check"]) == 1 and not list(tmp_path.iterdir())
    assert main(["docs"]) == 0 and main(["docs", "--check"]) == 0
    (tmp_path / "docs" / "errors.md").write_text("something else")
    assert main(["docs", "--check"]) == 1


def test_every_code_is_an_anchor_and_every_anchor_a_code() -> None:
    """What the scan of the source finds, the tables and the edge's own list; codes of the command line apart."""
    found = {source.code for source in sources() if source.code} - COMMAND_LINE
    assert found | {*CODES, *TEXT_CODES, *TYPE_CODES, *CREATION, *SIGNING} == ANCHORS
    assert len(re.findall(r"<a id=", ERRORS)) == len(ANCHORS)
    assert {*ADVICE} <= ANCHORS and COMMAND_LINE <= {source.code for source in sources()}
    assert [code for code in COMMAND_LINE if f"`{code}`:" not in ERRORS] == []


def test_a_code_that_is_no_constant_comes_from_a_table() -> None:
    """Elsewhere the scan would miss it."""
    assert {source.module for source in sources() if not source.code} <= FROM_TABLES


@pytest.mark.parametrize(
    ("source", "code", "sentence"),
    [
        ('Flaw("/a", "one", "Say it.")', "one", "Say it."),
        ('def f():\n    detail = "Say it."\n    raise Conflict("two", detail)', "two", "Say it."),
        ('def f(n):\n    raise Forbidden("three", f"Say {n} of it.")', "three", "Say … of it."),
        ('class TooSlow(Problem):\n    def __init__(self):\n        super().__init__("four", "Say.")', "four", "Say."),
        ('def f(table, name):\n    return Flaw("", name, table[name])', "", ""),
    ],
)
def test_scan_reads_a_refusal(source: str, code: str, sentence: str) -> None:
    """Each way in which a refusal is written."""
    assert [(found.code, found.sentence) for found in refusals(source, "x.py")] == [(code, sentence)]


def test_no_other_class_refuses() -> None:
    """A new class of refusal has to be known to the scan."""
    known = {"HeadTooSlow", "Invalid", "NotFound", "TooMany", "TooSlow", "TooLarge", "UriTooLong", *_scanned()}
    for path in APP.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and any(isinstance(b, ast.Name) and b.id in known for b in node.bases):
                assert node.name in known, f"{path.name}: {node.name}"


def _scanned() -> set[str]:
    return {source.kind for source in sources()} | {"Flaw", "Problem"}


def test_token_errors_are_documented() -> None:
    """Every code of the token endpoint."""
    assert set(OAUTH) == set(get_args(TokenErrorCode))
    assert [code for code in OAUTH if f"| `{code}` |" not in ERRORS] == []


def test_type_of_every_problem_resolves() -> None:
    """``/docs/errors`` is served from here, names each code once, and needs nothing else."""
    answer = ask("GET", "/docs/errors")
    assert answer.status_code == 200 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert sorted(_ids(answer.text)) == sorted(ANCHORS)
    address = ask("GET", "/v1/nothing").json()["type"]
    assert address.partition("#")[0] == "/docs/errors" and address.partition("#")[2] in ANCHORS
    assert not re.search(r"<script|<style|style=|src=|https?:", answer.text)


def test_every_rule_and_reason_is_on_the_page() -> None:
    """Rules in their order, each reason, each check's code with its law."""
    order = re.findall(r"^\| `(\w+)` \| [^|]+ \| `", RULES.partition("Then, for")[0], re.MULTILINE)
    assert order == [rule.__name__ for rule in rules.INSTRUMENT_RULES]
    assert [reason.value for reason in Reason if f"`{reason.value}`" not in RULES] == []
    for table in (CREATION, SIGNING):
        assert [code for code, (law, _) in table.items() if f"| `{code}` | {cite(law)} |" not in RULES] == []


def test_matrix_has_every_element_and_role() -> None:
    """One row an element, one column a role of the profile; a role without a column is named as having nothing."""
    matrix = RULES.partition("### What may leave to whom")[2].partition("\n## ")[0]
    header, *rows = re.findall(r"^\| (?!---)(.+) \|$", matrix, re.MULTILINE)
    columns = [name.replace(" ", "_") for name in header.split(" | ")[1:]]
    assert [row.split(" | ")[0].strip("`") for row in rows] == [element.value for element in Element]
    assert {len(row.split(" | ")) for row in rows} == {len(columns) + 1}
    assert {cell for row in rows for cell in row.split(" | ")[1:]} == {"standard", "if named", "–"}
    assert sorted([*columns, *(r.value for r in Role if f"`{r.value}`" in matrix.partition("| element")[0])]) == sorted(
        role.value for role in Role
    )


def test_settings_are_documented_and_the_reverse() -> None:
    """Every variable that app/settings.py reads; its default stands in the table."""
    tree = ast.parse((APP / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    read = {c.args[1].value for c in calls if c.func.id in {"_text", "_number", "_flag"} and _constant(c)}  # type: ignore[attr-defined]  # just checked
    assert {f"THROUGHCARE_{name}" for name in read} == set(re.findall(r"THROUGHCARE_[A-Z_]+", OPERATIONS))
    rows = dict(re.findall(r"^\| `(THROUGHCARE_[A-Z_]+)` \| `([^`]+)` \|", OPERATIONS, re.MULTILINE))
    out_of_the_box = Settings.from_environment({})
    assert rows["THROUGHCARE_DATABASE_URL"] == out_of_the_box.database_url
    assert (rows["THROUGHCARE_KEYS"], rows["THROUGHCARE_HOST"]) == (str(out_of_the_box.keys), out_of_the_box.host)
    assert (rows["THROUGHCARE_SHREDS"], rows["THROUGHCARE_BACKUP_DAYS"]) == (
        str(out_of_the_box.shreds),
        str(out_of_the_box.backup_days),
    )
    assert (rows["THROUGHCARE_PORT"], rows["THROUGHCARE_POOL_SIZE"]) == ("8000", str(out_of_the_box.pool_size))


def _constant(call: ast.Call) -> bool:
    return len(call.args) > 1 and isinstance(call.args[1], ast.Constant)


def _commands(parser: argparse.ArgumentParser, before: str = "") -> set[str]:
    inner = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not inner:
        return {before.strip()}
    return {name for verb, child in inner[0].choices.items() for name in _commands(child, f"{before} {verb}")}


def test_commands_are_documented_and_the_reverse() -> None:
    """Every command and verb of ``python -m app``."""
    parser = argparse.ArgumentParser()
    added = parser.add_subparsers()
    for module in (operate, keys, erase, explain, administer, contract, documents, play):
        module.add(added)
    table = OPERATIONS.partition("\n## Commands\n")[2].partition("\n## ")[0]
    first = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    assert {name for cell in first for name in re.findall(r"`([^`]+)`", cell)} == _commands(parser)
    told = subprocess.run([sys.executable, "-m", "app", "--help"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(re.findall(r"^ {4}([a-z-]+)\b", told.stdout, re.MULTILINE)) == {c.split()[0] for c in _commands(parser)}


def test_scopes_are_documented() -> None:
    """In operations and, by role, in the rules; those that no role uses would be a mistake."""
    assert [scope.value for scope in Scope if f"`{scope.value}`" not in OPERATIONS] == []
    assert {scope for scopes in SCOPES_OF_ROLE.values() for scope in scopes} == set(Scope)
    assert [role.value for role in Role if f"| `{role.value}` |" not in RULES] == []


def test_log_keys_are_documented_and_the_reverse() -> None:
    """The allow-list stands whole in operations."""
    listed = OPERATIONS.partition("Only these keys can be written:")[2].partition("There is none")[0]
    assert set(re.findall(r"`(\w+)`", listed)) == LOG_KEYS


def test_routes_in_the_pages_exist() -> None:
    """A path that a page names is a route of the contract, or one of the documentation's own."""
    served = {*create_app(Settings.from_environment({})).openapi()["paths"], "/docs", "/docs/errors", "/openapi.json"}
    shape = re.compile(r"(?:GET|POST|PATCH) (/[\w./{}-]+)")
    named = {path.rstrip(".") for text in pages().values() for path in shape.findall(text)}
    assert named and named <= served
