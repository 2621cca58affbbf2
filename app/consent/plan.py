"""Which items a permit gives, before any content is read: one current item, one for each elapsed window.

Every elapsed window on or after ``records_from`` gives an item whether or not anything was filed, so a page is full
until the last and its length tells nothing about what a clinic did (design 6).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

from app.consent.ask import Party, Position
from app.consent.instrument import Instrument
from app.consent.verdict import Finding, Permit
from app.vocabulary import FINEST_ONLY, OUTBOUND, WINDOWED, Element, MessageKind
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


_Told = dict[Element, list[Instrument]]
"""Element -> the instruments under which it may be told, in the order of the record."""


def _all(permit: Permit) -> Iterator[Slot]:
    told: dict[tuple[str, str, str], tuple[Party, _Told]] = {}
    for finding in permit.findings:
        for element, instrument, party in _told(finding, permit):
            key = (party.subject_ref, finding.discloser, finding.patient)
            told.setdefault(key, (party, {}))[1].setdefault(element, []).append(instrument)
    known = Counter(key[:2] for key in told)
    for (reference, discloser, patient), (party, chosen) in sorted(told.items()):
        if known[reference, discloser] > 1:
            continue  # two records of one discloser match one person: never guess, tell of neither
        for kind, current in STATES:
            state = {element: instruments[0] for element, instruments in chosen.items() if element in current}
            if state:
                yield Slot(patient, discloser, party, kind, CURRENT, CURRENT, state)
        for (start, last), elements in _windows(chosen, day_of(permit.at)):
            yield Slot(patient, discloser, party, MessageKind.TREATMENT_STATUS, start, last, elements)


def _told(finding: Finding, permit: Permit) -> Iterator[tuple[Element, Instrument, Party]]:
    """Each choice that the ask is about and whose patient the viewer has a reference of."""
    parties = permit.facts.viewer.parties if permit.facts.viewer is not None else {}
    for element, instruments in finding.choices.items():
        if element in finding.covered or element in WINDOWED:
            for instrument in instruments:
                party = parties.get(instrument.id)
                if party is not None and _asked(element, instrument, permit):
                    yield element, instrument, party


def _asked(element: Element, instrument: Instrument, permit: Permit) -> bool:
    """A read may be narrowed to one referral; an answer to a referral is found by its own key instead."""
    referral = permit.ask.referral
    return referral is None or KINDS[element] is MessageKind.REFERRAL or instrument.referral == referral


def _windows(chosen: _Told, today: int) -> list[tuple[tuple[int, int], dict[Element, Instrument]]]:
    """Each elapsed window that an instrument speaks about, newest first, with the finest steps granted for it."""
    found: dict[tuple[int, int], dict[Element, Instrument]] = {}
    for element in sorted(WINDOWED & chosen.keys()):
        for instrument in chosen[element]:
            if not instrument.scope:
                continue
            grid = Frame.parse(instrument.scope).grid
            for start in grid.elapsed(instrument.records_from, today):
                found.setdefault((start, grid.last_day(start)), {}).setdefault(element, instrument)
    for elements in found.values():
        for ladder in FINEST_ONLY:
            for coarser in [step for step in ladder if step in elements][1:]:
                del elements[coarser]
    return sorted(found.items(), key=lambda window: (-window[0][0], -window[0][1]))
