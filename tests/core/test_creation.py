"""A sound form has no flaw; with exactly one thing broken it has exactly that flaw, at that place (domain 5.3)."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from app.consent.creation import CreationFacts, check, grants
from app.consent.creation.sentences import SENTENCES
from app.consent.laws import cited
from app.consent.proposal import ClockOnForm as At
from app.consent.proposal import Proposal, Statements, SubjectOnForm
from app.consent.proposal import RecipientOnForm as To
from app.vocabulary import CaseEvent, Element, Purpose, Role
from tests.core.broken_forms import COURT, NOTES, Row
from tests.core.broken_forms import ROWS as FORMS
from tests.core.broken_grounds import AGREEMENT, EUROPE
from tests.core.broken_grounds import ROWS as GROUNDS
from tests.core.broken_grounds import SOUND as ON_GROUNDS
from tests.core.forms import CJS, JUDGE, LIVE, NAMED, PROBATION, TPO, WORLD, cjs, named, referred, tpo, world

JUDGES_PART: Final = To(COURT, "judge", elements=("attendance.summary",), purposes=("condition_monitoring",))
OTHER_CASE: Final = referred(case="case-y").referral
UNBOUNDED: Final = referred(end_date=None, final_disposition_due=None)
ENDLESS: Final = referred(end_date=date.max, final_disposition_due=date.max)
ROWS: Final[tuple[Row, ...]] = FORMS + GROUNDS
TO_PRISON: Final = (To("prison-health", "prison_clinician"),)

SOUND: Final[dict[str, tuple[Proposal, CreationFacts]]] = {
    "2.35": (CJS, WORLD),
    "named disclosure": (NAMED, WORLD),
    "tpo": (TPO, WORLD),
    "tpo that outlasts a measure it does not name": (tpo(expiry=At("2040-01-01")), WORLD),
    "tpo that ends on a day": (tpo(expiry=At("2027-06-30")), WORLD),
    "a member of staff": (cjs(recipients=(To(COURT, "judge", "jdg-8"), PROBATION)), WORLD),
    "another event came before": (CJS, referred(happened=frozenset({CaseEvent.TREATMENT_ENDED}))),
    "opens with what came before": (
        cjs(expiry=At("2027-06-30"), revocable_from=At("2027-05-31", "final_disposition")),
        referred(happened=frozenset({CaseEvent.FINAL_DISPOSITION})),
    ),
    "surname in one piece": (cjs(subject=SubjectOnForm("garcialopez, maria")), WORLD),
    "a single name": (cjs(subject=SubjectOnForm("Suharto")), world(patient_sur_name="", patient_given_name="Suharto")),
    "opens with the decision, which is late": (cjs(revocable_from=At("2027-06-30", "final_disposition")), WORLD),
    "last second of the measure": (cjs(expiry=At("2027-06-30T23:59:59-05:00")), WORLD),
    "measure without an end": (cjs(expiry=At("2030-01-01"), revocable_from=At("2029-01-01")), UNBOUNDED),
    "measure until the end of the calendar": (cjs(expiry=At("9998-12-30")), ENDLESS),
    "begins today": (cjs(effective_from="2026-11-24"), WORLD),
    "begins later": (cjs(effective_from="2026-12-24T09:00:00Z"), WORLD),
    "records from today": (cjs(records_from=date(2026, 11, 24)), WORLD),
    "replaces the live one": (cjs(supersedes=("consent-1",)), world(live=(LIVE,))),
    "stands beside the live one": (cjs(additional=True), world(live=(LIVE,))),
    "live one in another case": (CJS, world(live=(LIVE,), referral=OTHER_CASE)),
    "live one for another purpose": (named(recipients=(JUDGE,)), world(live=(LIVE,))),
    "named disclosure after the end of the case": (NAMED, referred(ended=True)),
    "counselling notes alone": (tpo(recipients=TO_PRISON, purposes=("treatment",), elements=(NOTES,)), WORLD),
    "each its own part": (
        cjs(elements=("attendance.sessions", "attendance.summary"), recipients=(JUDGES_PART, PROBATION)),
        WORLD,
    ),
    **ON_GROUNDS,
}


@pytest.mark.parametrize("name", SOUND)
def test_sound_form_has_no_flaw(name: str) -> None:
    proposal, facts = SOUND[name]
    assert check(proposal, facts) == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_one_thing_broken_is_that_flaw_at_that_place(row: Row) -> None:
    code, pointer, proposal, facts = row
    assert [(found.code, found.pointer) for found in check(proposal, facts)] == [(code, pointer)]


def test_every_code_has_its_row() -> None:
    assert {row[0] for row in ROWS} == set(SENTENCES)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_flaw_cites_its_rule_and_says_what_to_do(row: Row) -> None:
    found = check(row[2], row[3])[0]
    assert found.section.startswith(("42 CFR 2.", "GDPR 6"))
    assert found.detail.endswith(".") and "{" not in found.detail


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_another_jurisdiction_is_not_cited_part_2(row: Row) -> None:
    """A clinic of the Union is told of its own law, whichever check found the flaw."""
    (found,) = cited(check(row[2], row[3])[:1], "eu-gdpr-led@1+eu-ie@1")
    assert "CFR" not in found.section and found.section
    assert cited([found], "us-42cfr2@1") == [found]


def test_an_agreement_without_a_law_is_cited_the_law_it_lacks() -> None:
    (found,) = check(replace(AGREEMENT, lawful_basis=None), EUROPE)
    assert (found.code, found.section) == ("lawful_basis_missing", "GDPR 6; LED 8")


def test_all_flaws_at_once() -> None:
    broken = named(
        subject=SubjectOnForm(""),
        disclosers=(),
        elements=("everything", "enrolment.mood"),
        purposes=("curiosity",),
        recipients=(To("county", "judge"), To(COURT, "bailiff")),
        referral_id=None,
        expiry=None,
        time_zone="Mars/Olympus",
        statements=Statements(),
        supersedes=("consent-9",),
    )
    assert [(found.code, found.pointer) for found in check(broken, WORLD)] == [
        ("subject_name_missing", "/subject/name_on_form"),
        ("discloser_missing", "/disclosers"),
        ("recipient_not_registered_unit", "/recipients/0/org_unit"),
        ("role_unknown", "/recipients/1/role"),
        ("action_missing", "/referral_id"),
        ("purpose_unknown", "/purposes/0"),
        ("elements_wildcard", "/elements/0"),
        ("element_unknown", "/elements/1"),
        ("time_zone_unknown", "/time_zone"),
        ("expiry_missing", "/expiry"),
        ("revocation_statement_missing", "/statements/revocation"),
        ("supersedes_unknown", "/supersedes/0"),
    ]


def test_inherited_element_above_one_ceiling_names_the_recipient() -> None:
    broken = cjs(elements=("enrolment.status", "attendance.sessions", "attendance.absence_reason"))
    (found,) = check(broken, WORLD)
    assert (found.code, found.pointer) == ("element_above_role_ceiling", "/elements/2")
    assert "Recipient 1 " in found.detail


def test_unknown_kind_hides_no_other_flaw() -> None:
    found = {each.code for each in check(named(kind="general", elements=("clinical.diagnosis",)), WORLD)}
    assert found == {"kind_unknown", "element_above_role_ceiling"}


def test_unknown_other_clinics_and_unmatched_referral_are_one_answer() -> None:
    """The facts hold no referral in all three; nothing else of the form then depends on one."""
    found = [each.code for each in check(cjs(expiry=At("2040-01-01")), world(referral=None, live=(LIVE,)))]
    assert found == ["action_not_of_subject"]


def test_no_flaw_repeats_what_was_sent() -> None:
    secret = "Xq7Zy"
    broken = Proposal(
        secret, secret, SubjectOnForm(secret), (secret,), (To(secret, secret, secret, (secret,), (secret,)),),
        (secret,), (secret,), At(secret, secret), secret, At(secret, secret), secret, Statements(), secret, secret,
        secret, None, (secret,),
    )  # fmt: skip
    found = check(broken, world(referral=None))
    assert len(found) >= 12
    assert secret not in repr(found)


def test_grants_are_each_recipients_part_as_written() -> None:
    own = To(COURT, "judge", "staff-1", ("condition_monitoring",), ("attendance.summary",))
    judge, probation = grants(cjs(recipients=(own, PROBATION)))
    assert (judge.unit, judge.role, judge.person) == (COURT, Role.JUDGE, "staff-1")
    assert judge.purposes == {Purpose.CONDITION_MONITORING}
    assert judge.elements == {Element.ATTENDANCE_SUMMARY}
    assert probation.elements == {Element.ENROLMENT_STATUS, Element.ATTENDANCE_SUMMARY}
    assert probation.person is None
