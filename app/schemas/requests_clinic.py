"""Request bodies of a clinic beside its messages: a batch, what a unit says of itself, a disclosure made on paper."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.messages.treatment_status import TreatmentStatus
from app.schemas.requests import STRICT
from app.vocabulary import Element, MessageKind, Purpose
from app.vocabulary.codes import Service
from app.vocabulary.disclosing import Basis, Channel
from app.vocabulary.units import UnitCapacity, WaitingTime


@dataclass(frozen=True)
class TreatmentStatusBatch:
    """Up to 500 statuses, each read and filed on its own."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    items: Annotated[tuple[TreatmentStatus, ...], Field(min_length=1, max_length=500)]


@dataclass(frozen=True)
class UnitDescription:
    """What a unit says of itself, as its staff type it in. What is absent stays as it is.

    ``languages`` are ISO 639 codes in which the service is given, ``waiting_time`` is the band for a new patient.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    services: Annotated[tuple[Service, ...], Field(max_length=20)] | None = None
    languages: Annotated[tuple[str, ...], Field(max_length=50)] | None = None
    capacity: UnitCapacity | None = None
    waiting_time: WaitingTime | None = None


@dataclass(frozen=True)
class PaperRecipient:
    """Who was told: a registered unit, or the name of a person or office that is none."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    unit_id: str | None = None
    name: Annotated[str, Field(max_length=200)] | None = None


@dataclass(frozen=True)
class PaperDisclosure:
    """A disclosure made outside this service (42 CFR 2.25; 45 CFR 164.528(b)): to whom, when, what, why, by whom.

    ``case`` is the discloser's own case_id.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient: PaperRecipient
    at: datetime
    kind: MessageKind
    elements: Annotated[tuple[Element, ...], Field(min_length=1, max_length=41)]
    purpose: Purpose
    basis: Basis
    channel: Channel
    made_by: Annotated[str, Field(max_length=200)]
    consent_id: str | None = None
    case: str | None = None
