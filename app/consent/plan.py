"""Which items of a permit one page gives, before any content is read: full until the last (design 6)."""

from collections import Counter
from dataclasses import dataclass

from app.consent.ask import Position
from app.consent.slots import CURRENT, Slot, every_slot
from app.consent.verdict import Permit


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots of the page asked for, and where the next page begins, if there is one."""

    slots: tuple[Slot, ...]
    next_after: Position | None


def plan(permit: Permit) -> Plan:
    """The slots of one page, in order: by subject, the current items, then windows from the newest."""
    page, windows = permit.ask.page, Counter[tuple[str, str]]()
    slots: list[Slot] = []
    for slot in every_slot(permit):
        if page.after is not None and _position(slot) <= page.after:
            continue
        if slot.start != CURRENT:
            whose = (slot.party.subject_ref, slot.discloser) if page.each else ("", "")
            if windows[whose] == page.limit:
                if page.each:
                    continue
                return Plan(tuple(slots), _position(slots[-1]))
            windows[whose] += 1
        slots.append(slot)
    return Plan(tuple(slots), None)


def _position(slot: Slot) -> Position:
    """Where a slot stands in the order of ``every_slot``: two disclosers or two grids never share a place."""
    start = -(2**31) if slot.start == CURRENT else -slot.start
    return slot.party.subject_ref, slot.discloser, slot.patient, start, -slot.last
