"""What a clinic is told to look at again: a long consent by its profile, and the birthday of a minor."""

from datetime import UTC, date, datetime
from typing import Final

import pytest

from app.consent.creation.warnings import later, warnings
from app.consent.local_time import micros
from app.consent.proposal import ClockOnForm, Proposal
from tests.core.forms import ZONE, named, tpo
from tests.core.shipped import EU, SHIPPED, UNODC, US

STARTS: Final = micros(datetime(2026, 11, 25, 5, 59, tzinfo=UTC))
"""Still the 24th in the form's zone."""


@pytest.mark.parametrize(
    ("profile", "ends", "review"),
    [
        (US, "2035-06-30", None),
        (EU, "2027-11-24", None),
        (EU, "2027-11-25", date(2027, 11, 24)),
        (UNODC, "2027-05-24", None),
        (UNODC, "2027-05-25", date(2027, 5, 24)),
        (UNODC, "2027-05-25T05:00:00Z", None),
        (UNODC, "2027-05-25T05:00:01Z", date(2027, 5, 24)),
    ],
)
def test_a_consent_that_lasts_longer_than_the_profile_likes_is_to_be_reviewed(
    profile: str, ends: str, review: date | None
) -> None:
    """Domain rules 2.5: twelve months in the Union, six elsewhere; nothing is refused for it."""
    assert _days(named(expiry=ClockOnForm(ends)), profile) == ([review] if review is not None else [])


def test_a_consent_without_an_end_is_reviewed_too() -> None:
    assert _days(tpo(), EU) == [date(2027, 11, 24)]
    assert _days(tpo(), US) == []


def test_the_birthday_from_which_nothing_leaves_is_told() -> None:
    until = micros(datetime(2027, 2, 1, 6, tzinfo=UTC))
    (found,) = warnings(named(), SHIPPED[US], STARTS, ZONE, until)
    assert (found.code, found.on) == ("representation_ends", date(2027, 2, 1))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 12, 31), 12, date(2027, 12, 31)),
        (date(2026, 1, 15), 6, date(2026, 7, 15)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
    ],
)
def test_months_later_is_the_same_day_or_the_last_of_a_shorter_month(day: date, months: int, then: date) -> None:
    assert later(day, months) == then


def _days(proposal: Proposal, profile: str) -> list[date]:
    found = list(warnings(proposal, SHIPPED[profile], STARTS, ZONE))
    assert {one.code for one in found} <= {"review_due"}
    return [one.on for one in found]
