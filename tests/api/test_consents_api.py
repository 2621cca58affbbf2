"""Consents over HTTP: made, signed, declined, replaced, previewed; and nobody else's business."""

import asyncio

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, PROBATION, scene, signing
from tests.service import DATABASES, run, world


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_every_flaw_at_once(kind: str) -> None:
    """Each with its place on the form, the section behind it and a sentence for the clerk; nothing is stored."""
    async with world(kind) as w:
        s = await scene(w)
        form = s.form(
            subject={"name_on_form": "Somebody Else"},
            disclosers=["u-clinic-hillside"],
            recipients=[
                {"org_unit": COURT, "role": "judge", "elements": ["clinical.medication"]},
                {"org_unit": "all courts", "role": "judge"},
                {"org_unit": "u-custody", "role": "custody_officer"},
            ],
            purposes=["condition_monitoring", "curiosity"],
            elements=["enrolment.status", "everything", "enrolment.statuses", "clinical.medication"],
            expiry={"event": "final_disposition"},
            statements={},
        )
        answer = await s.clinic.post("/v1/consents", form)
        check(answer, "POST", "/v1/consents")
        assert answer.status_code == 422
        errors = answer.json()["errors"]
        assert {(error["pointer"], error["code"]) for error in errors} >= {
            ("/subject/name_on_form", "subject_name_mismatch"),
            ("/disclosers/0", "creator_not_discloser"),
            ("/recipients/0/elements/0", "element_above_role_ceiling"),
            ("/recipients/1/org_unit", "recipient_class_not_allowed_for_role"),
            ("/recipients/2/role", "role_outside_kind"),
            ("/purposes/1", "purpose_unknown"),
            ("/elements/1", "elements_wildcard"),
            ("/elements/2", "element_unknown"),
            ("/expiry/at", "expiry_backstop_missing"),
            ("/statements/revocation", "revocation_statement_missing"),
        }
        for error in errors:
            assert error["section"].startswith("42 CFR 2."), error
            assert error["detail"][0].isupper() and error["detail"].endswith("."), error
        assert "Somebody" not in answer.text and "curiosity" not in answer.text
        assert (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"] == []
        preview = await s.clinic.post("/v1/consents/preview", form)
        assert (preview.status_code, preview.json()["errors"]) == (422, errors)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_signed_in_parts(kind: str) -> None:
    """It stays a proposal, which releases nothing, until the last thing that was missing is there."""
    async with world(kind) as w:
        s = await scene(w)
        proposed = await must(await s.clinic.post("/v1/consents", s.form()), 201)
        everything = ["patient_signature", "capacity", "patient_notice", "copy_given"]
        assert (proposed["state"], proposed["still_missing"]) == ("proposed", everything)
        path = f"/v1/consents/{proposed['id']}"
        whole = signing()
        for part, left in (
            ("capacity", ["patient_signature", "patient_notice", "copy_given"]),
            ("notice_given", ["patient_signature", "copy_given"]),
            ("signatures", ["copy_given"]),
        ):
            answer = await s.clinic.post(f"{path}/signatures", {part: whole[part]})
            check(answer, "POST", "/v1/consents/{consent_id}/signatures")
            assert (answer.json()["state"], answer.json()["still_missing"]) == ("proposed", left)
            assert await s.values() == []
        last = await must(await s.clinic.post(f"{path}/signatures", {"copy_given_at": whole["copy_given_at"]}), 201)
        assert (last["state"], "still_missing" in last) == ("active", False)
        assert (await s.values())[0] == ("current", {"enrolment.engaged": True, "enrolment.status": "planned"})
        again = await s.clinic.post(f"{path}/signatures", whole)
        assert (again.status_code, again.json()["code"]) == (409, "consent_not_proposed")
        assert (await s.clinic.post(f"{path}/decline", None)).status_code == 409


@run
async def test_a_signature_that_cannot_stand() -> None:
    """Signed tomorrow, by somebody intoxicated, witnessed by the court: refused at once, each with its place."""
    async with world("sqlite") as w:
        s = await scene(w)
        proposed = await must(await s.clinic.post("/v1/consents", s.form()), 201)
        whole = signing()
        (patient,) = whole["signatures"]
        witness = patient | {"role": "witness", "name": "Court Clerk", "unit": COURT}
        body = signing(
            signatures=[patient | {"signed_at": "2035-01-01T00:00:00Z", "evidence_hash": "none"}, witness],
            capacity=whole["capacity"] | {"status": "intoxicated_or_withdrawal"},
            notice_given=whole["notice_given"] | {"language": "es"},
        )
        answer = await s.clinic.post(f"/v1/consents/{proposed['id']}/signatures", body)
        check(answer, "POST", "/v1/consents/{consent_id}/signatures")
        assert {(error["pointer"], error["code"]) for error in answer.json()["errors"]} == {
            ("/signatures/0/signed_at", "signed_in_future"),
            ("/signatures/0/evidence_hash", "evidence_hash_invalid"),
            ("/signatures/1/unit", "witness_conflict"),
            ("/capacity/status", "capacity_not_established"),
            ("/notice_given/language", "language_mismatch"),
        }
        shown = await must(await s.clinic.get(f"/v1/consents/{proposed['id']}"))
        assert shown["still_missing"] == ["patient_signature", "capacity", "patient_notice", "copy_given"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_declined_looks_like_never_asked(kind: str) -> None:
    """The court's answer is the same bytes before the proposal, after it and after the patient said no."""
    async with world(kind) as w:
        s = await scene(w)
        before = await s.seen()
        proposed = await must(await s.clinic.post("/v1/consents", s.form()), 201)
        asked = await s.seen()
        path = f"/v1/consents/{proposed['id']}"
        declined = await s.clinic.post(f"{path}/decline", None)
        check(declined, "POST", "/v1/consents/{consent_id}/decline")
        assert declined.json()["state"] == "refused"
        assert (await s.clinic.post(f"{path}/decline", None)).json()["state"] == "refused"
        after = await s.seen()
        assert {(one.content, one.headers["etag"]) for one in (before, asked, after)} == {
            (before.content, before.headers["etag"])
        }
        assert (await s.clinic.post(f"{path}/signatures", signing())).status_code == 409


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_consent_replaces_another_without_a_gap(kind: str) -> None:
    """Two for one recipient are refused unless the form says how they stand to each other."""
    async with world(kind) as w:
        s = await scene(w)
        first = await s.sign(elements=["enrolment.status"])
        refused = await s.clinic.post("/v1/consents", s.form())
        assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [
            ("/recipients/0", "consent_overlap_unresolved")
        ]
        unknown = await s.clinic.post("/v1/consents", s.form(supersedes=["0" * 32], additional=True))
        assert [e["code"] for e in unknown.json()["errors"]] == ["supersedes_unknown"]
        beside = await s.sign(elements=["enrolment.dates"], additional=True)
        second = await must(await s.clinic.post("/v1/consents", s.form(supersedes=[first], additional=True)), 201)
        assert set((await s.values())[0][1]) == {"enrolment.engaged", "enrolment.status"}
        signed = s.clinic.post(f"/v1/consents/{second['id']}/signatures", signing())
        _, *meanwhile = await asyncio.gather(signed, *(s.values() for _ in range(8)))
        assert all(read[0][0] == "current" for read in meanwhile), "a gap between the two"
        current, *windows = await s.values()
        assert set(current[1]) == {"enrolment.engaged", "enrolment.status"} and len(windows) == 8
        listed = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"]
        assert {one["id"]: one["state"] for one in listed} == {
            first: "superseded",
            beside: "active",
            second["id"]: "active",
        }


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_another_clinic_finds_nothing(kind: str) -> None:
    """Patient and consent ids of one clinic are unknown at the other, on every route and in every body."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await s.sign()
        other = w.party("c-clinic-hillside-clinician")
        unknown = "0" * 32
        for method, template, body in (
            ("GET", "/v1/consents/{consent_id}", None),
            ("POST", "/v1/consents/{consent_id}/signatures", signing()),
            ("POST", "/v1/consents/{consent_id}/decline", None),
            ("GET", "/v1/patients/{patient_id}", None),
            ("GET", "/v1/patients/{patient_id}/consents", None),
            ("GET", "/v1/patients/{patient_id}/disclosures", None),
            ("POST", "/v1/patients/{patient_id}/revocations", {"all": True}),
            ("GET", "/v1/referrals/{referral_id}", None),
            ("PATCH", "/v1/referrals/{referral_id}/patient", {"patient_id": s.patient}),
            ("POST", "/v1/referrals/{referral_id}/response", {"decision": "declined"}),
        ):
            known = {"consent_id": consent, "patient_id": s.patient, "referral_id": s.referral}
            theirs = await other.call(method, template.format(**known), body)
            nobodys = await other.call(method, template.format(**dict.fromkeys(known, unknown)), body)
            check(theirs, method, template)
            assert (theirs.status_code, theirs.content) == (404, nobodys.content), template
        mine = s.form(disclosers=["u-clinic-hillside"])
        for body in (mine, mine | {"patient_id": unknown}):
            refused = await other.post("/v1/consents", body)
            assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/patient_id", "patient_unknown")]
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_preview_is_what_is_read_later(kind: str) -> None:
    """For each recipient, item by item; and it leaves no disclosure behind."""
    async with world(kind) as w:
        s = await scene(w)
        for number, monday in enumerate(past_mondays(3)):
            outcomes = ("attended", "missed" if number == 1 else "attended")
            await steps.report(s.clinic, s.patient, monday, outcomes, plan_change="step_down")
        form = s.cjs(
            elements=["enrolment.status", "attendance.sessions", "attendance.summary", "progress.plan_change"],
            recipients=[
                {"org_unit": COURT, "role": "judge", "elements": ["attendance.summary", "progress.plan_change"]},
                {"org_unit": PROBATION, "role": "probation_officer", "elements": ["attendance.sessions"]},
            ],
        )
        answer = await s.clinic.post("/v1/consents/preview", form)
        check(answer, "POST", "/v1/consents/preview")
        promised = {one["recipient"]["org_unit"]: one for one in answer.json()["recipients"]}
        accounting = f"/v1/patients/{s.patient}/disclosures"
        assert await s.values() == []
        await steps.sign(s.clinic, form)
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        for unit, party, case in ((COURT, s.judge, s.case_id), (PROBATION, officer, own)):
            items = (await s.seen(party, case=case)).json()["items"]
            shown = [{key: item[key] for key in ("kind", "period", "elements") if key in item} for item in items]
            assert shown == promised[unit]["items"] and len(shown) >= 8
        rows = (await must(await s.clinic.get(accounting)))["items"]
        assert {row["times"] for row in rows} == {1}


@run
async def test_treatment_payment_operations() -> None:
    """Kind tpo needs its statements, may have no end, names no case; a clinic still reads no justice route."""
    async with world("sqlite") as w:
        s = await scene(w)
        form = s.form(
            kind="tpo",
            referral_id=None,
            recipients=[{"org_unit": "u-clinic-hillside", "role": "clinician"}],
            purposes=["treatment", "payment", "operations"],
            elements=["clinical.diagnosis", "clinical.medication"],
            expiry={"at": "none"},
        )
        refused = await s.clinic.post("/v1/consents", form)
        assert {e["code"] for e in refused.json()["errors"]} == {"tpo_statements_missing"}
        said = dict.fromkeys(("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"), True)
        await steps.sign(s.clinic, form | {"statements": said})
        judged = await s.clinic.post("/v1/consents", form | {"recipients": [{"org_unit": COURT, "role": "judge"}]})
        assert "role_outside_kind" in {e["code"] for e in judged.json()["errors"]}
        assert CLINIC in form["disclosers"] and await s.values() == []
