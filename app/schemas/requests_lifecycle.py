"""Request bodies about what becomes of a signed consent, and of its patient: suspensions, errors, reviews, death."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from app.schemas.requests import STRICT

_Words = Annotated[str, Field(min_length=1, max_length=2000)]


@dataclass(frozen=True)
class Suspension:
    """Why a consent is in doubt; ``note`` stays with the discloser. ``pressure`` is what the patient was told to sign
    for, ``dispute`` whether they signed at all: somebody else than who suspends it decides these two."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    cause: Literal["capacity_doubt", "dispute", "safeguarding", "pressure"]
    note: _Words | None = None


@dataclass(frozen=True)
class Lifting:
    """That the doubt is gone."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    note: _Words | None = None


@dataclass(frozen=True)
class ErrorFound:
    """What is wrong with a consent, so that it never was one."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    reason: _Words


@dataclass(frozen=True)
class EvidenceCheck:
    """The hash of the signed page as it lies at the clinic today: ``sha256:`` and its 64 hex digits."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    evidence_hash: str


@dataclass(frozen=True)
class ReviewDecision:
    """Whether what the review says is so, and why."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    upheld: bool
    note: _Words


@dataclass(frozen=True)
class PatientChange:
    """The day on which the patient died; ``entered_in_error`` takes it off. Of what they died has no place here."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    deceased_on: date
    entered_in_error: bool = False
