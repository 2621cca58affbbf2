"""Which items a permit gives, before any content is read: one current item, one for each elapsed window.

Every elapsed window on or after ``records_from`` gives an item whether or not anything was filed, so a page is full
until the last and its length tells nothing about what a clinic did (design 6).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from app.consent.ask import Party, Position
from app.consent.instrument import Instrument
from app.consent.verdict import Finding, Permit
from app.vocabulary import OUTBOUND, WINDOWED, Element, MessageKind
from app.vocabulary.calendar import Frame, day_of
from app.vocabulary.elements import kind_of

CURRENT = 0
KINDS: Final = MappingProxyType({element: kind_of(element) for element in Element})
STATES: Final = tuple((kind, OUTBOUND[kind] - WINDOWED) for kind in MessageKind)
"""Kind of message -> its elements that have one current value."""


class Slot(NamedTuple):
    """One item to be: about whom, of which kind, which window (``CURRENT`` for state-like), under what."""

    patient: str
    discloser: str
    party: Party
    kind: MessageKind
    start: int
    last: int
    elements: Mapping[Element, Instrument]


@dataclass(frozen=True, slots=True)
class Plan:
    """The slots of the page asked for, and where the next page begins, if there is one."""

    slots: tuple[Slot, ...]
    next_after: Position | None


def plan(permit: Permit) -> Plan:
    """The slots of one page, in order: by subject, the current items, then windows from the newest."""
    page, windows = permit.ask.page, 0
    slots: list[Slot] = []
    for slot in _all(permit):
        if page.after is not None and _position(slot) <= page.after:
            continue
        if slot.start != CURRENT:
            if windows == page.limit:
                return Plan(tuple(slots), _position(slots[-1]))
            windows += 1
        slots.append(slot)
    return Plan(tuple(slots), None)


def _position(slot: Slot) -> Position:
    """Where a slot stands in the order of ``_all``: two disclosers or two grids never share a place."""
    start = -(2**31) if slot.start == CURRENT else -slot.start
    return slot.party.subject_ref, slot.discloser, slot.patient, start, -slot.last


def _all(permit: Permit) -> Iterator[Slot]:
    viewer = permit.facts.viewer
    if viewer is None:
        return
    told: dict[tuple[str, str, str], tuple[Finding, Party, dict[Element, Instrument]]] = {}
    for finding in permit.findings:
        for element, instrument in finding.covered.items():
            party = viewer.parties.get(instrument.id)
            if party is not None and _asked(element, instrument, permit):
                key = (party.subject_ref, finding.discloser, finding.patient)
                told.setdefault(key, (finding, party, {}))[2][element] = instrument
    for _, (finding, party, covered) in sorted(told.items()):
        for kind, current in STATES:
            state = {element: instrument for element, instrument in covered.items() if element in current}
            if state:
                yield Slot(finding.patient, finding.discloser, party, kind, CURRENT, CURRENT, state)
        yield from _windows(finding, covered, party, day_of(permit.at))


def _asked(element: Element, instrument: Instrument, permit: Permit) -> bool:
    """A read may be narrowed to one referral; an answer to a referral is found by its own key instead."""
    referral = permit.ask.referral
    return referral is None or KINDS[element] is MessageKind.REFERRAL or instrument.referral == referral


def _windows(finding: Finding, covered: Mapping[Element, Instrument], party: Party, today: int) -> list[Slot]:
    found: dict[tuple[int, int], dict[Element, Instrument]] = {}
    for element in sorted(WINDOWED & covered.keys()):
        instrument = covered[element]
        if not instrument.scope:
            continue
        grid = Frame.parse(instrument.scope).grid
        for start in grid.elapsed(instrument.records_from, today):
            found.setdefault((start, grid.last_day(start)), {})[element] = instrument
    kind = MessageKind.TREATMENT_STATUS
    spans = sorted(found, key=lambda span: (-span[0], -span[1]))
    return [Slot(finding.patient, finding.discloser, party, kind, *span, found[span]) for span in spans]
