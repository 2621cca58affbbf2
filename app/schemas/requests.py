"""Request bodies that are not messages: cases, patients, matches, revocations."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from app.vocabulary import CaseEvent, CaseIdentifierType, CaseMove, Element, Purpose

STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True)
class CaseIdentifier:
    """A typed case identifier (NIEM: docket, tracking, arrest record, supervision; diversion is ours)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    type: CaseIdentifierType
    value: str


@dataclass(frozen=True)
class CaseRegistration:
    """A case under the unit that imposed or offers the measure; the first identifier gives the ``case_id``."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    imposing_unit: str
    identifiers: tuple[CaseIdentifier, ...]


@dataclass(frozen=True)
class CaseEventReport:
    """Something that happened in a case. Effective at ``occurred_at`` if the imposing unit says so.

    ``joined`` names another case of the caller in ``with``, ``transferred`` the new imposing unit in ``to_unit``.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    code: CaseEvent | CaseMove
    occurred_at: datetime
    with_: Annotated[str | None, Field(alias="with")] = None
    to_unit: str | None = None


@dataclass(frozen=True)
class CaseAssignment:
    """A member of the caller's own staff, by the id that ``Acting-User`` says, to whom a case is assigned."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    staff_id: str


@dataclass(frozen=True)
class CaseAssignmentEnding:
    """Whose assignment to a case ended; without ``staff_id`` that of everybody: the unit left the case."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    staff_id: str | None = None


@dataclass(frozen=True)
class CaseSearch:
    """Of which of the caller's own cases (1 to 200, each once), for what purpose; ``windows`` (1 to 20) newest each."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    cases: tuple[str, ...]
    purpose: Purpose
    windows: int = 4


@dataclass(frozen=True)
class WebhookRegistration:
    """Where to ring when there is something to ask the feed for: https, port 443, a public host."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    url: str


@dataclass(frozen=True)
class NewPatient:
    """A patient of this clinic. ``local_id`` is the clinic's own record number."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    given_name: str
    sur_name: str
    birth_date: date
    local_id: str | None = None


@dataclass(frozen=True)
class PatientSearch:
    """Whom to find: the exact name (case and spacing aside) and birth date. In a body: a URL is logged on its way."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    given_name: str
    sur_name: str
    birth_date: date


@dataclass(frozen=True)
class Match:
    """The patient that a referral means."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: str


@dataclass(frozen=True)
class RevocationRequest:
    """What the patient takes back, received at the desk at ``received_at`` (default: now), in writing or otherwise.

    ``all`` is everything; otherwise name consents, recipients (unit ids), elements or purposes, which narrow each
    other. Taking back an element takes back every finer step of its ladder as well.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    on_behalf_of: Literal["patient"] = "patient"
    all: bool = False
    consents: tuple[str, ...] | None = None
    recipients: tuple[str, ...] | None = None
    elements: tuple[Element, ...] | None = None
    purposes: tuple[Purpose, ...] | None = None
    received_at: datetime | None = None
    channel: Literal["written", "oral", "electronic"] | None = None
