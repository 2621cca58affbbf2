"""Which items there can be: of each record a current one of each kind, and one for each elapsed window.

Every elapsed window on or after ``records_from`` gives an item whether or not anything was filed, so that their number
tells nothing about what a clinic did (design 6).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple

from app.consent.ask import Party
from app.consent.instrument import Instrument
from app.consent.rules import common
from app.consent.verdict import Permit
from app.vocabulary import FINEST_ONLY, OUTBOUND, WINDOWED, Element, MessageKind
from app.vocabulary.calendar import Frame, day_of
from app.vocabulary.elements import kind_of

CURRENT = 0
OF_REFERRAL: Final = frozenset(element for element in Element if kind_of(element) is MessageKind.REFERRAL)
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
    referral: str = ""
    """Whose answer it is, of kind referral; else ''."""


_Told = list[tuple[Instrument, frozenset[Element]]]
"""The instruments under which something may be told, each with what, in the order of the record."""


def ambiguous(permit: Permit) -> bool:
    """Whether two records of one discloser match one person, so that neither is told of and somebody has to look."""
    if len(permit.findings) < 2:
        return False
    told = _by_record(permit)
    return len({key[:2] for key in told}) < len(told)


def _by_record(permit: Permit) -> dict[tuple[str, str, str], tuple[Party, _Told]]:
    """(subject reference, discloser, patient) -> what may be told, of patients whom the viewer has a reference of."""
    told: dict[tuple[str, str, str], tuple[Party, _Told]] = {}
    parties = permit.facts.viewer.parties if permit.facts.viewer is not None else {}
    for finding in permit.findings:
        for instrument, covered in finding.choices:
            party, elements = parties.get(instrument.id), _asked(covered, instrument, permit)
            if party is not None and elements:
                key = (party.subject_ref, finding.discloser, finding.patient)
                told.setdefault(key, (party, []))[1].append((instrument, elements))
    return told


def _asked(elements: frozenset[Element], instrument: Instrument, permit: Permit) -> frozenset[Element]:
    """A read may be narrowed to one referral; an answer to a referral is found by its own key instead."""
    referral = permit.ask.referral
    own = referral is None or instrument.referral == referral
    return elements if own else common(elements, OF_REFERRAL)


def every_slot(permit: Permit) -> Iterator[Slot]:
    """The slots of all pages, in order."""
    told = _by_record(permit)
    known = Counter(key[:2] for key in told)
    for (reference, discloser, patient), (party, chosen) in sorted(told.items(), key=itemgetter(0)):
        if known[reference, discloser] > 1:
            continue  # two records of one discloser match one person: never guess, tell of neither
        for kind, current in STATES:
            for referral, told_of in _by_referral(chosen, permit.ask.referral, kind).items():
                state = _first(told_of, current)
                if state:
                    yield Slot(patient, discloser, party, kind, CURRENT, CURRENT, state, referral)
        for (start, last), elements in _windows(chosen, day_of(permit.at)):
            yield Slot(patient, discloser, party, MessageKind.TREATMENT_STATUS, start, last, elements)


def _by_referral(chosen: _Told, asked: str | None, kind: MessageKind) -> Mapping[str, _Told]:
    """Each answer to a referral stands alone, under the instruments of that referral; any other kind under all."""
    if kind is not MessageKind.REFERRAL:
        return {"": chosen}
    found: dict[str, _Told] = {}
    for instrument, elements in chosen:
        found.setdefault(asked or instrument.referral or "", []).append((instrument, elements))
    return found


def _first(chosen: _Told, of: frozenset[Element]) -> dict[Element, Instrument]:
    """Each of these elements that may be told, under the first instrument in order."""
    found: dict[Element, Instrument] = {}
    for instrument, elements in reversed(chosen):
        found.update(dict.fromkeys(common(elements, of), instrument))
    return found


def _windows(chosen: _Told, today: int) -> Iterator[tuple[tuple[int, int], Mapping[Element, Instrument]]]:
    """Each elapsed window that an instrument speaks about, newest first, with the finest steps granted for it."""
    speaking: dict[tuple[int, int], tuple[int, ...]] = {}
    for number, (instrument, elements) in enumerate(chosen):
        if instrument.scope and not elements.isdisjoint(WINDOWED):
            for span in _elapsed(instrument.scope, instrument.records_from, today):
                speaking[span] = (*speaking.get(span, ()), number)
    # Most windows have the same instruments speak about them: what leaves is put together once for all of those.
    given = {numbers: _finest([chosen[number] for number in numbers]) for numbers in set(speaking.values())}
    for span in sorted(speaking, key=lambda span: (-span[0], -span[1])):
        yield span, given[speaking[span]]


def _finest(chosen: _Told) -> dict[Element, Instrument]:
    elements = _first(chosen, WINDOWED)
    for ladder in FINEST_ONLY:
        for coarser in [step for step in ladder if step in elements][1:]:
            del elements[coarser]
    return elements


@lru_cache(maxsize=1024)
def _elapsed(scope: str, records_from: int, today: int) -> tuple[tuple[int, int], ...]:
    """First and last day of each window of a frame that is over."""
    grid = Frame.parse(scope).grid
    return tuple((start, grid.last_day(start)) for start in grid.elapsed(records_from, today))
