"""An operation that will go: what its answers say beside their content (RFC 9745 and RFC 8594)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any, Final

EXTENSION: Final = "x-deprecation"
"""Where the contract, and so the route, carries it."""


@dataclass(frozen=True, slots=True)
class Deprecation:
    """Since when an operation is deprecated (aware, whole seconds), from when it may be gone, and what to do instead.

    ``link`` is a page that says how to move to what replaces it. Without ``sunset`` no end is set yet.

    Raises:
        ValueError: an instant without zone or with fractions, or an end before the beginning (RFC 9745 4).
    """

    since: datetime
    link: str
    sunset: datetime | None = None

    def __post_init__(self) -> None:
        for instant in (self.since, self.sunset or self.since):
            if instant.tzinfo is None or instant.microsecond:
                raise ValueError("an instant here has a zone and whole seconds")
        if self.sunset is not None and self.sunset < self.since:
            raise ValueError("an operation does not end before it is deprecated")
        if not self.link.isascii() or not self.link.isprintable() or set('<>" ') & set(self.link):
            raise ValueError("the link is no URI")

    def document(self) -> dict[str, str]:
        """As the contract tells it, and as ``headers`` reads it."""
        told = {"since": self.since.astimezone(UTC).isoformat(), "link": self.link}
        return told | ({"sunset": self.sunset.astimezone(UTC).isoformat()} if self.sunset is not None else {})


def headers(described: Mapping[str, Any]) -> list[tuple[bytes, bytes]]:
    """The headers of every answer of an operation, from its part of the contract; none if it is not deprecated."""
    told = described.get(EXTENSION)
    if told is None:
        return []
    since = int(datetime.fromisoformat(told["since"]).timestamp())
    found = [("deprecation", f"@{since}"), ("link", f'<{told["link"]}>; rel="deprecation"; type="text/html"')]
    if "sunset" in told:
        ends = datetime.fromisoformat(told["sunset"])
        found += [("sunset", format_datetime(ends, usegmt=True)), ("link", f'<{told["link"]}>; rel="sunset"')]
    return [(name.encode(), value.encode()) for name, value in found]
