"""Appointments: the site is a label that says nothing, the hour tells no time zone (domain rules 4.1, 4.3)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.derive import of_response
from app.messages.response import Appointment, ReferralResponse, flaws_of_response
from app.messages.transfer import flaws_of_transfer
from app.vocabulary import Element
from app.vocabulary.codes import Decision
from tests.core.test_transfer import NOW, NOW_US, WHOLE

LATER = NOW + timedelta(days=3)
SHOWN = Element.REFERRAL_APPOINTMENT
WRONG = [
    *("", " ", "Site", "Site 0", "Site 01", "Site 1000", "Site AB", "site 1", "Site 1 ", "Site 1\n", "Site \u0661"),
    *("Methadone unit", "12 Main St", "Site 1. She relapsed.", "Site\u00a01", "S\u202eite 1", "Site 1" * 500),
]


def _accepted(start: datetime, site: str) -> ReferralResponse:
    return ReferralResponse(Decision.ACCEPTED, appointment=Appointment(start, site))


def _flaws(site: str) -> list[tuple[str, str]]:
    """What both messages with an appointment say of the site."""
    transfer = replace(WHOLE, next_appointment=Appointment(LATER, site))
    found = [*flaws_of_response(_accepted(LATER, site)), *flaws_of_transfer(transfer, NOW_US)]
    return [(flaw.pointer, flaw.code) for flaw in found]


@pytest.mark.parametrize("site", ["Site 1", "Site 42", "Site 999", "Site A", "Site Z"])
def test_a_neutral_label(site: str) -> None:
    assert _flaws(site) == []


@pytest.mark.parametrize("site", WRONG)
def test_any_other_text_is_refused(site: str) -> None:
    assert _flaws(site) == [
        ("/appointment/site", "site_not_neutral"),
        ("/next_appointment/site", "site_not_neutral"),
    ]


@given(st.datetimes(datetime(1901, 1, 1), datetime(2198, 12, 31)), st.integers(-1439, 1439))
def test_the_same_instant_is_told_alike_wherever_it_was_typed(instant: datetime, minutes: int) -> None:
    """In UTC with Z: two clinics in two zones give the same bytes."""
    at = instant.replace(tzinfo=UTC)
    typed = at.astimezone(timezone(timedelta(minutes=minutes)))
    (here,), (there,) = (
        [one.value for one in of_response(_accepted(start, "Site 1"), "r", 1) if one.element is SHOWN]
        for start in (at, typed)
    )
    assert here == there
    assert here["start"].endswith("Z") and datetime.fromisoformat(here["start"]) == at
