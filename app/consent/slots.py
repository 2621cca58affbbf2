"""Which items there can be: of each record a current one of each kind, and one for each elapsed window.

Every elapsed window on or after ``records_from`` gives an item whether or not anything was filed, so that their number
tells nothing about what a clinic did (design 6).
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from operator import itemgetter
from typing import Final, NamedTuple

from app.consent.ask import Party
from app.consent.instrument import Instrument
from app.consent.restricting import ALWAYS, Since, binds, spoken_since
from app.consent.rules import common
from app.consent.told import Told, first, windows
from app.consent.verdict import Permit
from app.vocabulary import OUTBOUND, WINDOWED, Element, MessageKind
from app.vocabulary.calendar import day_of
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
    since: Since = ALWAYS
    """Of a current item: an element's value speaks only if it was stated on or after this day, for the first time."""


def ambiguous(permit: Permit) -> bool:
    """Whether two records of one discloser match one person, so that neither is told of and somebody has to look."""
    if len(permit.findings) < 2:
        return False
    told = _by_record(permit)
    return len({key[:2] for key in told}) < len(told)


def _by_record(permit: Permit) -> dict[tuple[str, str, str], tuple[Party, Told]]:
    """(subject reference, discloser, patient) -> what may be told, of patients whom the viewer has a reference of."""
    told: dict[tuple[str, str, str], tuple[Party, Told]] = {}
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
        since = spoken_since(permit.facts, patient) if permit.facts.restrictions else ALWAYS
        if since:  # what a court ordered is told whole, so it goes before what is told in part
            chosen.sort(key=lambda one: binds(one[0]))
        for kind, current in STATES:
            for referral, told_of in _by_referral(chosen, permit.ask.referral, kind).items():
                state = first(told_of, current)
                if state:
                    bound = _bound(state, since) if since else ALWAYS
                    yield Slot(patient, discloser, party, kind, CURRENT, CURRENT, state, referral, bound)
        for (start, last), elements in windows(chosen, day_of(permit.at), since):
            yield Slot(patient, discloser, party, MessageKind.TREATMENT_STATUS, start, last, elements)


def _by_referral(chosen: Told, asked: str | None, kind: MessageKind) -> Mapping[str, Told]:
    """Each answer to a referral stands alone, under the instruments of that referral; any other kind under all."""
    if kind is not MessageKind.REFERRAL:
        return {"": chosen}
    found: dict[str, Told] = {}
    for instrument, elements in chosen:
        found.setdefault(asked or instrument.referral or "", []).append((instrument, elements))
    return found


def _bound(state: Mapping[Element, Instrument], since: Since) -> Since:
    return {element: since[element] for element, one in state.items() if element in since and binds(one)}
