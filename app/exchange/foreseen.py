"""What the filings of one commit will ask about their patients, asked once for all of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from app.storage import messages, patients, referrals
from app.storage.database import Row, Transaction
from app.storage.statement import Statement
from app.storage.together import TOGETHER

_TOGETHER: Final = (
    (patients.OWN, patients.OWN_TOGETHER),
    (referrals.FRAMES, referrals.FRAMES_TOGETHER),
    (messages.REPORTS, messages.REPORTS_TOGETHER),
)
"""(what an item asks of its patient, the same of many patients, each row with its ``asked``)."""


class Foreseen:
    """Answers about patients who are held, so that nobody else changes them; to be told of what changes here."""

    def __init__(self, unit: str) -> None:
        self._unit = unit
        self._patients: set[str] = set()
        self._reported: set[str] = set()
        self._rows: dict[Statement, dict[str, list[Row]]] = {}

    async def look(self, tx: Transaction, patients_: Iterable[str]) -> None:
        """Hold those that are this clinic's own patients, in the order of their ids, and ask about all."""
        self._patients = set(patients_)
        named: dict[str, Any] = {f"patient_{place}": one for place, one in enumerate(sorted(self._patients))}
        if len(named) > TOGETHER:
            raise ValueError("more patients than one statement names")
        await tx.all(patients.LOCK_TOGETHER, unit=self._unit, **named)
        for single, together in _TOGETHER:
            found = self._rows[single] = {}
            for row in await tx.all(together, unit=self._unit, **named):
                found.setdefault(row["asked"], []).append(row)

    def answer(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[Row] | None:
        """The rows of this statement, or None if it has to be asked."""
        known = self._rows.get(statement)
        if known is None or values["patient"] not in self._patients or values["unit"] != self._unit:
            return None
        if statement is messages.REPORTS and values["patient"] in self._reported:
            return None
        return known.get(values["patient"], [])

    def holds(self, values: Mapping[str, Any]) -> bool | None:
        """Whether the patient is one of this clinic and held; None for one that was not asked about."""
        own = self.answer(patients.OWN, values)
        return None if own is None else bool(own)

    def reported(self, patient: str) -> None:
        """A message about this patient was added: what is reported has to be asked again."""
        self._reported.add(patient)
