"""The state of a consent, computed from stored instants: no job is needed for a consent to end (domain rules 5.1)."""

from collections.abc import Iterable, Mapping
from typing import Final

from app.consent.clocks import FOREVER, in_force_from
from app.consent.instrument import Grant, Instrument
from app.consent.profile import Profile
from app.consent.taken import remaining
from app.storage import cases, consents
from app.storage.database import Reader, Row
from app.storage.instruments import load
from app.vocabulary import CaseEvent, ConsentState

DAY_US: Final = 86_400_000_000


async def loaded(reader: Reader, row: Row) -> Instrument | None:
    """The instrument of a consent row once it was activated, with its revocations."""
    if row["facts"] is None:
        return None
    taken = await reader.all(consents.REVOCATIONS, consent=row["id"])
    state = (row["superseded_at"], row["suspended"], row["entered_in_error"])
    revocations = tuple((r["requested_at"], r["selection"]) for r in taken)
    return load(row["id"], row["patient_id"], row["unit_id"], row["facts"], row["version"], state, revocations)


async def events_of(reader: Reader, case_key: str | None) -> dict[CaseEvent, int]:
    """The effective events of a case: code -> the first instant it occurred."""
    if case_key is None:
        return {}
    return earliest(await reader.all(cases.EVENTS, key=case_key))


def earliest(events: Iterable[Row]) -> dict[CaseEvent, int]:
    """Of reported events: code -> the first instant it occurred."""
    found: dict[CaseEvent, int] = {}
    for row in events:
        code = CaseEvent(row["code"])
        found[code] = min(row["occurred_at"], found.get(code, row["occurred_at"]))
    return found


async def state_of(reader: Reader, row: Row, instrument: Instrument | None, now: int, profile: Profile) -> ConsentState:
    """Where two clocks fire at one instant the state is ``expired``."""
    if instrument is None:
        if row["entered_in_error"]:
            return ConsentState.ENTERED_IN_ERROR
        if row["declined_at"] is not None:
            return ConsentState.REFUSED
        ttl = int(profile.settings["proposal_ttl_days"]) * DAY_US
        return ConsentState.EXPIRED if now >= row["created_at"] + ttl else ConsentState.PROPOSED
    events = await events_of(reader, row["case_key"])
    if instrument.entered_in_error:
        return ConsentState.ENTERED_IN_ERROR
    ends = instrument.expiry.fires(events)
    revoked = whole_revocation(instrument, events)
    superseded = instrument.superseded_at
    if ends is not None and now >= ends and ends <= min(revoked or ends, superseded or ends):
        return ConsentState.EXPIRED
    if revoked is not None and now >= revoked:
        return ConsentState.REVOKED
    if superseded is not None and now >= superseded:
        return ConsentState.SUPERSEDED
    return ConsentState.ACTIVE


def left(instrument: Instrument, events: Mapping[CaseEvent, int], now: int) -> tuple[Grant, ...]:
    """What the revocations in force leave of an instrument's grants, a purpose each."""
    return tuple(
        Grant(grant.unit, grant.role, frozenset({purpose}), elements, grant.person)
        for grant in instrument.grants
        for purpose in sorted(grant.purposes)
        if (elements := remaining(grant, purpose, instrument, events, now))
    )


def whole_revocation(instrument: Instrument, events: Mapping[CaseEvent, int]) -> int | None:
    """The instant from which nothing of the instrument is left, if its revocations take everything."""
    instants = (in_force_from(instrument, revocation, events) for revocation in instrument.revocations)
    return next((at for at in sorted(instants) if at < FOREVER and not left(instrument, events, at)), None)
