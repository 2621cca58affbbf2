"""Days that clocks make odd: a year that is still to come, the next day on which clocks of a zone are put on."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def year_to_come(base: datetime) -> int:
    """The year whose 31 March is the next one that a consent of some months can end on."""
    return base.year + (base.month > 2)


def put_forward(zone: str, base: datetime) -> tuple[datetime, date]:
    """The next instant, a month off or more, at which the clocks there are put on; and the day that ends after it.

    Found by walking over offsets from UTC, minute by minute at the last, and not as the service finds it.
    """
    there, at = ZoneInfo(zone), base.replace(minute=0, second=0, microsecond=0) + timedelta(days=30)
    while at.astimezone(there).utcoffset() >= (at + timedelta(hours=1)).astimezone(there).utcoffset():  # type: ignore[operator]
        at += timedelta(hours=1)
    before = at.astimezone(there).utcoffset()
    while at.astimezone(there).utcoffset() == before:
        at += timedelta(minutes=1)
    return at.astimezone(UTC), (at - timedelta(seconds=1)).astimezone(there).date()


def born(text: str, base: datetime) -> str:
    """A birth date: written out, ``age N`` for half a year past that birthday, ``age N in D days`` for one to come."""
    words = text.split()
    if words[0] != "age":
        return text
    ahead = int(words[3]) if len(words) > 2 else -180
    day = (base + timedelta(days=ahead)).date()
    return day.replace(year=day.year - int(words[1]), day=min(day.day, 28)).isoformat()


def birthday(zone: str, base: datetime) -> datetime:
    """The first instant there of the 18th birthday of one who is born ``age 18 in 60 days``."""
    day = date.fromisoformat(born("age 18 in 60 days", base))
    return datetime(day.year + 18, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
