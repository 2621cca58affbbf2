"""Days and weeks as integers: proleptic Gregorian ordinals, ISO weeks from Monday (design 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

DAY_US: Final = 86_400_000_000
_EPOCH: Final = date(1970, 1, 1).toordinal()
OPEN: Final = date.max.toordinal()
"""Stands for the end of something that has not ended."""


def day_of(instant: int) -> int:
    """The UTC day (ordinal) of an instant in microseconds."""
    return _EPOCH + instant // DAY_US


def instant_of_day(day: int) -> int:
    """The instant (microseconds) at which a UTC day (ordinal) begins."""
    return (day - _EPOCH) * DAY_US


def monday(day: int) -> int:
    """The Monday of that day's ISO week."""
    return day - (day - 1) % 7


@dataclass(frozen=True, slots=True)
class Grid:
    """Windows of ``weeks`` whole ISO weeks counted from the week of ``anchor`` (any day of it), both ways."""

    anchor: int
    weeks: int

    def start_of(self, day: int) -> int:
        """The first day of the window that holds this day."""
        length = 7 * self.weeks
        return monday(self.anchor) + (day - monday(self.anchor)) // length * length

    def last_day(self, start: int) -> int:
        """The last day, inclusive, of the window that starts on ``start``."""
        return start + 7 * self.weeks - 1

    def elapsed(self, first: int, today: int) -> Iterator[int]:
        """Starts of the windows that begin on or after ``first`` and ended before ``today``, newest first."""
        newest = self.start_of(today) - 7 * self.weeks
        oldest = self.start_of(first + 7 * self.weeks - 1)
        return iter(range(newest, oldest - 1, -7 * self.weeks))


def iso(day: int) -> str:
    """The ordinal as an RFC 3339 full-date."""
    return date.fromordinal(day).isoformat()


@dataclass(frozen=True, slots=True)
class Frame:
    """What makes a derived attendance value: the referral, its threshold (0 = none) and its window grid.

    Frozen into an instrument at signature as ``key``; a row is released only under the very same key, so that
    referrals with thresholds 1…20 cannot read a count.
    """

    referral: str
    threshold: int
    grid: Grid

    @property
    def key(self) -> str:
        """The frame as stored beside rows and instruments."""
        return f"{self.referral}/{self.threshold}/{self.grid.weeks}/{self.grid.anchor}"

    @classmethod
    def parse(cls, key: str) -> "Frame":
        """The frame of a stored key."""
        referral, threshold, weeks, anchor = key.rsplit("/", 3)
        return cls(referral, int(threshold), Grid(int(anchor), int(weeks)))
