"""Referral: police or court to clinic, and the clinic's answer (domain rules 4.3)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Final
from unicodedata import category

from app.errors import Flaw
from app.messages.envelope import STRICT, Identifier
from app.messages.marks import ENVELOPE, message
from app.vocabulary import Element
from app.vocabulary.codes import Cadence, Decision, Service, Stage, Urgency

_BIDIRECTIONAL: Final = frozenset(chr(code) for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A)))


@dataclass(frozen=True)
class Person:
    """The person referred, as the sender knows them."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    given_name: str
    sur_name: str
    birth_date: date


@dataclass(frozen=True)
class Contact:
    """How the clinic can reach the person."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    telephone: str | None = None
    email: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Demographics:
    """What the clinic needs in order to talk with the person; ``language`` is a BCP 47 tag."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    language: str
    interpreter_needed: bool = False


@dataclass(frozen=True)
class Conditions:
    """What is asked of the person. ``attendance_threshold`` counts attended and excused sessions in a window."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    service_asked: Service
    cadence: Cadence = Cadence.WEEKLY
    attendance_threshold: int | None = None
    end_date: date | None = None


@message
@dataclass(frozen=True)
class Referral:
    """A referral as a justice unit sends it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient: Annotated[str, ENVELOPE]
    case_id: Annotated[str, Element.LEGAL_CASE_REF]
    stage: Annotated[Stage, Element.LEGAL_CASE_REF]
    person: Annotated[Person, Element.IDENTITY_MATCH]
    conditions: Annotated[Conditions, Element.LEGAL_CONDITIONS]
    contact: Annotated[Contact | None, Element.IDENTITY_CONTACT] = None
    demographics: Annotated[Demographics | None, Element.IDENTITY_DEMOGRAPHICS] = None
    condition_imposed: Annotated[bool, Element.LEGAL_CONDITIONS] = False
    supervising_units: Annotated[tuple[str, ...], Element.LEGAL_CONDITIONS] = ()
    final_disposition_due: Annotated[date | None, Element.LEGAL_CONDITIONS] = None
    due_date: Annotated[date | None, Element.LEGAL_CONDITIONS] = None
    court_appearance_date: Annotated[date | None, Element.LEGAL_HEARING] = None
    urgency: Annotated[Urgency, Element.REFERRAL_REQUEST] = Urgency.ROUTINE
    reason: Annotated[str | None, Element.REFERRAL_REQUEST] = None
    identifier: Annotated[Identifier | None, ENVELOPE] = None


@dataclass(frozen=True)
class Appointment:
    """When and at which neutrally named site; never an address."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    start: datetime
    site: str


@message
@dataclass(frozen=True)
class ReferralResponse:
    """The clinic's answer. ``waitlist_weeks`` is the estimate in whole weeks."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    decision: Annotated[Decision, Element.REFERRAL_DECISION]
    waitlist_weeks: Annotated[int | None, Element.REFERRAL_DECISION] = None
    appointment: Annotated[Appointment | None, Element.REFERRAL_APPOINTMENT] = None


def flaws_of_name(pointer: str, name: str) -> list[Flaw]:
    """What keeps a text from being somebody's name: nothing in it, or what is unseen and turns what stands beside it.

    Bidirectional controls (Unicode 9, UAX 9) reorder the words around them wherever the name is shown.
    """
    if not name.strip():
        return [Flaw(pointer, "name_missing", "Give the name.")]
    unseen = any(category(letter) == "Cc" or letter in _BIDIRECTIONAL for letter in name)
    if unseen or not any(letter.isalpha() for letter in name):
        return [Flaw(pointer, "name_malformed", "A name has a letter and no control characters.")]
    return []


def flaws_of_referral(referral: Referral, today: int) -> list[Flaw]:
    """What a referral says that cannot be meant. ``today`` is a day ordinal."""
    person = referral.person
    named = (("/person/given_name", person.given_name), ("/person/sur_name", person.sur_name))
    found = [flaw for pointer, name in named for flaw in flaws_of_name(pointer, name)]
    if referral.person.birth_date.toordinal() > today:
        found.append(Flaw("/person/birth_date", "birth_date_in_future", "The birth date lies in the future."))
    threshold = referral.conditions.attendance_threshold
    if threshold is not None and not 1 <= threshold <= 200:
        pointer = "/conditions/attendance_threshold"
        found.append(Flaw(pointer, "threshold_out_of_range", "The threshold is a count of sessions from 1 to 200."))
    if referral.condition_imposed and referral.final_disposition_due is None:
        detail = "An imposed condition needs the date by which the case is due for final disposition."
        found.append(Flaw("/final_disposition_due", "final_disposition_due_missing", detail))
    return found


def flaws_of_response(response: ReferralResponse) -> list[Flaw]:
    """What a response says that cannot be meant."""
    found = []
    waiting = response.decision is Decision.WAITLISTED
    if response.waitlist_weeks is not None and not (waiting and 0 <= response.waitlist_weeks <= 520):
        detail = "An estimate in weeks (0 to 520) goes with the decision waitlisted only."
        found.append(Flaw("/waitlist_weeks", "waitlist_weeks_unexpected", detail))
    if response.appointment is not None and response.decision is not Decision.ACCEPTED:
        found.append(Flaw("/appointment", "appointment_unexpected", "An appointment goes with an acceptance only."))
    return found
