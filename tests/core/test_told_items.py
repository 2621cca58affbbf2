"""What one item says, to the last key, and which items there are: nothing but what is granted, in one order."""

from dataclasses import replace
from datetime import date

import pytest

from app.consent.instrument import Clock
from app.consent.obligations import MEANING, ORDERED, READ_AGAIN
from app.consent.orders import SEALED
from app.consent.slots import CURRENT, ambiguous, every_slot
from app.consent.treatment import USE_LIMIT
from app.consent.treatment import obligations as of_transfer
from app.vocabulary import CaseEvent, ConsentKind, Element, MessageKind, Purpose
from tests.core.telling import JUDGE, SCOPE, TODAY, facts, item_id, parcel, permit, signed

E = Element
STATUS, PROVIDER, DECISION = E.ENROLMENT_STATUS, E.ENROLMENT_PROVIDER, E.REFERRAL_DECISION
SUMMARY, COMPLIANT = E.ATTENDANCE_SUMMARY, E.ATTENDANCE_COMPLIANT
LIMIT = "Use only for official duties in case docket D-1; no onward use beyond it."


def test_a_current_item_says_exactly_this() -> None:
    world = facts(signed("i", STATUS, expiry=Clock(2**60, None, "2026-12-31")))
    (item,) = parcel(world, {("p", "d", STATUS, CURRENT, ""): ("active", "fact")}).items
    assert item.body == {
        "id": item_id("treatment_status", "current"),
        "kind": "treatment_status",
        "case": {"case_id": "case-1", "type": "docket", "value": "D-1"},
        "subject_ref": "ref-p",
        "discloser": "Clinic 7",
        "elements": {"enrolment.status": {"value": "active", "epistemic": "fact"}},
        "obligations": {
            "notice": "The notice.",
            "use_limit": LIMIT,
            "read_again": READ_AGAIN,
            "scope": [
                {
                    "discloser": "Clinic 7",
                    "recipient": {"unit": "Court", "role": "judge"},
                    "purpose": "condition_monitoring",
                    "elements": ["enrolment.engaged", "enrolment.status"],
                    "ends": {"date": "2026-12-31"},
                }
            ],
        },
    }
    assert (item.pseudonym, dict(item.instruments)) == ("name-p", {"i": (3, (STATUS,))})


def test_the_discloser_is_named_where_its_name_may_be_told() -> None:
    """Case 67."""
    cells = {("p", "d", e, CURRENT, ""): ("x", "fact") for e in (STATUS, PROVIDER)}
    (item,) = parcel(facts(signed("i", STATUS, PROVIDER)), cells).items
    assert item.body["discloser"] == "Methadone Clinic North"
    assert item.body["obligations"]["scope"][0]["discloser"] == "Methadone Clinic North"
    del cells["p", "d", PROVIDER, CURRENT, ""]
    (item,) = parcel(facts(signed("i", STATUS, PROVIDER)), cells).items
    assert item.body["discloser"] == "Clinic 7"


def test_an_item_of_a_window_names_its_days_and_says_where_nothing_was_filed() -> None:
    world = facts(signed("i", SUMMARY, E.PROGRESS_GOALS, scope=SCOPE, records_from=TODAY - 15))
    start = next(slot.start for slot in every_slot(permit(world)))
    first, *more = parcel(world, {("p", "d", SUMMARY, start, ""): ({"attended": 1}, "fact")}).items
    assert first.body["period"] == {
        "start": date.fromordinal(start).isoformat(),
        "end": date.fromordinal(start + 6).isoformat(),
    }
    assert first.body["id"] == item_id("treatment_status", "/".join(first.body["period"].values()))
    assert first.body["elements"] == {
        "attendance.summary": {"value": {"attended": 1}, "epistemic": "fact"},
        "progress.goals": {"value": "insufficient_data", "epistemic": "fact"},
    }
    assert first.body["kind"] == "treatment_status"
    assert all("period" in item.body for item in more)


