"""Every code of domain rules 5.3, met over HTTP at the place where the form is wrong; and to justice none of them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from app.consent.creation.sentences import SENTENCES as OF_FORMS
from app.consent.signing.sentences import SENTENCES as OF_SIGNATURES
from app.exchange.closings import set_profile
from app.sandbox.steps import must
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, END, PROBATION, Scene, refer, scene, signing
from tests.service import DATABASES, run, world

NOTES: Final = "restricted.counselling_notes"
JUDGE: Final = {"org_unit": COURT, "role": "judge"}
HILLSIDE: Final = {"org_unit": "u-clinic-hillside", "role": "clinician"}
POLICE: Final = {"org_unit": "u-police-diversion", "role": "police_diversion"}
Broken = tuple[str, str, dict[str, Any]]
FORMS: Final[tuple[Broken, ...]] = (
    ("subject_name_missing", "/subject/name_on_form", {"subject": {"name_on_form": " "}}),
    ("subject_name_mismatch", "/subject/name_on_form", {"subject": {"name_on_form": "Maria Garcia"}}),
    ("discloser_missing", "/disclosers", {"disclosers": []}),
    ("creator_not_discloser", "/disclosers/0", {"disclosers": ["u-clinic-hillside"]}),
    ("elements_empty", "/elements", {"elements": []}),
    ("elements_wildcard", "/elements/0", {"elements": ["entire record"]}),
    ("element_unknown", "/elements/0", {"elements": ["enrolment.mood"]}),
    ("element_above_role_ceiling", "/elements/0", {"elements": ["clinical.medication"]}),
    ("recipient_missing", "/recipients", {"recipients": []}),
    ("recipient_not_registered_unit", "/recipients/0/org_unit", {"recipients": [JUDGE | {"org_unit": "a-court"}]}),
    ("recipient_class_not_allowed_for_role", "/recipients/0/org_unit", {"recipients": [JUDGE | {"org_unit": "all"}]}),
    ("purpose_missing", "/purposes", {"purposes": []}),
    ("purpose_unknown", "/purposes/0", {"purposes": ["curiosity"]}),
    ("purpose_role_mismatch", "/purposes/0", {"purposes": ["release_planning"]}),
    ("action_missing", "/referral_id", {"referral_id": None}),
    ("action_not_of_subject", "/referral_id", {"referral_id": "0" * 32}),
    ("expiry_missing", "/expiry", {"expiry": None}),
    ("expiry_none_only_for_tpo", "/expiry/at", {"expiry": {"at": "none"}}),
    ("expiry_past", "/expiry/at", {"expiry": {"at": "2020-01-01"}}),
    ("expiry_backstop_missing", "/expiry/at", {"expiry": {"event": "final_disposition"}}),
    ("proceeding_consent_must_stand_alone", "/purposes/1", {"purposes": ["condition_monitoring", "proceeding"]}),
    (
        "counselling_notes_consent_must_stand_alone",
        "/elements/1",
        {"elements": ["clinical.diagnosis", NOTES], "recipients": [HILLSIDE], "purposes": ["treatment"]}
        | {"kind": "tpo", "referral_id": None, "expiry": {"at": "none"}, "statements": dict.fromkeys(
            ("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"), True
        )},
    ),
    (
        "tpo_statements_missing",
        "/statements/tpo_refusal",
        {"kind": "tpo", "referral_id": None, "expiry": {"at": "none"}, "recipients": [HILLSIDE]}
        | {"purposes": ["treatment"], "elements": ["clinical.diagnosis"]}
        | {"statements": dict.fromkeys(("revocation", "hipaa_redisclosure", "tpo_redisclosure"), True)},
    ),
    ("backdated_effective_from", "/effective_from", {"effective_from": "2020-01-01"}),
    ("kind_without_route", "/kind", {"kind": "research"}),
    ("kind_unknown", "/kind", {"kind": "court_order"}),
    ("lawful_basis_unexpected", "/lawful_basis", {"lawful_basis": {"article": "6(1)(e)", "law": "a law"}}),
    ("intermediary_members_missing", "/intermediary/members", {"intermediary": {"name": "Exchange"}}),
)  # fmt: skip
OF_2_35: Final[tuple[Broken, ...]] = (
    ("role_outside_2_35", "/recipients/0/role", {"recipients": [POLICE], "elements": ["enrolment.engaged"]}),
    ("revocable_from_after_final_disposition", "/revocable_from/at", {"revocable_from": {"at": "2036-01-01"}}),
    ("duration_rationale_missing", "/duration_rationale", {"duration_rationale": " "}),
    ("revocable_from_missing", "/revocable_from", {"revocable_from": {"at": "none"}}),
)


async def _refused(s: Scene, form: dict[str, Any]) -> list[tuple[str, str]]:
    answer = await s.clinic.post("/v1/consents", form)
    check(answer, "POST", "/v1/consents")
    assert answer.status_code == 422, answer.text
    return [(error["code"], error["pointer"]) for error in answer.json()["errors"]]


@run
async def test_each_thing_wrong_on_a_form_is_refused_where_it_stands() -> None:
    """One thing broken at a time; nothing is stored; and the same form is sound without it."""
    async with world("sqlite") as w:
        s = await scene(w)
        for code, pointer, changes in FORMS:
            assert await _refused(s, s.form(**changes)) == [(code, pointer)], code
        for code, pointer, changes in OF_2_35:
            assert await _refused(s, s.cjs(**changes)) == [(code, pointer)], code
        assert (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"] == []
        for form in (s.form(), s.cjs()):
            await must(await s.clinic.post("/v1/consents", form), 201)


@run
async def test_what_depends_on_the_case_is_refused_by_the_case() -> None:
    """No condition; a measure that ends sooner; a live consent for the same; a recipient whose own law never has it."""
    async with world("sqlite") as w:
        s = await scene(w)
        voluntary = await refer(s.judge, s.case_id, condition_imposed=False)
        short = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2, "end_date": "2030-01-01"}
        measured = await refer(s.judge, s.case_id, conditions=short)
        for referral in (voluntary, measured):
            await must(await s.clinic.call("PATCH", f"/v1/referrals/{referral}/patient", {"patient_id": s.patient}))
        assert ("condition_not_imposed", "/referral_id") in await _refused(s, s.cjs(referral_id=voluntary))
        assert await _refused(s, s.form(referral_id=measured)) == [("exceeds_measure", "/expiry/at")]
        await s.sign()
        assert await _refused(s, s.form()) == [("consent_overlap_unresolved", "/recipients/0")]
        await set_profile(w.hub, PROBATION, "unodc-generic@1")
        officer = {"org_unit": PROBATION, "role": "probation_officer"}
        found = await _refused(s, s.form(recipients=[officer], elements=["enrolment.status", "testing.result_panel"]))
        assert found == [("element_above_role_ceiling", "/elements/1")], "by the recipient's own law"


def _at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).replace(microsecond=0).isoformat()


SIGNATURE: Final = {"name": "Maria Lopez", "method": "wet", "evidence_hash": "sha256:" + "0" * 64}


def _signed(role: str = "patient", **changes: Any) -> dict[str, Any]:
    return SIGNATURE | {"role": role, "signed_at": _at(0)} | changes


def _bodies() -> tuple[Broken, ...]:
    capacity, notice = signing()["capacity"], signing()["notice_given"]
    all_ = {"activate": True}
    return (
        ("signed_in_future", "/signatures/0/signed_at", signing(signatures=[_signed(signed_at=_at(24))])),
        ("signature_set_incomplete", "/signatures", signing(signatures=[_signed("witness")]) | all_),
        ("patient_notice_missing", "/notice_given", signing(notice_given=None) | all_),
        ("capacity_not_established", "/capacity", signing(capacity=None) | all_),
        ("attestation_missing", "/copy_given_at", signing(copy_given_at=None) | all_),
        (
            "capacity_not_established",
            "/capacity/status",
            signing(capacity=capacity | {"status": "intoxicated_or_withdrawal"}),
        ),
        (
            "representative_authority_missing",
            "/signatures/1/authority_ref",
            signing(signatures=[_signed(), _signed("guardian")]),
        ),
        (
            "no_valid_consenter",
            "/signatures/0/role",
            signing(signatures=[_signed("director")], capacity=capacity | {"status": "impaired"}),
        ),
        (
            "no_valid_consenter",
            "/signatures/0/role",
            signing(
                signatures=[_signed("guardian", authority_ref="order 12/2026", authority_scope="property")],
                capacity=capacity | {"status": "adjudicated_lacking"},
            ),
        ),
        (
            "witness_conflict",
            "/signatures/1/unit",
            signing(signatures=[_signed(), _signed("interpreter", unit="u-police-patrol")]),
        ),
        ("language_mismatch", "/notice_given/language", signing(notice_given=notice | {"language": "es"})),
    )


@run
async def test_each_thing_wrong_with_a_signature_is_refused_where_it_stands() -> None:
    """Nothing of a refused call is kept: the consent still waits for all of it, and then becomes active."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        path = f"/v1/consents/{consent}/signatures"
        for code, pointer, body in _bodies():
            answer = await s.clinic.post(path, body)
            check(answer, "POST", "/v1/consents/{consent_id}/signatures")
            found = [(error["code"], error["pointer"]) for error in answer.json()["errors"]]
            assert (answer.status_code, found) == (422, [(code, pointer)]), code
        shown = await must(await s.clinic.get(f"/v1/consents/{consent}"))
        assert shown["still_missing"] == ["patient_signature", "capacity", "patient_notice", "copy_given"]
        assert (await must(await s.clinic.post(path, signing() | {"activate": True}), 201))["state"] == "active"


