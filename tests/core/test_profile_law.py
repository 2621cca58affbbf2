"""What the three profiles let leave, side by side (domain rules 2.2, 2.5, 3.4), and the words that go with it."""

from itertools import product
from pathlib import Path

import pytest

from app.consent.profile import Profile
from app.vocabulary import JUSTICE_ROLES, ConsentKind, Element, Purpose, Role
from tests.core.shipped import EU, SHIPPED, UNODC, US, notice

GOLDEN = Path(__file__).parent / "golden"
NONE = frozenset[Element]()
LOWEST = {
    Element.REFERRAL_DECISION,
    Element.ENROLMENT_ENGAGED,
    Element.ATTENDANCE_COMPLIANT,
    Element.CLINICAL_NEED_INDICATED,
}
"""The lowest step of each ladder, and what is no ladder and says whether the referral was taken up."""


def _written(profile: Profile, role: Role) -> frozenset[Element]:
    return profile.written.get(role, NONE)


@pytest.mark.parametrize(("name", "role"), list(product((EU, UNODC), Role)))
def test_no_role_may_have_more_than_under_part_2(name: str, role: Role) -> None:
    mine, theirs = SHIPPED[name], SHIPPED[US]
    assert _written(mine, role) <= _written(theirs, role)
    assert mine.standard.get(role, NONE) <= theirs.standard.get(role, NONE)


@pytest.mark.parametrize("role", sorted(JUSTICE_ROLES))
def test_in_the_eu_only_the_lowest_steps_are_pre_filled_for_justice(role: Role) -> None:
    """LED 10: strictly necessary. What the patient adds by name stays as it is under Part 2."""
    eu, us = SHIPPED[EU], SHIPPED[US]
    assert eu.standard.get(role, NONE) == us.standard.get(role, NONE) & LOWEST
    assert _written(eu, role) == _written(us, role)


@pytest.mark.parametrize("role", sorted(JUSTICE_ROLES))
def test_under_unodc_no_diagnosis_and_no_panel_goes_to_justice(role: Role) -> None:
    never = {Element.CLINICAL_DIAGNOSIS, Element.TESTING_RESULT_PANEL}
    assert _written(SHIPPED[UNODC], role) == _written(SHIPPED[US], role) - never


@pytest.mark.parametrize("name", SHIPPED)
def test_who_treats_may_have_the_same_everywhere(name: str) -> None:
    for role in (Role.CLINICIAN, Role.CLINIC_STAFF, Role.PRISON_CLINICIAN):
        assert SHIPPED[name].standard[role] == SHIPPED[US].standard[role]
        assert SHIPPED[name].if_named[role] == SHIPPED[US].if_named[role]


def test_each_profile_has_its_own_kinds() -> None:
    """2.35 is of the United States alone; an agreement, of the EU; UNODC knows no order."""
    K = ConsentKind
    everywhere = {K.TPO, K.COUNSELLING_NOTES, K.RESEARCH}
    assert set(SHIPPED[US].kinds) == everywhere | {K.CJS_2_35, K.NAMED_DISCLOSURE, K.PROCEEDING, K.COURT_ORDER}
    assert set(SHIPPED[EU].kinds) == everywhere | {K.AGREEMENT, K.COURT_ORDER}
    assert set(SHIPPED[UNODC].kinds) == everywhere | {K.NAMED_DISCLOSURE}


@pytest.mark.parametrize("name", SHIPPED)
def test_research_is_known_and_reaches_nobody(name: str) -> None:
    rule = SHIPPED[name].kinds[ConsentKind.RESEARCH]
    assert (rule.roles, rule.purposes) == (frozenset(), frozenset())


@pytest.mark.parametrize("name", SHIPPED)
def test_treatment_stays_between_those_who_treat(name: str) -> None:
    """A court is never a recipient for treatment, payment or operations (2.33(a)(2))."""
    for rule in SHIPPED[name].kinds.values():
        if rule.purposes & {Purpose.TREATMENT, Purpose.PAYMENT, Purpose.OPERATIONS}:
            assert not rule.roles & JUSTICE_ROLES


def test_use_in_a_proceeding_needs_its_own_kind_or_an_order_and_under_unodc_there_is_none() -> None:
    carrying = {
        name: {kind.value for kind, rule in profile.kinds.items() if Purpose.PROCEEDING in rule.purposes}
        for name, profile in SHIPPED.items()
    }
    assert carrying == {US: {"proceeding", "court_order"}, EU: {"court_order"}, UNODC: set()}
    planning = {
        name: {kind.value for kind, rule in profile.kinds.items() if Purpose.DISPOSITION_PLANNING in rule.purposes}
        for name, profile in SHIPPED.items()
    }
    assert planning == {US: {"proceeding"}, EU: set(), UNODC: set()}


def test_the_settings_are_those_of_the_law() -> None:
    """Domain rules 2.5, transcribed by hand: US, EU, UNODC."""
    table = {
        "consent_is_lawful_basis": ("yes", "no", "yes"),
        "justice_consent_kind": ("cjs_2_35 named_disclosure", "agreement", "named_disclosure"),
        "revocation": ("any_time_or_from_clock", "any_time", "any_time"),
        "reliance_exception": ("yes", "earlier_processing_stays_lawful", "yes"),
        "counselling_notes_to_justice": ("never", "never", "never"),
        "proceedings_use": ("proceeding_kind_or_order", "national_law", "never"),
        "emergency": ("us_2_51", "vital_interests", "life_threat"),
        "accounting_days": ("60", "28", "30"),
        "accounting_extension_days": ("30", "59", "0"),
        "accounting_years": ("3", "all", "all"),
        "accounting_free_months": ("12", "0", "0"),
        "breach_clock": ("60d", "72h", "72h"),
        "log_retention": ("6y", "end_of_next_year", "3y"),
        "tell_recipients_of": (
            "correction",
            "correction erasure restriction unlawful_transmission",
            "correction",
        ),
        "max_consent_duration": ("action_end", "action_end_12m_review", "measure_6m_review"),
        "public_error_mode": ("uniform",) * 3,
        "existence_confirmation": ("never",) * 3,
        "notice_names_discloser": ("no",) * 3,
        "voluntariness_check": ("recorded", "recorded", "required"),
        "dpia": ("none", "required", "none"),
    }
    assert {key: tuple(SHIPPED[name].settings[key] for name in (US, EU, UNODC)) for key in table} == table


@pytest.mark.parametrize("name", SHIPPED)
def test_the_notice_is_word_for_word_the_one_that_was_approved(name: str) -> None:
    """42 CFR 2.32 Statement 1; LED 9(3); the plain notice of UNODC. A change of text is a new name."""
    text = SHIPPED[name].settings["notice"]
    assert notice(text) == (GOLDEN / f"notice-{text}.txt").read_text(encoding="utf-8").strip()
