"""Dates on a form as instants: RFC 3339 texts, read once by the rules of an IANA time zone (domain rules 5.1).

Instants are microseconds since 1970-01-01T00:00Z. Nothing here asks what time it is.
"""

import re
from bisect import bisect_left
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from app.consent.instrument import Clock, Instant
from app.consent.proposal import ClockOnForm
from app.vocabulary import CaseEvent

NONE: Final = "none"
"""What ``at`` says on a form without an end."""

Edge = Callable[[date, ZoneInfo], Instant]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // timedelta(microseconds=1)
"""Beyond it an instant has no local day in every zone: each one that is read can be shown again."""
_ZONE: Final = re.compile(r"(?!right/|posix/)[A-Za-z][\w+-]*(?:/[\w+-]+){0,2}", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DATE_TIME: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name.

    Raises:
        ValueError: no such zone (``right/`` and ``posix/`` are tables of a system, not zones).
    """
    try:
        if _ZONE.fullmatch(name):
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        pass  # a name that is a folder is an OSError on some systems
    raise ValueError("not an IANA time zone")


def micros(moment: datetime) -> Instant:
    """An aware datetime as an instant; a naive one is a TypeError."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def local_day(at: Instant, zone: ZoneInfo) -> date:
    """The day that the calendar on the wall shows in that zone."""
    return (_EPOCH + timedelta(microseconds=at)).astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The first instant at which the wall there shows this day, or a later one where the day was skipped."""
    midnight = datetime.combine(day, time.min, zone)
    earlier, later = micros(midnight), micros(midnight.replace(fold=1))
    if earlier <= later:  # midnight exists, once or twice
        return earlier
    # The clocks were put forward across midnight (PEP 495: then fold=1 is the earlier reading): find the leap itself.
    return later + bisect_left(range(later, earlier), day, key=lambda at: local_day(at, zone))


def end_of_day(day: date, zone: ZoneInfo) -> Instant:
    """The start of the next local day: a half-open end, so that the whole day counts."""
    return start_of_day(day + timedelta(days=1), zone)


def read(text: str, zone: ZoneInfo, edge: Edge) -> Instant:
    """An RFC 3339 date-time, or a full-date taken at this edge of the day.

    Raises:
        ValueError: neither of the two, without an offset, no such day, or not in the years 1970 to 9998.
            The message never repeats the text.
    """
    if not (_DATE.fullmatch(text) or _DATE_TIME.fullmatch(text)):
        raise ValueError("neither an RFC 3339 full-date nor a date-time")
    try:
        plain = len(text) == len("YYYY-MM-DD")
        at = edge(date.fromisoformat(text), zone) if plain else micros(datetime.fromisoformat(text.upper()))
    except (ValueError, OverflowError):
        raise ValueError("no such day or time") from None
    if not 0 <= at < _LAST:
        raise ValueError("outside the years 1970 to 9998")
    return at


def resolve(clock: ClockOnForm, time_zone: str) -> Clock:
    """An end on the form as a clock: a plain date lasts until the end of that day.

    Raises:
        ValueError: no such zone, date or event; neither date nor event; an event without its latest date.
    """
    return _resolve(clock, time_zone, end_of_day)


def resolve_start(clock: ClockOnForm, time_zone: str) -> Clock:
    """A beginning on the form ("revocable from") as a clock: a plain date begins that day. Raises as ``resolve``."""
    return _resolve(clock, time_zone, start_of_day)


def _resolve(clock: ClockOnForm, time_zone: str, edge: Edge) -> Clock:
    if clock.at is None:
        raise ValueError("a clock needs a date, or 'none'")
    at = None if clock.at == NONE else read(clock.at, zone_of(time_zone), edge)
    event = None if clock.event is None else CaseEvent(clock.event)
    return Clock(at, event, _shown(clock.at, at))


def _shown(text: str, at: Instant | None) -> str:
    """A date as written; a date-time in UTC, since its offset would tell where the clinic is."""
    if at is None or len(text) == len("YYYY-MM-DD"):
        return "" if at is None else text
    return datetime.fromtimestamp(at // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
