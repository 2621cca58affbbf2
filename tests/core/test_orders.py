"""Court orders: what keeps one from being held for a decision, and what one without flaws grants (2.61 to 2.66)."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.consent.instrument import Clock, Instrument
from app.consent.obligations import banner
from app.consent.order_checks import CONFIDENTIAL, NOTES, OrderFacts, flaws_of_order
from app.consent.orders import CourtOrder, PersonOnOrder, basis_of, grants_of, term_of
from app.profile_files import profiles
from app.vocabulary import AgencyKind, ConsentKind, Element, Purpose, Role
from app.vocabulary.ordering import ConfidentialGround, OrderType

NOW = 1_790_000_000_000_000
US, EU, UNODC = "us-42cfr2@1", "eu-gdpr-led@1", "unodc-generic@1"
ALL = profiles()


def facts(profile: str = US, switched_on: bool = False) -> OrderFacts:
    """Facts of a sound order at a clinic of this profile."""
    chosen = ALL[profile]
    settings = dict(chosen.settings) | ({"counselling_notes_to_justice": "separate_consent"} if switched_on else {})
    return OrderFacts(NOW, "America/Chicago", replace(chosen, settings=settings), AgencyKind.COURT, True)


def order(**changes: Any) -> CourtOrder:
    """A sound order for the results of tests."""
    sound = CourtOrder(
        patient_id="p",
        referral_id="r",
        court_unit="u-court",
        type=OrderType.NON_CRIMINAL,
        order_ref="2026-CV-0118",
        elements=("testing.result_summary",),
        persons=(PersonOnOrder("judge"), PersonOnOrder("court_team", "t-4")),
        findings_recorded=True,
        notice_given=True,
        valid_from=date(2026, 9, 1),
        valid_to=date(2035, 6, 30),
    )
    return replace(sound, **changes)


def codes(chosen: CourtOrder, known: OrderFacts) -> set[str]:
    """The codes of its flaws."""
    return {flaw.code for flaw in flaws_of_order(chosen, known)}


@pytest.mark.parametrize("type_", [OrderType.NON_CRIMINAL, OrderType.CRIMINAL, OrderType.AGAINST_HOLDER])
def test_each_type_of_subpart_e_is_an_order_in_the_united_states_and_nowhere_else(type_: OrderType) -> None:
    assert codes(order(type=type_), facts()) == set()
    assert codes(order(type=type_), facts(EU)) == {"order_type_not_admitted"}
    assert codes(order(type=type_), facts(UNODC)) == {"order_type_not_admitted"}


def test_an_order_of_national_law_is_one_in_the_union_alone() -> None:
    own = order(type=OrderType.NATIONAL_LAW)
    assert codes(own, facts(EU)) == set()
    assert codes(own, facts()) == codes(own, facts(UNODC)) == {"order_type_not_admitted"}


@pytest.mark.parametrize("element", sorted(CONFIDENTIAL))
def test_what_was_said_in_confidence_needs_that_the_order_says_so_and_why(element: Element) -> None:
    named = order(elements=(element.value,))
    assert "order_confidential_not_covered" in codes(named, facts(switched_on=True))
    covering = replace(named, covers_confidential_communications=True)
    assert codes(covering, facts(switched_on=True)) == {"order_confidential_ground_missing"}
    grounded = replace(covering, confidential_ground=ConfidentialGround.THREAT_TO_LIFE)
    assert codes(grounded, facts(switched_on=True)) == set()


def test_counselling_notes_leave_under_no_order_unless_the_profile_is_switched_on() -> None:
    """Case 28."""
    ground = {"covers_confidential_communications": True, "confidential_ground": ConfidentialGround.PATIENT_TESTIMONY}
    notes = order(elements=(NOTES.value,), **ground)
    assert codes(notes, facts()) == {"order_notes_not_admitted"}
    assert codes(notes, facts(switched_on=True)) == set()


def test_a_subpoena_is_judged_by_whom_it_is_about_alone_since_it_opens_nothing() -> None:
    bare = order(type=OrderType.SUBPOENA, findings_recorded=False, notice_given=False, elements=(), persons=())
    assert codes(bare, facts()) == codes(bare, facts(UNODC)) == set()
    assert codes(bare, replace(facts(), of_patient=False)) == {"order_not_of_patient"}


def test_an_order_grants_its_own_elements_to_its_own_persons_for_the_proceeding() -> None:
    first, second = grants_of(order())
    assert (first.unit, first.role, first.person) == ("u-court", Role.JUDGE, None)
    assert (second.role, second.person) == (Role.COURT_TEAM, "t-4")
    assert {first.purposes, second.purposes} == {frozenset({Purpose.PROCEEDING})}
    assert first.elements == second.elements == {Element.TESTING_RESULT_SUMMARY}


def test_an_order_authorises_from_the_first_to_the_last_of_its_days_in_the_zone_of_the_clinic() -> None:
    begins, ends = term_of(order(valid_from=date(2026, 3, 8), valid_to=date(2026, 3, 8)), "America/Chicago")
    assert ends - begins == 23 * 3_600_000_000, "the clocks go forward on that day"
    over = order(valid_to=date(2026, 9, 1))
    last = term_of(over, "America/Chicago")[1]
    assert codes(over, replace(facts(), now=last - 1)) == set()
    assert codes(over, replace(facts(), now=last)) == {"order_expired"}


@pytest.mark.parametrize(
    ("type_", "sealed", "rule"),
    [(OrderType.CRIMINAL, False, "(42 CFR 2.65)"), (OrderType.NATIONAL_LAW, True, "(national law)")],
)
def test_the_banner_names_the_rule_and_the_seal(type_: OrderType, sealed: bool, rule: str) -> None:
    instrument = Instrument(
        "i", 1, ConsentKind.COURT_ORDER, "p", "d", "k", (), "x", 1, 1, Clock(2), US, 1, "x",
        lawful_basis=basis_of(order(type=type_, sealed=sealed)),
    )  # fmt: skip
    text = banner(instrument)
    assert rule in text
    assert text.endswith("under seal.") is sealed
    assert ", sealed" not in text
