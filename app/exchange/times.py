"""Instants in microseconds as RFC 3339 UTC, and back."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(instant: int) -> str:
    """The instant to the second, in UTC with ``Z``."""
    return (_EPOCH + timedelta(microseconds=instant)).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def instant_of(moment: datetime) -> int:
    """Microseconds since 1970-01-01T00:00Z of an aware datetime."""
    return round((moment - _EPOCH) / timedelta(microseconds=1))


SKEW: Final = 5_000_000
"""A client's clock may be so many microseconds ahead of the database's."""


def not_after(stated: int, now: int) -> int | None:
    """An instant that a client states as past: its own clock's few seconds ahead are taken as now; None beyond them."""
    return min(stated, now) if stated <= now + SKEW else None
