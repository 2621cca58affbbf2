"""What the consents of two records both allow: the rest is taken back when the records become one (case 49).

An element that one of them names and the other covers by a finer one stays; the finer one goes, and nothing is left of
it. A date that ends one of two consents ends both, be it by expiry, by a later consent in its place or by a revocation
that waits for it; an event that does ends that one alone.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from app.consent.clocks import FOREVER, in_force_from
from app.consent.instrument import Grant, Instrument, Revocation
from app.consent.taken import takes, touches
from app.exchange.authenticate import Caller
from app.exchange.consent_state import events_of, left, loaded, state_of
from app.exchange.hub import Hub
from app.storage import consents
from app.storage.database import Reader
from app.vocabulary import COVERS, JUSTICE_ROLES, CaseEvent, ConsentState, Element


class Standing(NamedTuple):
    """A live consent of a record, what is left of its grants to justice, a purpose each, and the events of its case."""

    instrument: Instrument
    grants: tuple[Grant, ...]
    events: Mapping[CaseEvent, int]


async def beyond(
    tx: Reader, hub: Hub, caller: Caller, sides: tuple[list[str], list[str]], at: int
) -> list[tuple[str, Revocation]]:
    """(consent, what is to be taken back of it): what the records of the other side do not allow as well.

    A record without a live consent to justice says nothing about what its person wants: it takes nothing.
    """
    standing = {record: await _standing(tx, hub, caller, record, at) for side in sides for record in side}
    found = []
    for own, others in (sides, sides[::-1]):
        compared = [standing[other] for other in others if standing[other]]
        for one in (one for record in own for one in standing[record]):
            found += [(one.instrument.id, taken) for taken in _taken(one, compared, at)]
    return found


async def _standing(tx: Reader, hub: Hub, caller: Caller, record: str, at: int) -> list[Standing]:
    found = []
    for row in await tx.all(consents.OF_PATIENT, patient=record, unit=caller.unit):
        instrument = await loaded(tx, row)
        state = await state_of(tx, row, instrument, at, hub.profiles[caller.profile])
        if instrument is not None and state is ConsentState.ACTIVE:
            events = await events_of(tx, row["case_key"])
            own = tuple(grant for grant in left(instrument, events, at) if grant.role in JUSTICE_ROLES)
            found += [Standing(instrument, own, events)] if own else []
    return found


def _taken(one: Standing, compared: list[list[Standing]], at: int) -> Iterator[Revocation]:
    """From when on which named elements are not allowed by every record of the other side as well."""
    for grant in one.grants:
        ends: dict[int, set[Element]] = {}
        for element in grant.elements:
            own_end = _end(one, grant, element)
            until = min((_until(element, grant, one, other, at) for other in compared), default=own_end)
            if until < own_end:
                ends.setdefault(until, set()).add(element)
        for when, elements in sorted(ends.items()):
            yield Revocation(when, grant.unit, frozenset(elements), grant.purposes, role=grant.role, by_merge=True)


def _until(element: Element, grant: Grant, one: Standing, other: list[Standing], at: int) -> int:
    """Until when the other record allows what a grant names, to everybody whom the grant reaches; ``at`` if not now.

    A consent that begins when another one ends goes on for it.
    """
    spans = [
        (standing.instrument.effective_from, _end(standing, theirs, named))
        for standing in other
        if standing.instrument.case == one.instrument.case
        for theirs in standing.grants
        if _same(grant, theirs)
        for named in theirs.elements
        if element in COVERS[named]
    ]
    until = at
    while later := [end for start, end in spans if start <= until < end]:
        until = max(later)
    return until


def _end(standing: Standing, grant: Grant, element: Element) -> int:
    """By which date a grant of a consent no longer gives an element that it names; no event is foreseen."""
    instrument = standing.instrument
    dates = [instrument.expiry.at, instrument.superseded_at]
    dates += [
        in_force_from(instrument, revocation, standing.events)
        for revocation in instrument.revocations
        if takes(revocation, element) and any(touches(revocation, grant, purpose) for purpose in grant.purposes)
    ]
    return min((date for date in dates if date is not None), default=FOREVER)


def _same(grant: Grant, other: Grant) -> bool:
    """Whether what ``other`` allows reaches everybody whom ``grant`` reaches, for its purpose."""
    named = grant.unit == other.unit and grant.role is other.role and grant.purposes <= other.purposes
    return named and other.person in (None, grant.person)