def test_each_instrument_is_recorded_with_what_it_gave_and_has_its_scope() -> None:
    one, two = signed("a", STATUS, E.PROGRESS_PLAN_CHANGE), signed("b", E.ENROLMENT_DATES, version=5)
    cells = {("p", "d", e, CURRENT, ""): ("x", "fact") for e in Element}
    (item,) = parcel(facts(one, two), cells).items
    assert dict(item.instruments) == {
        "a": (3, (E.ENROLMENT_ENGAGED, STATUS, E.PROGRESS_PLAN_CHANGE)),
        "b": (5, (E.ENROLMENT_DATES,)),
    }
    assert [scope["elements"] for scope in item.body["obligations"]["scope"]] == [
        ["enrolment.engaged", "enrolment.status", "progress.plan_change"],
        ["enrolment.dates", "enrolment.engaged", "enrolment.status"],
    ]


def test_an_answer_to_a_referral_stands_alone_under_the_consents_of_that_referral() -> None:
    one, two = signed("i", DECISION), signed("j", DECISION, E.REFERRAL_REASON, referral="s")
    cells = {("p", "d", DECISION, CURRENT, name): (name, "fact") for name in ("r", "s", "")}
    items = parcel(facts(one, two), cells).items
    assert {item.body["elements"]["referral.decision"]["value"]: set(item.instruments) for item in items} == {
        "r": {"i"},
        "s": {"j"},
    }
    assert {item.body["id"] for item in items} == {item_id("referral", "currentr"), item_id("referral", "currents")}
    asked = facts(one, two, ask=replace(JUDGE, referral="s"))
    assert [dict(slot.elements)[DECISION].id for slot in every_slot(permit(asked))] == ["i"]
    assert [slot.referral for slot in every_slot(permit(asked))] == ["s"]


def test_a_read_of_one_referral_shows_nothing_else_of_other_referrals() -> None:
    one, two = signed("i", STATUS), signed("j", STATUS, DECISION, referral="s", expiry=Clock(2**60 + 1))
    slots = list(every_slot(permit(facts(one, two, ask=replace(JUDGE, referral="r")))))
    assert [(slot.kind, {e: i.id for e, i in slot.elements.items()}) for slot in slots] == [
        (MessageKind.REFERRAL, {DECISION: "j"}),
        (MessageKind.TREATMENT_STATUS, {STATUS: "i", E.ENROLMENT_ENGAGED: "i"}),
    ]


def test_two_records_of_one_clinic_that_match_one_person_are_both_left_out() -> None:
    """Domain rules 6, cases 48 to 50: never guess."""
    one, two = signed("i", STATUS), signed("j", STATUS, patient="q")
    clear = facts(one, two)
    assert ambiguous(permit(clear)) is ambiguous(permit(facts(one))) is False
    assert [slot.patient for slot in every_slot(permit(clear))] == ["p", "q"]
    assert clear.viewer is not None
    same = replace(clear, viewer=replace(clear.viewer, parties=dict.fromkeys("ij", clear.viewer.parties["i"])))
    assert ambiguous(permit(same)) and not list(every_slot(permit(same)))
    silent = replace(same, instruments=(one, signed("j", E.PROGRESS_GOALS, patient="q")))
    asked = replace(silent, ask=replace(JUDGE, elements=frozenset({STATUS})))
    assert not ambiguous(permit(asked)) and len(list(every_slot(permit(asked)))) == 1
    elsewhere = replace(same, instruments=(one, replace(two, discloser="e")), today=dict.fromkeys("de", "us-42cfr2@1"))
    assert not ambiguous(permit(elsewhere)) and len(list(every_slot(permit(elsewhere)))) == 2


def test_of_whom_the_court_has_no_reference_nothing_is_told() -> None:
    world = facts(signed("i", STATUS))
    assert world.viewer is not None
    assert not list(every_slot(permit(replace(world, viewer=replace(world.viewer, parties={})))))
    assert not list(every_slot(permit(replace(world, viewer=None))))


