"""A medical emergency (42 CFR 2.51; GDPR 9(2)(c)): what whoever treats has to state, and why that does not suffice.

Four facts block the release where one is missing: who receives and at which facility, who disclosed, when, and the
nature of the emergency (2.51(c)).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from app.consent.proposal import STRICT
from app.errors import Flaw
from app.vocabulary import AgencyKind, Element, Purpose
from app.vocabulary.ordering import EmergencyNature, NoConsent

EMERGENCY: Final = (
    "This record is released in a medical emergency, without the patient's consent. It is for the treatment of that "
    "emergency by medical personnel. The patient and the discloser are told that it was released, to whom and why."
)
NO_FURTHER_USE: Final = (
    "The patient asked the discloser to restrict the use of this record and the discloser agreed. You are requested "
    "not to use or disclose it any further (42 CFR 2.26(a)(4))."
)
UNLISTED: Final = (
    "Only what this unit holds of exactly one person of this name and birth date. An empty list says nothing about "
    "whether a person is known there."
)
_SECTION: Final = "42 CFR 2.51"
_TREATING: Final = frozenset({AgencyKind.CLINIC, AgencyKind.PRISON_HEALTH})
_DISASTER = (EmergencyNature.DECLARED_DISASTER, NoConsent.PROGRAMME_CLOSED)


@dataclass(frozen=True)
class EmergencyPerson:
    """Whom it is about, by exact name and birth date: there is no directory of patients."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    given_name: str
    sur_name: str
    birth_date: date


@dataclass(frozen=True)
class Receiver:
    """The medical personnel who treat, and the facility that they are of (42 CFR 2.51(c)(1))."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    name: str
    facility: str


@dataclass(frozen=True)
class Emergency:
    """What is needed at once of a person whose consent cannot be obtained.

    ``discloser_name``: who at the discloser said yes, where somebody was phoned; else its unit stands there.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    discloser_unit: str
    person: EmergencyPerson
    purpose: Purpose
    nature: EmergencyNature
    nature_in_words: str
    consent_unobtainable: NoConsent
    receiver: Receiver
    elements: tuple[str, ...]
    discloser_name: str | None = None


@dataclass(frozen=True, slots=True)
class EmergencyFacts:
    """What the checks may know: the registry and the profiles of both units, nothing about anybody."""

    own_unit: str
    discloser: AgencyKind | None
    rules: frozenset[str]
    """What the profiles of both units say of emergencies."""
    ceiling: frozenset[Element]
    """What both profiles ever let leave for treatment to this role."""


def flaws_of_emergency(asked: Emergency, facts: EmergencyFacts) -> list[Flaw]:
    """Every reason why nothing is looked for; none of them depends on the person."""
    return [*_parties(asked, facts), *_grounds(asked, facts), *_elements(asked, facts)]


def _parties(asked: Emergency, facts: EmergencyFacts) -> Iterator[Flaw]:
    if facts.discloser not in _TREATING or asked.discloser_unit == facts.own_unit:
        detail = "No other clinic or prison health unit of this id is registered; see GET /v1/units."
        yield Flaw("/discloser_unit", "unit_unknown", detail)
    if asked.purpose is not Purpose.TREATMENT:
        yield Flaw(
            "/purpose", "emergency_not_treatment", "An emergency is treated: the purpose is treatment.", _SECTION
        )
    for name in ("name", "facility"):
        if not getattr(asked.receiver, name).strip():
            detail = "Say who receives it and at which facility."
            yield Flaw(f"/receiver/{name}", "emergency_receiver_missing", detail, "42 CFR 2.51(c)(1)")
    if not asked.nature_in_words.strip():
        detail = "Say in a few words what the emergency is."
        yield Flaw("/nature_in_words", "emergency_nature_missing", detail, "42 CFR 2.51(c)(4)")


def _grounds(asked: Emergency, facts: EmergencyFacts) -> Iterator[Flaw]:
    """2.51(a)(1), (2); vital interests of one who is incapable; a threat to life alone: the stricter profile counts."""
    if "life_threat" in facts.rules and asked.nature is not EmergencyNature.LIFE_THREAT:
        yield Flaw("/nature", "emergency_nature_not_admitted", "Here only a threat to life is such an emergency.")
    elif "vital_interests" in facts.rules and asked.nature is EmergencyNature.DECLARED_DISASTER:
        detail = "Here only a vital interest of the person is such an emergency."
        yield Flaw("/nature", "emergency_nature_not_admitted", detail, "GDPR 9(2)(c)")
    if "vital_interests" in facts.rules and asked.consent_unobtainable is not NoConsent.INCAPABLE:
        detail = "Here the person has to be incapable of consenting."
        yield Flaw("/consent_unobtainable", "emergency_consent_obtainable", detail, "GDPR 9(2)(c)")
    closed, disaster = asked.consent_unobtainable is _DISASTER[1], asked.nature is _DISASTER[0]
    if closed != disaster:
        detail = "A closed programme goes with a declared disaster, and only with it."
        yield Flaw("/consent_unobtainable", "emergency_consent_obtainable", detail, "42 CFR 2.51(a)(2)")


def _elements(asked: Emergency, facts: EmergencyFacts) -> Iterator[Flaw]:
    if not asked.elements:
        detail = "Name what the treatment of the emergency needs."
        yield Flaw("/elements", "emergency_elements_missing", detail, "42 CFR 2.51(a)")
    known = {element.value for element in Element}
    for number, name in enumerate(asked.elements):
        if name not in known:
            yield Flaw(f"/elements/{number}", "element_unknown", "This kind of information is not on the list.")
        elif name not in facts.ceiling:
            detail = "This never leaves for the treatment of an emergency. Leave it out."
            yield Flaw(f"/elements/{number}", "emergency_element_not_admitted", detail, "42 CFR 2.13(a)")
