"""When: end, beginning, revocability and the reach back into the record (42 CFR 2.31(a)(7), (9), 2.35(b), (c))."""

from collections.abc import Iterator
from typing import Final

from app.consent.creation.form import Form
from app.consent.creation.sentences import flaw
from app.consent.instrument import Instant
from app.consent.local_time import NONE, Edge, end_of_day, local_day, read, start_of_day, zone_of
from app.consent.proposal import ClockOnForm
from app.errors import Flaw
from app.vocabulary import CaseEvent, ConsentKind

FROM_CLOCK: Final = "from_clock"
"""Revocation rule of a kind that may state from when it can be revoked (42 CFR 2.35(c))."""

ENDING: Final = frozenset(CaseEvent) - {CaseEvent.ASSIGNMENT_ENDED}
"""Events that a form may name; the end of an assignment is the recipient's affair, not the patient's."""


def time_zone(form: Form) -> Iterator[Flaw]:
    """A plain date needs a place: an IANA zone."""
    try:
        zone_of(form.proposal.time_zone or form.world.time_zone)
    except ValueError:
        yield flaw("/time_zone", "time_zone_unknown")


def expiry(form: Form) -> Iterator[Flaw]:
    """2.31(a)(7): a date, or an event with a latest date; no end for treatment, payment and operations alone."""
    clock = form.proposal.expiry
    if clock is None or (clock.at is None and clock.event is None):
        yield flaw("/expiry", "expiry_missing")
        return
    endless = clock.at == NONE and form.kind is not None and form.kind is not ConsentKind.TPO
    if endless and clock.event is None:
        yield flaw("/expiry/at", "expiry_none_only_for_tpo")
    if clock.event is not None and (clock.at is None or endless):
        yield flaw("/expiry/at", "expiry_backstop_missing")
    ends = _instant(form, clock.at, end_of_day)
    if ends is None:
        if clock.at not in (None, NONE):
            yield flaw("/expiry/at", "expiry_invalid")
        return
    begins = _instant(form, form.proposal.effective_from, start_of_day)
    if ends <= max(form.world.now, begins or 0):
        yield flaw("/expiry/at", "expiry_past")
    last = form.referral.end_date if form.referral is not None else None
    if last is not None and local_day(ends - 1, form.zone) > last:
        yield flaw("/expiry/at", "exceeds_measure")


def ending_event(form: Form) -> Iterator[Flaw]:
    """2.31(a)(7): an event of the case that the form is of, and one that is still to come."""
    event = form.proposal.expiry.event if form.proposal.expiry is not None else None
    if event is None:
        return
    if event not in ENDING:
        yield flaw("/expiry/event", "expiry_event_unknown")
    elif form.caseless or not (form.proposal.referral_id or form.owes_case):
        yield flaw("/expiry/event", "expiry_event_without_case")
    elif form.referral is not None and event in form.referral.happened:
        yield flaw("/expiry/event", "expiry_event_past")


def revocable_from(form: Form) -> Iterator[Flaw]:
    """2.35(c): stated, and no later than the day of final disposition; any other kind is revocable at any time."""
    clock = form.proposal.revocable_from
    if form.rule is None:
        return
    if form.rule.revocation != FROM_CLOCK:
        if clock is not None:
            yield flaw("/revocable_from", "revocable_from_unexpected")
    elif clock is None or (clock.at in (None, NONE) and clock.event is None):
        yield flaw("/revocable_from", "revocable_from_missing")
    else:
        yield from _opening(form, clock)


def _opening(form: Form, clock: ClockOnForm) -> Iterator[Flaw]:
    if clock.event is not None and clock.event not in ENDING:
        yield flaw("/revocable_from/event", "revocable_from_event_unknown")
    if clock.at in (None, NONE):
        yield flaw("/revocable_from/at", "revocable_from_backstop_missing")
        return
    opens = _instant(form, clock.at, start_of_day)
    due = form.referral.final_disposition_due if form.referral is not None else None
    if opens is None:
        yield flaw("/revocable_from/at", "revocable_from_invalid")
    elif due is not None and clock.event != CaseEvent.FINAL_DISPOSITION and local_day(opens, form.zone) > due:
        yield flaw("/revocable_from/at", "revocable_from_after_final_disposition")


def duration(form: Form) -> Iterator[Flaw]:
    """2.35(b): the length must be reasonable, so the form says why it is."""
    bound = form.rule is not None and form.rule.needs_condition
    if bound and not (form.proposal.duration_rationale or "").strip():
        yield flaw("/duration_rationale", "duration_rationale_missing")


def beginning(form: Form) -> Iterator[Flaw]:
    """2.31(a)(9): a consent may begin later than today, never earlier."""
    begins = _instant(form, form.proposal.effective_from, start_of_day)
    if form.proposal.effective_from is not None and begins is None:
        yield flaw("/effective_from", "effective_from_invalid")
    elif begins is not None and local_day(begins, form.zone) < local_day(form.world.now, form.zone):
        yield flaw("/effective_from", "backdated_effective_from")


def records(form: Form) -> Iterator[Flaw]:
    """2.31(a)(3): the record can reach back, not forward."""
    first = form.proposal.records_from
    if first is not None and first > local_day(form.world.now, form.zone):
        yield flaw("/records_from", "records_from_invalid")


def _instant(form: Form, text: str | None, edge: Edge) -> Instant | None:
    """The instant written, None where there is none or it cannot be read."""
    try:
        return None if text is None or text == NONE else read(text, form.zone, edge)
    except ValueError:
        return None