def test_what_a_court_ordered_has_its_own_banner_and_no_notice_of_a_consent() -> None:
    judge = replace(JUDGE, purpose=Purpose.PROCEEDING)
    grants = tuple(replace(g, purposes=frozenset({judge.purpose})) for g in signed("o", STATUS).grants)
    order = signed("o", STATUS, kind=ConsentKind.COURT_ORDER, grants=grants, lawful_basis="42 CFR 2.64")
    cells = {("p", "d", e, CURRENT, ""): ("x", "fact") for e in Element}
    (item,) = parcel(facts(order, ask=judge), cells).items
    obligations = item.body["obligations"]
    assert obligations["notice"] == ORDERED.format(rule="42 CFR 2.64")
    assert obligations["scope"][0]["basis"] == "court_order"
    sealed = replace(order, lawful_basis=f"42 CFR 2.64{SEALED}")
    (item,) = parcel(facts(sealed, ask=judge), cells).items
    seal = " The court has ordered it to be kept under seal."
    assert item.body["obligations"]["notice"] == ORDERED.format(rule="42 CFR 2.64") + seal
    consent = replace(order, id="c", kind=ConsentKind.PROCEEDING, expiry=Clock(2**60 + 1), lawful_basis="")
    more = tuple(replace(g, elements=frozenset({STATUS, E.REFERRAL_REASON, E.PROGRESS_PLAN_CHANGE})) for g in grants)
    both = facts(replace(order, grants=more), consent, ask=judge)
    item = next(one for one in parcel(both, cells).items if one.body["kind"] == "treatment_status")
    assert set(item.instruments) == {"o", "c"}
    assert item.body["obligations"]["notice"] == f"The notice.\n\n{ORDERED.format(rule='42 CFR 2.64')}"


@pytest.mark.parametrize(
    ("clock", "words"),
    [
        (Clock(2**60), {}),
        (Clock(2**60, None, "2026-12-31"), {"date": "2026-12-31"}),
        (Clock(2**60, CaseEvent.FINAL_DISPOSITION), {"event": "final_disposition"}),
        (
            Clock(2**60, CaseEvent.FINAL_DISPOSITION, "2026-12-31"),
            {"event": "final_disposition", "backstop": "2026-12-31"},
        ),
    ],
)
def test_the_scope_tells_the_end_and_of_a_2_35_consent_when_it_can_be_taken_back(
    clock: Clock, words: dict[str, str]
) -> None:
    cells = {("p", "d", STATUS, CURRENT, ""): ("active", "fact")}
    cjs = signed("i", STATUS, kind=ConsentKind.CJS_2_35, condition_imposed=True, expiry=clock, revocable_from=clock)
    (item,) = parcel(facts(cjs), cells).items
    (scope,) = item.body["obligations"]["scope"]
    assert (scope["ends"], scope["revocable_from"]) == (words, words)
    for other in (replace(cjs, revocable_from=None), replace(cjs, kind=ConsentKind.NAMED_DISCLOSURE)):
        (item,) = parcel(facts(other), cells).items
        assert "revocable_from" not in item.body["obligations"]["scope"][0]


def test_a_transfer_of_care_names_the_clinic_before_and_says_so_where_there_is_no_end() -> None:
    items = (signed("i", STATUS), signed("j", STATUS, expiry=Clock(2**60, None, "2026-12-31")))
    said = of_transfer(facts(*items), "Clinic South", ("d", "Clinic North"), ["i", "j"])
    assert (said["notice"], said["use_limit"], said["read_again"]) == ("The notice.", USE_LIMIT, READ_AGAIN)
    assert [scope["ends"] for scope in said["scope"]] == [{"date": "none"}, {"date": "2026-12-31"}]
    assert {scope["discloser"] for scope in said["scope"]} == {"Clinic North"}
    assert {scope["recipient"]["unit"] for scope in said["scope"]} == {"Clinic South"}


def test_the_fixed_sentences_are_these() -> None:
    """Reviewed word by word: they bind whoever receives an item."""
    assert READ_AGAIN == (
        "Read again before each use. What is absent is no longer confirmed and must not be treated as current. "
        "What you hold stays bound by this use limit."
    )
    assert MEANING == (
        "Only what the patient currently allows is shown. An empty list says nothing about whether a person is known, "
        "attends or complies, and must not be treated as non-compliance."
    )
    assert ORDERED == (
        "This record is released under an order of a court ({rule}) and not under a consent of the patient. Only the "
        "persons that the order names may use it, only for the proceeding that it names. No other use or disclosure is "
        "permitted."
    )
    assert USE_LIMIT == (
        "For treatment, payment and health care operations, as HIPAA permits; not in any civil, criminal, "
        "administrative or legislative proceeding against the patient (42 CFR 2.33(b)(1))."
    )
