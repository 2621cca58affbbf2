"""The whole ISO weeks before today, for a story that must be true on any day it is played."""

from datetime import date, timedelta


def past_mondays(count: int, today: date | None = None) -> list[date]:
    """The Mondays of the last ``count`` completed ISO weeks, oldest first."""
    day = today or date.today()
    return [monday_of(back, day) for back in range(count, 0, -1)]


def monday_of(back: int, today: date) -> date:
    """The Monday of the week that many weeks before the current one; 1 is the last completed week."""
    return today - timedelta(days=today.weekday(), weeks=back)


def week(monday: date) -> dict[str, str]:
    """The FHIR Period of one week: both ends inclusive."""
    return {"start": monday.isoformat(), "end": (monday + timedelta(days=6)).isoformat()}
