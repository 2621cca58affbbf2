"""Small values that several messages share (design 4: NIEM and FHIR names)."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from app.errors import Flaw

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


_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,5}", re.ASCII)


def flaws_of_language(pointer: str, tag: str) -> list[Flaw]:
    """A text that has not the form of a language tag (BCP 47)."""
    if _LANGUAGE.fullmatch(tag):
        return []
    return [Flaw(pointer, "language_malformed", "Give a BCP 47 tag such as es or pt-BR.")]


MOST_TEXT: Final = 4000
"""Characters of a free text, where there is one at all (domain rules 4.1)."""


def flaws_of_text(pointer: str, text: str | None, most: int = MOST_TEXT) -> list[Flaw]:
    """A free text that is blank, or longer than ``most`` characters."""
    if text is None:
        return []
    if not text.strip():
        return [Flaw(pointer, "text_blank", "Write something or leave the member out.")]
    return [Flaw(pointer, "text_too_long", f"At most {most} characters.")] if len(text) > most else []
