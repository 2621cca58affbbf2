"""What a clinic is told of a consent that stands: nothing is refused, but somebody has to look again (domain 2.5)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from app.consent.instrument import Instant
from app.consent.local_time import NONE, end_of_day, local_day, read, zone_of
from app.consent.profile import Profile
from app.consent.proposal import Proposal

_REVIEW: Final = re.compile(r"_(\d+)m_review")


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to look at: a stable code, the day, and a sentence."""

    code: str
    on: date
    detail: str


def warnings(
    proposal: Proposal, profile: Profile, starts: Instant, time_zone: str, represented_until: Instant | None = None
) -> Iterator[Warned]:
    """What is to be looked at again, and on which day of the form's zone. ``time_zone`` is the clinic's."""
    zone = zone_of(proposal.time_zone or time_zone)
    months = _REVIEW.search(profile.settings.get("max_consent_duration", ""))
    if months is not None:
        review = later(local_day(starts, zone), int(months[1]))
        ends = proposal.expiry.at if proposal.expiry is not None else None
        if ends in (None, NONE) or local_day(read(str(ends), zone, end_of_day) - 1, zone) > review:
            detail = f"The consent lasts longer than {months[1]} months: see by this day whether it is still needed."
            yield Warned("review_due", review, detail)
    if represented_until is not None:
        detail = "From this day on the patient is of age: nothing more leaves until they sign themselves."
        yield Warned("representation_ends", local_day(represented_until, zone), detail)


def later(day: date, months: int) -> date:
    """The same day so many months later, or the last one of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, min(day.day, 28))
