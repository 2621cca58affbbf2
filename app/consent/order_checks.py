"""Every reason why a court order opens nothing, all at once (42 CFR part 2 subpart E; domain rules 1.15)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from app.consent.instrument import Instant
from app.consent.orders import CourtOrder, term_of
from app.consent.profile import Profile
from app.errors import Flaw
from app.vocabulary import KIND_OF_ROLE, AgencyKind, ConsentKind, Element
from app.vocabulary.ordering import HeldFor, OrderType

NOTES: Final = Element.RESTRICTED_COUNSELLING_NOTES
CONFIDENTIAL: Final = frozenset(
    {
        *(Element.PROGRESS_NARRATIVE, Element.CLINICAL_SCREENING_DETAIL),
        *(NOTES, Element.RESTRICTED_SELF_INCRIMINATION),
    }
)
"""Elements that hold what the patient said in the course of treatment (42 CFR 2.63)."""
_PERMITTING: Final = {
    "proceeding_kind_or_order": frozenset({OrderType.NON_CRIMINAL, OrderType.CRIMINAL, OrderType.AGAINST_HOLDER}),
    "national_law": frozenset({OrderType.NATIONAL_LAW}),
}
"""What a profile says of proceedings -> the orders that it knows; any other value knows none."""
_EVERYTHING: Final = frozenset({"all", "any", "everything", "entire record", "all records"})


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What the checks may know: this clinic's own referrals, its profile, the public registry."""

    now: Instant
    time_zone: str
    profile: Profile
    court: AgencyKind | None
    of_patient: bool
    """Whether the referral is one of this patient to this clinic."""


def flaws_of_order(order: CourtOrder, facts: OrderFacts) -> list[Flaw]:
    """Every reason why it cannot be held for a decision; none of a subpoena, which opens nothing in any case."""
    return [*_place(order, facts), *(() if order.type is OrderType.SUBPOENA else _terms(order, facts))]


def _place(order: CourtOrder, facts: OrderFacts) -> Iterator[Flaw]:
    if not facts.of_patient:
        yield Flaw("/referral_id", "order_not_of_patient", "There is no such referral of this patient to your clinic.")
    if facts.court is not AgencyKind.COURT:
        yield Flaw("/court_unit", "order_not_of_court", "No court unit of this id is registered; see GET /v1/units.")
    if not order.order_ref.strip():
        yield Flaw("/order_ref", "order_ref_missing", "Give the court's own number of the order, or of the subpoena.")


def _terms(order: CourtOrder, facts: OrderFacts) -> Iterator[Flaw]:
    known = facts.profile.kinds.get(ConsentKind.COURT_ORDER)
    use = facts.profile.settings.get("proceedings_use", "")
    if known is None or order.type not in _PERMITTING.get(use, ()):
        detail = "The rules of this clinic know no order of this type."
        yield Flaw("/type", "order_type_not_admitted", detail, "42 CFR part 2 subpart E")
    if order.records_held_for is not HeldFor.TREATMENT:
        detail = "No order reaches records that are held for research, audit or evaluation."
        yield Flaw("/records_held_for", "order_research_or_audit", detail, "42 CFR 2.62")
    if not order.findings_recorded:
        detail = "The order must record the findings that the section asks the court to make."
        yield Flaw("/findings_recorded", "order_findings_missing", detail, "42 CFR 2.64(d), 2.65(d), 2.66(c)")
    if not order.notice_given:
        detail = "Patient and holder must have had notice and a chance to answer."
        yield Flaw("/notice_given", "order_notice_missing", detail, "42 CFR 2.64(b), 2.65(b), 2.66(b)")
    yield from (*_elements(order, facts), *_persons(order), *_days(order, facts))


def _elements(order: CourtOrder, facts: OrderFacts) -> Iterator[Flaw]:
    """2.64(e)(1): only the parts that are essential, named one by one."""
    if not order.elements:
        yield Flaw("/elements", "order_scope_empty", "Name what the order lets you disclose.", "42 CFR 2.64(e)(1)")
    for number, name in enumerate(order.elements):
        if "*" in name or name.casefold() in _EVERYTHING:
            detail = "An order is limited to the essential parts of the record: name each."
            yield Flaw(f"/elements/{number}", "order_scope_wildcard", detail, "42 CFR 2.64(e)(1)")
        elif name not in {element.value for element in Element}:
            yield Flaw(f"/elements/{number}", "element_unknown", "This kind of information is not on the list.")
    yield from _communications(order, facts)


def _communications(order: CourtOrder, facts: OrderFacts) -> Iterator[Flaw]:
    """2.63, 2.31(b): what was said in confidence, expressly and on one of three grounds."""
    if order.covers_confidential_communications and order.confidential_ground is None:
        detail = "Without a threat to life, an extremely serious crime or the patient's own testimony: ask counsel."
        yield Flaw("/confidential_ground", "order_confidential_ground_missing", detail, "42 CFR 2.63(a)")
    admitted = facts.profile.settings.get("counselling_notes_to_justice") == "separate_consent"
    for number, name in enumerate(order.elements):
        if name in CONFIDENTIAL and not order.covers_confidential_communications:
            detail = "This holds what the patient said in treatment: the order must cover that expressly."
            yield Flaw(f"/elements/{number}", "order_confidential_not_covered", detail, "42 CFR 2.63")
        if name == NOTES and not admitted:
            detail = "The rules of this clinic never let counselling notes leave for a court."
            yield Flaw(f"/elements/{number}", "order_notes_not_admitted", detail, "42 CFR 2.31(b)")


def _persons(order: CourtOrder) -> Iterator[Flaw]:
    """2.64(e)(2): only persons whose need is the ground of the order."""
    if not order.persons:
        yield Flaw("/persons", "order_persons_missing", "Name who may receive: a role at the court, and whom.")
    courts = {role.value for role, kind in KIND_OF_ROLE.items() if kind is AgencyKind.COURT}
    for number, person in enumerate(order.persons):
        if person.role not in courts:
            yield Flaw(f"/persons/{number}/role", "order_role_not_of_court", "The role is judge or court_team.")
        if person.staff_id is not None and not (0 < len(person.staff_id) <= 64 and person.staff_id.isprintable()):
            detail = "Give the staff id that the court asks with, 1 to 64 characters."
            yield Flaw(f"/persons/{number}/staff_id", "person_malformed", detail)


def _days(order: CourtOrder, facts: OrderFacts) -> Iterator[Flaw]:
    if order.valid_to < order.valid_from:
        yield Flaw("/valid_to", "order_dates_reversed", "The order ends before it begins.")
    elif term_of(order, facts.time_zone)[1] <= facts.now:
        yield Flaw("/valid_to", "order_expired", "The order has ended.")
