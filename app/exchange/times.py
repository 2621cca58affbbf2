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
