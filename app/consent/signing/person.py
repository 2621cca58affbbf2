"""Who the patient is to a signature: how old, alive or not; and by that, who has to sign (42 CFR 2.14, 2.15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from app.consent.instrument import Instant
from app.consent.local_time import local_day, micros, start_of_day
from app.consent.signature import Signature, Signing
from app.consent.signing.consenters import authorised, represented, survives
from app.consent.signing.minors import BOTH_SIGN, MinorRule, MinorTable, age_on, birthday
from app.vocabulary.lifecycle import Capacity, SignatureRole

UTC_ZONE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Person:
    """What the clinic's record says of the patient. Days are those of the consent's time zone.

    Without a birth date nobody is taken for a minor: a record of this service has one.
    """

    birth_date: date | None = None
    deceased_on: date | None = None
    minors: MinorTable = BOTH_SIGN
    zone: ZoneInfo = UTC_ZONE


def died_before(person: Person, signed: Sequence[Signature]) -> bool:
    """2.15(b): the patient is dead and did not sign while alive; what they signed on their last day they signed."""
    if person.deceased_on is None:
        return False
    return not any(_own(one) and _day(one, person) <= person.deceased_on for one in signed)


def rule_of(person: Person, signed: Sequence[Signature], now: Instant) -> MinorRule | None:
    """2.14: the rule by age at signing, that is on the day of the patient's own newest signature, or today without one.

    None: the patient is, or when they signed was, of age.
    """
    if person.birth_date is None:
        return None
    own = [_day(one, person) for one in signed if _own(one)]
    day = max(own) if own else local_day(now, person.zone)
    return person.minors.rule_at(age_on(person.birth_date, day))


def of_age(person: Person) -> Instant | None:
    """The first instant of the birthday that ends minority, in the consent's zone."""
    if person.birth_date is None:
        return None
    return start_of_day(birthday(person.birth_date, person.minors.adult_from), person.zone)


def represented_until(signing: Signing, person: Person) -> Instant | None:
    """2.14, domain rules 1.8: until when a signature for a minor stands, where none of their own is a consent."""
    grown = of_age(person)
    last = max((micros(one.signed_at) for one in signing.signatures if authorised(one)), default=None)
    if grown is None or last is None or last >= grown or died_before(person, signing.signatures):
        return None
    own = any(_own(one) for one in signing.signatures)
    rule = rule_of(person, signing.signatures, last)
    carried = represented(signing) or rule is MinorRule.GUARDIAN or not own
    return grown if carried and rule is not None else None


def unsigned(signing: Signing, signed: Sequence[Signature], person: Person, now: Instant) -> list[str]:
    """Whose signature is still to come, of those that the law asks for; ``signed`` are those that have come."""
    own = any(_own(one) for one in signed)
    instead = any(authorised(one) for one in signed)
    if died_before(person, signed):
        return [] if any(survives(one) for one in signed) else ["survivor_signature"]
    if represented(signing):
        return [] if instead else ["representative_signature"]
    if signing.capacity is not None and signing.capacity.status is Capacity.IMPAIRED and not own:
        directed = any(one.role is SignatureRole.DIRECTOR for one in signed)
        return [] if directed else ["director_signature"]
    return _minors(rule_of(person, signed, now), own, instead, person, (signed, now))


def _minors(
    rule: MinorRule | None, own: bool, instead: bool, person: Person, at: tuple[Sequence[Signature], Instant]
) -> list[str]:
    signed, now = at
    grown = of_age(person)
    assented = own or any(one.role is SignatureRole.MINOR_ASSENT for one in signed)
    lacks = {
        None: {"patient_signature": not own},
        MinorRule.MINOR_ALONE: {"patient_signature": not own},
        MinorRule.BOTH: {"patient_signature": not own, "parent_signature": not instead},
        MinorRule.GUARDIAN: {"parent_signature": not instead, "minor_assent": not assented},
    }[rule]
    late = rule is not None and grown is not None and now >= grown
    if late and (rule is MinorRule.GUARDIAN or any(lacks.values())):
        return ["patient_signature"]  # of age meanwhile: nobody signs for them any more, so they sign anew
    return [name for name, is_missing in lacks.items() if is_missing]


def _own(signature: Signature) -> bool:
    return signature.role is SignatureRole.PATIENT


def _day(signature: Signature, person: Person) -> date:
    return local_day(micros(signature.signed_at), person.zone)
