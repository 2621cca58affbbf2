"""Read only what was granted: one key a granted element, so hidden content is never loaded (design 3)."""

from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain
from typing import Any

from app.consent.ask import Ask
from app.consent.minimise import Cell, Place, Rows
from app.consent.plan import Plan, plan
from app.consent.slots import CURRENT, Slot
from app.consent.verdict import Permit, Refusal
from app.storage.database import Reader, Row
from app.storage.sealing import DataKey, Vault
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import OPEN, day_of

_Want = tuple[str, str, str, str, str, str, int, int, int]
"""patient, discloser, kind, element, case key, scope, lowest and highest sort key, at most so many rows."""


_Target = tuple[str, str, Element, bool, str, int]
"""patient, discloser, element, whether it is the current value, the referral it answers or '', and the first day on
which it may have been stated."""


async def read_rows(reader: Reader, verdicts: Sequence[Permit | Refusal], vault: Vault) -> list[Rows]:
    """The newest row of each granted key. A refusal asks the same statement with no keys: the same work."""
    plans = [plan(verdict) if isinstance(verdict, Permit) else Plan((), None) for verdict in verdicts]
    wants: list[dict[_Want, _Target]] = []
    for verdict, made in zip(verdicts, plans, strict=True):
        wants.append({})
        for slot in made.slots:
            _add(wants[-1], slot, verdict.ask)
    columns = list(zip(*chain.from_iterable(wants), strict=True)) or [()] * 9
    found: list[list[tuple[_Target, Row]]] = [[] for _ in verdicts]
    targets = [(number, target) for number, one in enumerate(wants) for target in one.values()]
    for row in await reader.raw("rows", *columns):
        number, target = targets[row["ord"] - 1]
        found[number].append((target, row))
    return [
        Rows(verdict, made, _newest(own, _keys(verdict, vault)))
        for verdict, made, own in zip(verdicts, plans, found, strict=True)
    ]


def _keys(verdict: Permit | Refusal, vault: Vault) -> Callable[[str], DataKey]:
    """The key of a patient, unwrapped once for this read and forgotten with it."""
    return cache(lambda patient: vault.key_behind(verdict.facts.keys[patient]))


def _newest(found: list[tuple[_Target, Row]], keys: Callable[[str], DataKey]) -> dict[Place, Cell]:
    newest: dict[Place, tuple[int, int, Row]] = {}
    for (patient, discloser, element, current, referral, since), row in found:
        sort_key, seq = row["sort_key"], row["seq"]
        if since and day_of(seq) < since:
            continue
        key = (patient, discloser, element, CURRENT if current else sort_key, referral)
        if key not in newest or newest[key][:2] < (sort_key, seq):
            newest[key] = (sort_key, seq, row)
    return {key: _opened(keys, key, row) for key, (_, _, row) in newest.items()}


def _opened(keys: Callable[[str], DataKey], key: Place, row: Row) -> Cell:
    patient, _, element, *_ = key
    value: Any = keys(patient).open(row["sealed"], patient, row["message_id"], element)
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
            scope = slot.referral
        since = slot.since.get(element, 0)
        low, high = (max(instrument.records_from, since), OPEN) if current else (slot.start, slot.start)
        for case_key in cases:
            want = (slot.patient, slot.discloser, kind, str(element), case_key, scope, low, high, 1)
            wants[want] = (slot.patient, slot.discloser, element, current, slot.referral, since)
