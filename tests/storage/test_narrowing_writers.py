"""Every module that narrows an answer is in the one table of such writers, and none is there that does not."""

import ast
import importlib.util

import pytest

from app.storage.gate import NARROWING_WRITERS
from app.storage.statement import Statement
from tests.service import ROOT

MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text()
    for path in sorted((ROOT / "app" / "exchange").rglob("*.py"))
}


def narrows(source: str) -> bool:
    """Whether the source calls ``<something>.narrow(…)``."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == "narrow" for call in calls)


def used(source: str) -> set[tuple[str, str]]:
    """The (module, statement) pairs of ``app.storage`` that a source names, such as ("consents", "SUPERSEDE")."""
    nodes = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute))
    return {(node.value.id, node.attr) for node in nodes if isinstance(node.value, ast.Name)}


NARROWING = {
    ("consents", "ADD_REVOCATION"): "the patient takes something back",
    ("consents", "ACTIVATE"): "a signed consent may supersede another",
    ("consents", "SUPERSEDE"): "an earlier consent ends",
    ("suspensions", "SUSPEND"): "a consent is in doubt",
    ("suspensions", "ENTER_IN_ERROR"): "there never was a consent",
    ("cases", "ADD_EVENT"): "an event of a case ends what was bound to it",
    ("assignments", "ADD"): "only who is assigned reads in a case",
    ("assignments", "END"): "somebody, or the unit, reads in a case no more",
    ("merges", "ADD"): "what only one of two records allows is taken back",
    ("merges", "UNDO"): "what one record said in the other's cases is not read there any more",
    ("messages", "SUPERSEDE"): "a correction takes the place of what was filed",
    ("court_orders", "END"): "an order of a court is vacated",
    ("court_orders", "UNSEAT"): "an order was of another person",
    ("consents", "CLOSE_ALL"): "nothing is left under an order",
    ("restrictions", "CHANGE"): "a restriction is agreed to",
    ("transfers", "CANCEL"): "the sender takes back a transfer that nobody fetched",
    ("erasure", "ROWS"): "a patient is erased, and with them what could be read",
    ("erasure", "RECIPIENTS"): "what an erased patient allowed is allowed to nobody",
    ("registry", "RETIRE_KEY"): "a client's key ends",
    ("registry", "SUSPEND_CLIENT"): "a client is suspended",
    ("registry", "SUSPEND_UNIT"): "a unit is suspended",
    ("registry", "SUSPEND_AGENCY"): "an agency is suspended",
    ("registry", "CLOSE_UNIT"): "a unit closes",
    ("registry", "SET_PROFILE"): "a unit comes under another law",
}
"""Statements that can narrow an answer. A new one belongs here, and its module then has to bump the gate."""


def test_each_writer_that_narrows_is_listed() -> None:
    assert {name for name, source in MODULES.items() if narrows(source)} == set(NARROWING_WRITERS.values())


@pytest.mark.parametrize("name", sorted(set(NARROWING_WRITERS.values())))
def test_each_listed_writer_exists_and_narrows(name: str) -> None:
    assert importlib.util.find_spec(name) is not None
    assert narrows(MODULES[name])


@pytest.mark.parametrize("statement", sorted(NARROWING))
def test_who_runs_a_narrowing_statement_bumps_the_gate(statement: tuple[str, str]) -> None:
    """A write that changes what a decision reads and forgets the gate would let a release of before commit after it."""
    module, name = statement
    storage = importlib.import_module(f"app.storage.{module}")
    assert isinstance(getattr(storage, name), Statement), "the table above names a statement that is gone"
    users = [other for other, source in MODULES.items() if statement in used(source)]
    assert users
    assert [other for other in users if not narrows(MODULES[other])] == []


def test_the_scan_sees_a_writer_that_forgot() -> None:
    forgot = "async def f(tx):\n    await tx.run(consents.ADD_REVOCATION, id=1)\n"
    assert ("consents", "ADD_REVOCATION") in used(forgot)
    assert not narrows(forgot)
    assert narrows(forgot + "    await tx.narrow([key])\n")
    assert not narrows("async def f(hub):\n    return await narrow(hub, flow)\n")
