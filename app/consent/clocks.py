"""When an instrument begins, ends and can be taken back: computed from stored instants, never a status."""

from collections.abc import Mapping

from app.consent.ask import Facts
from app.consent.instrument import Instant, Instrument, Revocation
from app.vocabulary import CaseEvent

FOREVER: Instant = 2**62
"""After every instant that a clock can name."""


def ends_at(instrument: Instrument, facts: Facts) -> Instant:
    """When the instrument expires given the case events known; a missing end (tpo) is the far future."""
    fired = instrument.expiry.fires(facts.events)
    return fired if fired is not None else FOREVER


def in_force_from(instrument: Instrument, revocation: Revocation, events: Mapping[CaseEvent, Instant]) -> Instant:
    """42 CFR 2.31(a)(6), 2.35(c): at once, or from ``revocable_from`` on where the instrument says so.

    What a merge takes, the patient did not revoke: it was never given for both records (domain rules, case 49).
    """
    if instrument.revocable_from is None or revocation.by_merge:
        return revocation.requested_at
    opens = instrument.revocable_from.fires(events)
    return max(revocation.requested_at, opens if opens is not None else FOREVER)


def valid_until(facts: Facts) -> Instant:
    """The earliest instant after ``facts.at`` at which a stored clock could change the verdict."""
    return min([_next(instrument, facts) for instrument in facts.instruments], default=FOREVER)


def _next(instrument: Instrument, facts: Facts) -> Instant:
    """The next instant of this instrument's own clocks."""
    at, soonest = facts.at, FOREVER
    try:
        if at < instrument.effective_from:
            soonest = instrument.effective_from
        if at < ends_at(instrument, facts):
            soonest = min(soonest, ends_at(instrument, facts))
        if instrument.superseded_at is not None and at < instrument.superseded_at:
            soonest = min(soonest, instrument.superseded_at)
        if instrument.represented_until is not None and at < instrument.represented_until:
            soonest = min(soonest, instrument.represented_until)
        for revocation in instrument.revocations:
            starts = in_force_from(instrument, revocation, facts.events)
            soonest = min(soonest, starts) if at < starts else soonest
    except Exception:  # an instrument that cannot be read forbids, whatever the time
        return FOREVER
    return soonest
