"""Court orders of 42 CFR part 2 subpart E: what the discloser enters, and what of it the decision may know.

An order only authorises; a subpoena or similar mandate compels. One without the other releases nothing (2.61).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from app.consent.instrument import Grant, Instant
from app.consent.local_time import end_of_day, start_of_day, zone_of
from app.consent.proposal import STRICT
from app.vocabulary import Element, Purpose, Role
from app.vocabulary.ordering import ConfidentialGround, HeldFor, OrderType

SEALED: Final = ", sealed"


@dataclass(frozen=True)
class PersonOnOrder:
    """Who may receive: a role at the court unit, and one member of its staff by the id of ``Acting-User``."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    role: str
    staff_id: str | None = None


@dataclass(frozen=True)
class CourtOrder:
    """A court order as the discloser has it on paper, or a subpoena that came without one.

    ``referral_id`` is the case, by a referral matched to this patient. Days are those of the clinic's time zone, both
    included; ``records_from`` is the first day that a value may speak about (default: the week of the referral).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: str
    referral_id: str
    court_unit: str
    type: OrderType
    order_ref: str
    elements: tuple[str, ...]
    persons: tuple[PersonOnOrder, ...]
    findings_recorded: bool
    notice_given: bool
    valid_from: date
    valid_to: date
    mandate_ref: str | None = None
    sealed: bool = False
    covers_confidential_communications: bool = False
    confidential_ground: ConfidentialGround | None = None
    records_held_for: HeldFor = HeldFor.TREATMENT
    records_from: date | None = None


def term_of(order: CourtOrder, time_zone: str) -> tuple[Instant, Instant]:
    """From when until when it authorises: half-open, by the days of the clinic's zone."""
    zone = zone_of(time_zone)
    return start_of_day(order.valid_from, zone), end_of_day(order.valid_to, zone)


def grants_of(order: CourtOrder) -> tuple[Grant, ...]:
    """What an order without flaws grants: its own elements to its own persons, for the proceeding alone."""
    elements = frozenset(map(Element, order.elements))
    return tuple(
        Grant(order.court_unit, Role(one.role), frozenset({Purpose.PROCEEDING}), elements, one.staff_id)
        for one in order.persons
    )


def basis_of(order: CourtOrder) -> str:
    """The rule that it was made under, as the instrument keeps it and its banner says it."""
    rule = "national law" if order.type is OrderType.NATIONAL_LAW else f"42 CFR {order.type.value}"
    return rule + (SEALED if order.sealed else "")
