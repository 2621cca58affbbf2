"""Read only what was granted: one key a granted element, so hidden content is never loaded (design 3)."""

from typing import Any

from app.consent.ask import Ask
from app.consent.minimise import Cell, Rows
from app.consent.plan import CURRENT, Plan, Slot, plan
from app.consent.verdict import Permit, Refusal
from app.storage.database import Reader, Row
from app.storage.sealing import Vault
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import OPEN

_Want = tuple[str, str, str, str, str, str, int, int, int]
"""patient, discloser, kind, element, case key, scope, lowest and highest sort key, at most so many rows."""


_Target = tuple[str, str, Element, bool]
"""patient, discloser, element, whether it is the current value."""


async def read_rows(reader: Reader, verdict: Permit | Refusal, vault: Vault) -> Rows:
    """The newest row of each granted key. A refusal asks the same statement with no keys: the same work."""
    made = plan(verdict) if isinstance(verdict, Permit) else Plan((), None)
    wants: dict[_Want, _Target] = {}
    for slot in made.slots:
        _add(wants, slot, verdict.ask)
    columns = list(zip(*wants, strict=True)) or [()] * 9
    newest: dict[tuple[str, str, Element, int], tuple[int, int, Row]] = {}
    targets = list(wants.values())
    for row in await reader.raw("rows", *columns):
        patient, discloser, element, current = targets[row["ord"] - 1]
        sort_key, seq = row["sort_key"], row["seq"]
        key = (patient, discloser, element, CURRENT if current else sort_key)
        if key not in newest or newest[key][:2] < (sort_key, seq):
            newest[key] = (sort_key, seq, row)
    return Rows(verdict, made, {key: _opened(vault, key, row) for key, (_, _, row) in newest.items()})


def _opened(vault: Vault, key: tuple[str, str, Element, int], row: Row) -> Cell:
    patient, _, element, _ = key
    value: Any = vault.open(row["sealed"], patient, row["message_id"], element)
    return value[0], value[1]


def _cases(slot: Slot, ask: Ask) -> tuple[str, ...]:
    """Under which case keys a slot's rows stand: a window has its frame, an enrolment is settled case by case."""
    if slot.start != CURRENT:
        return ("",)
    own = ask.case or ""
    return (own,) if slot.kind is MessageKind.TREATMENT_STATUS else ("", own)


def _add(wants: dict[_Want, _Target], slot: Slot, ask: Ask) -> None:
    current, kind = slot.start == CURRENT, str(slot.kind)
    cases = _cases(slot, ask)
    for element, instrument in slot.elements.items():
        scope = "" if current else instrument.scope
        if slot.kind is MessageKind.REFERRAL:
            scope = ask.referral or instrument.referral or ""
        low, high = (instrument.records_from, OPEN) if current else (slot.start, slot.start)
        for case_key in cases:
            want = (slot.patient, slot.discloser, kind, str(element), case_key, scope, low, high, 1)
            wants[want] = (slot.patient, slot.discloser, element, current)
