"""Request bodies by which a patient's rights are carried out: restrictions, requests, holds, suspensions, breaches."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.exchange.accounting_suspensions import Statement
from app.exchange.breaches import BreachOutcome
from app.exchange.deadlines import RequestKind
from app.exchange.restrictions import Ending
from app.exchange.subject_answers import Outcome
from app.exchange.subject_requests import RequestChannel
from app.schemas.requests import STRICT
from app.vocabulary import Element

Line = Annotated[str, Field(min_length=1, max_length=300)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


@dataclass(frozen=True)
class RestrictionRequest:
    """What the patient wants kept from one recipient unit, or from all (42 CFR 2.26(a)).

    ``paid_in_full``: it concerns a health plan and something that the patient paid for in full.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    elements: Annotated[tuple[Element, ...], Field(min_length=1, max_length=41)]
    recipient_unit: str | None = None
    note: Text | None = None
    paid_in_full: bool = False


@dataclass(frozen=True)
class RestrictionDecision:
    """Whether the programme agrees. What it agrees to binds at once."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    agreed: bool


@dataclass(frozen=True)
class RestrictionEnding:
    """How a restriction ends; ``told_at`` is when the patient was told, where the profile asks for it first."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    how: Ending
    told_at: datetime | None = None


@dataclass(frozen=True)
class AccountingSuspension:
    """A law enforcement or oversight agency's statement that telling the patient would likely impede its work."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient_unit: str
    statement: Statement
    until: datetime
    official: Line
    impedes: Text


@dataclass(frozen=True)
class SubjectRequest:
    """What a patient asked for under their rights, when it was received and how."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    kind: RequestKind
    received_at: datetime
    channel: RequestChannel


@dataclass(frozen=True)
class RequestExtension:
    """Why a request takes longer; the patient is told in writing."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    reasons: Text


@dataclass(frozen=True)
class RequestAnswer:
    """The answer to a request; a refusal says why."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    outcome: Outcome
    reasons: Text | None = None


@dataclass(frozen=True)
class LegalHold:
    """For which case a record is kept from erasure, and when somebody looks whether it still has to be."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    case_ref: Line
    review_at: datetime


@dataclass(frozen=True)
class BreachAssessment:
    """The four factors of 45 CFR 164.402(2), whether what left was secured, and what was found."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    nature_and_extent: Text
    unauthorised_person: Text
    acquired_or_viewed: Text
    mitigation: Text
    secured: bool
    outcome: BreachOutcome
