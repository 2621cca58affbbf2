"""Read only what was granted: one key a granted element, so hidden content is never loaded (design 3)."""

from dataclasses import dataclass
from typing import Any

from app.consent.decide import Permit, Refusal
from app.consent.minimise import Cell, Rows
from app.consent.plan import CURRENT, Plan, Slot, plan
from app.storage.database import Reader
from app.storage.sealing import Vault
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import OPEN

_Want = tuple[str, str, str, str, str, str, int, int, int]
"""patient, discloser, kind, element, case key, scope, lowest and highest sort key, at most so many rows."""


@dataclass(frozen=True, slots=True)
class _Target:
    patient: str
    discloser: str
    element: Element
    current: bool


async def read_rows(reader: Reader, verdict: Permit | Refusal, vault: Vault) -> Rows:
    """The newest row of each granted key. A refusal asks the same statement with no keys: the same work."""
    made = plan(verdict) if isinstance(verdict, Permit) else Plan((), None)
    wants: dict[_Want, _Target] = {}
    for slot in made.slots:
        _add(wants, slot, verdict)
    columns = list(zip(*wants, strict=True)) or [()] * 9
    cells: dict[tuple[str, str, Element, int], tuple[tuple[int, int], Cell]] = {}
    targets = list(wants.items())
    for row in await reader.raw("rows", *columns):
        _, target = targets[row["ord"] - 1]
        start = CURRENT if target.current else row["sort_key"]
        key = (target.patient, target.discloser, target.element, start)
        rank = (row["sort_key"], row["seq"])
        if key not in cells or cells[key][0] < rank:
            value: Any = vault.open(row["sealed"], target.patient, row["message_id"], target.element.value)
            cells[key] = rank, (value[0], value[1])
    return Rows(verdict, made, {key: cell for key, (_, cell) in cells.items()})


def _add(wants: dict[_Want, _Target], slot: Slot, verdict: Permit | Refusal) -> None:
    for element, instrument in slot.elements.items():
        current = slot.start == CURRENT
        scope = "" if current else instrument.scope
        if slot.kind is MessageKind.REFERRAL:
            scope = verdict.ask.referral or instrument.referral or ""
        low, high = (instrument.records_from, OPEN) if current else (slot.start, slot.start)
        for case_key in ("", verdict.ask.case or "") if current else ("",):
            want = (slot.patient, slot.discloser, slot.kind.value, element.value, case_key, scope, low, high, 1)
            wants[want] = _Target(slot.patient, slot.discloser, element, current)
