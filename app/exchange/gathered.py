"""Writes of filings that nobody waits for, gathered to be sent together: one round trip for each kind of them."""

from collections.abc import Mapping
from typing import Any, Final

from app.storage import messages
from app.storage.database import Transaction
from app.storage.statement import Statement

_ORDER: Final = (messages.ADD, messages.FORGET_STATE, messages.BURY_WINDOW, messages.ADD_ROW)
"""The message before its rows, and what is current leaves before what takes its place."""

_Key = tuple[str, str, str, int]


class Gathered:
    """Writes in any number of the kinds that it takes; it does not change what they do when each is run in its turn."""

    def __init__(self) -> None:
        self._runs: dict[Statement, list[Mapping[str, Any]]] = {statement: [] for statement in _ORDER}
        self._places: set[_Key] = set()
        self._identifiers: set[str] = set()

    def __bool__(self) -> bool:
        return any(self._runs.values())

    @staticmethod
    def takes(statement: Statement) -> bool:
        """Whether it is a write of such a kind."""
        return statement in _ORDER

    def collides(self, statement: Statement, values: Mapping[str, Any]) -> bool:
        """Whether it takes away rows that are only gathered so far: those have to be written first."""
        if statement is messages.FORGET_STATE:
            return (values["patient"], values["unit"], "", 0) in self._places
        if statement is messages.BURY_WINDOW:
            return (values["patient"], values["unit"], values["scope"], values["start"]) in self._places
        return False

    def names(self, identifier: str) -> bool:
        """Whether a message of this identifier (its blind index) is among them."""
        return identifier in self._identifiers

    def run(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """One more."""
        self._runs[statement].append(values)
        if statement is messages.ADD_ROW:
            scope, day = values["scope"], values["sort_key"]
            self._places.add((values["patient_id"], values["unit_id"], scope, day if scope else 0))
        if statement is messages.ADD and values.get("identifier_index") is not None:
            self._identifiers.add(values["identifier_index"])

    def add(self, later: "Gathered") -> None:
        """All of another as well."""
        for statement, runs in later._runs.items():
            self._runs[statement] += runs
        self._places |= later._places
        self._identifiers |= later._identifiers

    async def write(self, tx: Transaction) -> None:
        """Send them and begin anew."""
        for statement, runs in self._runs.items():
            if runs:
                self._runs[statement] = []
                await tx.run_each(statement, runs)
        self._places.clear()
        self._identifiers.clear()
