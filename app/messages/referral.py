"""Referral: police or court to clinic (domain rules 4.3)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Final
from unicodedata import category

from app.errors import Flaw
from app.messages.envelope import STRICT, Identifier, flaws_of_language, flaws_of_text
from app.messages.marks import ENVELOPE, message
from app.messages.source import SourceCode, flaws_of_sources
from app.vocabulary import Element
from app.vocabulary.codes import Cadence, ConsentOffer, OffenceCategory, Service, Stage, Urgency

MOST_REASON: Final = 1000
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
    """A referral as a justice unit sends it; ``stage`` custody or release tells of a custody transition.

    ``mandatory`` is whether the person has to follow it; ``condition_imposed`` whether an order of the case says so.
    ``referral_reason`` is the one free text, for the clinic: nothing of it is ever released.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient: Annotated[str, ENVELOPE]
    case_id: Annotated[str, Element.LEGAL_CASE_REF]
    stage: Annotated[Stage, Element.LEGAL_CASE_REF]
    person: Annotated[Person, Element.IDENTITY_MATCH]
    conditions: Annotated[Conditions, Element.LEGAL_CONDITIONS]
    offence_category: Annotated[OffenceCategory | None, Element.LEGAL_OFFENCE] = None
    mandatory: Annotated[bool | None, Element.LEGAL_CONDITIONS] = None
    contact: Annotated[Contact | None, Element.IDENTITY_CONTACT] = None
    demographics: Annotated[Demographics | None, Element.IDENTITY_DEMOGRAPHICS] = None
    condition_imposed: Annotated[bool, Element.LEGAL_CONDITIONS] = False
    supervising_units: Annotated[tuple[str, ...], Element.LEGAL_CONDITIONS] = ()
    final_disposition_due: Annotated[date | None, Element.LEGAL_CONDITIONS] = None
    due_date: Annotated[date | None, Element.LEGAL_CONDITIONS] = None
    court_appearance_date: Annotated[date | None, Element.LEGAL_HEARING] = None
    urgency: Annotated[Urgency, Element.REFERRAL_REQUEST] = Urgency.ROUTINE
    referral_reason: Annotated[str | None, Element.REFERRAL_REQUEST] = None
    source: Annotated[tuple[SourceCode, ...], Element.REFERRAL_REQUEST] = ()
    consent_status: Annotated[ConsentOffer | None, ENVELOPE] = None
    identifier: Annotated[Identifier | None, ENVELOPE] = None


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
    found += _imposed(referral) if referral.condition_imposed else []
    if referral.demographics is not None:
        found += flaws_of_language("/demographics/language", referral.demographics.language)
    return [
        *found,
        *flaws_of_text("/referral_reason", referral.referral_reason, MOST_REASON),
        *flaws_of_sources(referral.source),
    ]


def _imposed(referral: Referral) -> list[Flaw]:
    found = []
    if referral.final_disposition_due is None:
        detail = "An imposed condition needs the date by which the case is due for final disposition."
        found.append(Flaw("/final_disposition_due", "final_disposition_due_missing", detail))
    if referral.mandatory is False:
        found.append(Flaw("/mandatory", "condition_not_mandatory", "What an order imposes is mandatory."))
    return found
