"""Small values that several messages share (design 4: NIEM and FHIR names)."""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True)
class Period:
    """A FHIR Period of days: both ends inclusive."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    start: date
    end: date


@dataclass(frozen=True)
class Identifier:
    """The sender's own identifier of what it sends."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: str
    value: str