def test_every_code_of_the_domain_rules_is_met_over_http() -> None:
    """The list of 5.3, read from here, has no code that only the core could give."""
    met = {code for code, *_ in (*FORMS, *OF_2_35, *_bodies())}
    met |= {"condition_not_imposed", "exceeds_measure", "consent_overlap_unresolved", "lawful_basis_missing"}
    listed = (
        "subject_name_missing discloser_missing elements_empty elements_wildcard element_unknown "
        "element_above_role_ceiling recipient_missing recipient_not_registered_unit "
        "recipient_class_not_allowed_for_role purpose_missing purpose_unknown purpose_role_mismatch action_missing "
        "action_not_of_subject expiry_missing expiry_none_only_for_tpo expiry_past expiry_backstop_missing "
        "exceeds_measure revocable_from_missing revocable_from_after_final_disposition duration_rationale_missing "
        "role_outside_2_35 condition_not_imposed proceeding_consent_must_stand_alone "
        "counselling_notes_consent_must_stand_alone tpo_statements_missing signature_set_incomplete signed_in_future "
        "backdated_effective_from representative_authority_missing no_valid_consenter witness_conflict "
        "capacity_not_established language_mismatch patient_notice_missing consent_overlap_unresolved "
        "lawful_basis_missing creator_not_discloser"
    ).split()
    assert set(listed) <= met
    assert set(listed) <= {*OF_FORMS, *OF_SIGNATURES}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_to_justice_every_form_is_one_refusal(kind: str) -> None:
    """Case 75: sound or broken, of a patient or of nobody, and each of its routes: the same bytes."""
    async with world(kind) as w:
        s = await scene(w)
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        forms = (s.form(), s.form(patient_id="0" * 32), *(s.form(**changes) for _, _, changes in FORMS))
        answers = [await s.judge.post("/v1/consents", form) for form in forms]
        answers += [await s.judge.post(f"/v1/consents/{one}/signatures", signing()) for one in (consent, "0" * 32)]
        assert {answer.status_code for answer in answers} == {403}
        assert len({answer.content for answer in answers}) == 1 and END not in answers[0].text
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "proposed"
        assert CLINIC == s.clinic.unit
