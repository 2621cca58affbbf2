"""Dates on a form as instants, by the rules of the zone (domain rules 5.1; 6, cases 8 to 10)."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Ask, Facts
from app.consent.creation import check
from app.consent.instrument import Clock
from app.consent.local_time import end_of_day, local_day, micros, resolve, resolve_start, start_of_day, zone_of
from app.consent.proposal import ClockOnForm
from app.consent.reason import Reason
from app.consent.rules import in_time
from app.vocabulary import CaseEvent, Element, Purpose, Role
from tests.core.forms import cjs, world
from tests.core.worlds import ROADS, matching

ENDS: Final = (
    ("case 8: a plain day", "America/Chicago", "2026-03-31", "2026-04-01T05:00:00+00:00"),
    ("case 9: the day on which the clocks go forward", "America/Chicago", "2026-03-08", "2026-03-09T05:00:00+00:00"),
    ("case 9: the day on which the clocks go back", "America/Chicago", "2026-11-01", "2026-11-02T06:00:00+00:00"),
    ("case 9: no midnight after it", "America/Santiago", "2026-09-05", "2026-09-06T04:00:00+00:00"),
    ("case 9: the day without midnight", "America/Santiago", "2026-09-06", "2026-09-07T03:00:00+00:00"),
    ("case 9: the day of 25 hours", "America/Santiago", "2026-04-04", "2026-04-05T04:00:00+00:00"),
    ("case 9: no midnight after it", "Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00+00:00"),
    ("case 9: the day of 25 hours", "Africa/Cairo", "2026-10-29", "2026-10-29T22:00:00+00:00"),
    ("midnight comes twice", "America/Havana", "2026-10-31", "2026-11-01T04:00:00+00:00"),
    ("the next day never was", "Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00+00:00"),
    ("a leap a minute after midnight", "America/Goose_Bay", "2010-03-13", "2010-03-14T04:00:00+00:00"),
    ("far east", "Pacific/Kiritimati", "2026-03-31", "2026-03-31T10:00:00+00:00"),
    ("a leap day", "UTC", "2028-02-29", "2028-03-01T00:00:00+00:00"),
    ("an instant as it is", "America/Chicago", "2026-03-31T12:00:00.5+02:00", "2026-03-31T10:00:00.500000+00:00"),
    ("lower case", "America/Chicago", "2026-03-31t12:00:00z", "2026-03-31T12:00:00+00:00"),
)
NONSENSE: Final = (
    "", "tomorrow", "2026-3-31", "20260331", "2026-W14-2", "2026-02-30", "2026-03-31T12:00:00", "2026-03-31 12:00:00Z",
    "2026-03-31T12:00Z", "2026-03-31T25:00:00Z", "2026-03-31T12:00:00+0200", "٢٠٢٦-03-31", "2026-03-31\n", "1969-06-01",
    "9999-12-31", "9999-12-31T23:59:59Z", "0001-01-01",
)  # fmt: skip
ZONES: Final = (
    "America/Santiago", "Africa/Cairo", "America/Havana", "Asia/Beirut", "America/Asuncion", "Europe/London",
    "America/Nuuk", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia",
)  # fmt: skip


def shown(at: int | None) -> str:
    """An instant as RFC 3339 in UTC."""
    assert at is not None
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)).isoformat()


@pytest.mark.parametrize(("why", "zone", "written", "instant"), ENDS, ids=lambda value: str(value))
def test_plain_date_ends_with_its_local_day(why: str, zone: str, written: str, instant: str) -> None:
    assert shown(resolve(ClockOnForm(written), zone).at) == instant


@given(st.sampled_from(ZONES), st.dates(date(2007, 1, 1), date(2036, 12, 31)))
def test_day_starts_at_its_first_instant(name: str, day: date) -> None:
    zone = ZoneInfo(name)
    start = start_of_day(day, zone)
    assert local_day(start - 1, zone) < day <= local_day(start, zone)
    assert end_of_day(day, zone) == start_of_day(day + timedelta(days=1), zone)


def test_leap_that_begins_before_midnight_ends_the_day_early() -> None:
    """In Toronto half past eleven became half past twelve: the new day began at the leap, not half an hour on."""
    assert shown(start_of_day(date(1919, 3, 31), ZoneInfo("America/Toronto"))) == "1919-03-31T04:30:00+00:00"


def test_start_on_the_form_begins_with_its_day() -> None:
    assert shown(resolve_start(ClockOnForm("2026-03-31"), "America/Chicago").at) == "2026-03-31T05:00:00+00:00"


def test_event_keeps_its_latest_date() -> None:
    clock = resolve(ClockOnForm("2026-03-31", "final_disposition"), "America/Chicago")
    assert clock == Clock(micros(datetime(2026, 4, 1, 5, tzinfo=UTC)), CaseEvent.FINAL_DISPOSITION)
    assert resolve(ClockOnForm("none"), "UTC") == Clock(None)


@pytest.mark.parametrize("text", NONSENSE)
def test_nonsense_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError) as refused:
        resolve(ClockOnForm(text), "America/Chicago")
    assert not text or text not in str(refused.value)
    assert [flaw.code for flaw in check(cjs(expiry=ClockOnForm(text)), world())] == ["expiry_invalid"]


@pytest.mark.parametrize(
    "clock", [ClockOnForm(), ClockOnForm(None, "final_disposition"), ClockOnForm("none", "verdict")]
)
def test_clock_without_date_or_with_unknown_event_is_refused(clock: ClockOnForm) -> None:
    with pytest.raises(ValueError):
        resolve(clock, "UTC")


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../UTC", "/UTC", "America", "right/UTC", "posix/UTC", "UTC\0", "UTC\n", "a" * 5000]
)
def test_zone_is_an_iana_name(name: str) -> None:
    with pytest.raises(ValueError):
        zone_of(name)


def test_expiry_is_half_open_at_the_local_midnight() -> None:
    """Cases 8 and 10: still 31 March in Chicago at 04:30Z; over at exactly 05:00Z."""
    ask = Ask("adult", Role.PROBATION_OFFICER, Purpose.CONDITION_MONITORING, "case-x", frozenset(Element))
    item = matching("i1", ask, ROADS[1], expiry=resolve(ClockOnForm("2026-03-31"), "America/Chicago"))
    late, midnight = micros(datetime(2026, 4, 1, 4, 30, tzinfo=UTC)), micros(datetime(2026, 4, 1, 5, tzinfo=UTC))
    said = [in_time(item, Facts(ask, at, (item,), {}, {}, {})) for at in (late, midnight - 1, midnight)]
    assert said == [None, None, Reason.EXPIRED]


@pytest.mark.parametrize(("zone", "codes"), [("America/Chicago", []), ("Asia/Tokyo", ["backdated_effective_from"])])
def test_today_is_the_day_of_the_consents_own_zone(zone: str, codes: list[str]) -> None:
    """At 15:30Z it is still the 24th in Chicago and already the 25th in Tokyo."""
    late = world(now=micros(datetime(2026, 11, 24, 15, 30, tzinfo=UTC)))
    proposal = cjs(time_zone=zone, effective_from="2026-11-24")
    assert [flaw.code for flaw in check(proposal, late)] == codes
