"""Request bodies about what may be told without consent: orders of courts, notices that the law lets a clinic make."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar

from pydantic import Field

from app.schemas.requests import STRICT
from app.schemas.requests_clinic import PaperRecipient
from app.vocabulary.disclosing import Basis, Channel, NoticeElement
from app.vocabulary.ordering import VacatingGround


@dataclass(frozen=True)
class Mandate:
    """The subpoena or similar mandate that came after an order: only together do they compel (42 CFR 2.61)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    mandate_ref: str


@dataclass(frozen=True)
class CourtOrderDecision:
    """What the second person found: the order opens what it names, or nothing."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    approve: bool
    note: str | None = None


@dataclass(frozen=True)
class CourtOrderVacating:
    """Why an order is one no more, and since when (default: now)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    ground: VacatingGround
    vacated_at: datetime | None = None


@dataclass(frozen=True)
class NoticeMade:
    """A notice that the clinic made of its own accord (42 CFR 2.12(c)(5), (6)): what of a fixed list, to whom, by whom.

    ``basis`` is crime_on_premises or child_abuse_report; a report names the ``law`` that asks for it.
    ``circumstances`` stay with the clinic.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: str
    basis: Basis
    recipient: PaperRecipient
    at: datetime
    elements: Annotated[tuple[NoticeElement, ...], Field(min_length=1, max_length=6)]
    circumstances: str
    channel: Channel
    made_by: Annotated[str, Field(max_length=200)]
    law: str | None = None
