"""Kinds that stand alone, an agreement beside a law, minors and the dead: proposed, signed and read over HTTP."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest

from app.errors import Invalid
from app.exchange import synthetic
from app.exchange.closings import set_profile
from app.sandbox import steps
from app.sandbox.steps import must
from app.vocabulary import Purpose
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, Scene, scene, signing
from tests.service import DATABASES, World, run, world

JUDGE: Final = {"org_unit": COURT, "role": "judge"}
LAW: Final = {"article": "GDPR 6(1)(e)", "law": "Code of Criminal Procedure, section 35, of 17 May"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_consent_to_a_proceeding_is_read_for_the_proceeding_alone(kind: str) -> None:
    """42 CFR 2.31(d): the court that monitors sees nothing of it, and the consent to monitoring opens no proceeding."""
    async with world(kind) as w:
        s = await scene(w)
        form = s.form(kind="proceeding", purposes=["proceeding"], elements=["enrolment.status"])
        mixed = await s.clinic.post("/v1/consents", form | {"purposes": ["proceeding", "condition_monitoring"]})
        assert [e["code"] for e in mixed.json()["errors"]] == ["proceeding_consent_must_stand_alone"]
        consent = await steps.sign(s.clinic, form)
        text = (await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en")))["text"]
        assert "This is such a form." in text
        seen = await s.values(purpose=Purpose.PROCEEDING.value)
        assert seen == [("current", {"enrolment.engaged": True, "enrolment.status": "planned"})]
        assert await s.values() == [] and await s.values(purpose="disposition_planning") == []
        await s.sign(elements=["enrolment.status"])
        assert len(await s.values()) == 1


@run
async def test_counselling_notes_go_to_a_clinician_on_a_form_of_their_own() -> None:
    """42 CFR 2.31(b), case 28: nothing beside them, no court, and the form says that nothing depends on it."""
    async with world("sqlite") as w:
        s = await scene(w)
        form = s.form(
            kind="counselling_notes",
            referral_id=None,
            recipients=[{"org_unit": "u-clinic-hillside", "role": "clinician"}],
            purposes=["treatment"],
            elements=["restricted.counselling_notes"],
        )
        court = await s.clinic.post("/v1/consents", form | {"recipients": [JUDGE], "referral_id": s.referral})
        assert {e["code"] for e in court.json()["errors"]} >= {"role_outside_kind"}
        consent = (await must(await s.clinic.post("/v1/consents", form), 201))["id"]
        pressed = signing(pressure_declaration={"treatment_not_dependent": False, "legal_advice_offered": True})
        refused = await s.clinic.post(f"/v1/consents/{consent}/signatures", pressed)
        assert [e["code"] for e in refused.json()["errors"]] == ["consent_not_voluntary"]
        signed = await must(await s.clinic.post(f"/v1/consents/{consent}/signatures", signing()), 201)
        assert signed["state"] == "active"
        assert (
            "depends on whether you sign it"
            in ((await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en")))["text"])
        )


async def _in_europe(w: World, profile: str = "eu-gdpr-led@1") -> Scene:
    s = await scene(w)
    for unit in (CLINIC, COURT):
        await set_profile(w.hub, unit, profile)
    return s


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_agreement_releases_beside_the_law_that_it_names(kind: str) -> None:
    """GDPR 6, LED 8: refused without the law; with it read, to be reviewed after a year, and no US law is cited."""
    async with world(kind) as w:
        s = await _in_europe(w)
        form = s.form(kind="agreement", elements=["enrolment.status"])
        refused = await s.clinic.post("/v1/consents", form)
        check(refused, "POST", "/v1/consents")
        assert [(e["code"], e["pointer"]) for e in refused.json()["errors"]] == [
            ("lawful_basis_missing", "/lawful_basis")
        ]
        odd = await s.clinic.post("/v1/consents", form | {"lawful_basis": LAW, "elements": []})
        assert odd.json()["errors"] and not any("CFR" in error["section"] for error in odd.json()["errors"])
        (preview,) = (await must(await s.clinic.post("/v1/consents/preview", form | {"lawful_basis": LAW})))[
            "recipients"
        ]
        consent = await steps.sign(s.clinic, form | {"lawful_basis": LAW})
        shown = await must(await s.clinic.get(f"/v1/consents/{consent}"))
        assert shown["lawful_basis"] == LAW and [one["code"] for one in shown["warnings"]] == ["review_due"]
        (seen,) = await s.values()
        assert seen[1] == {"enrolment.engaged": True, "enrolment.status": "planned"}
        assert preview["elements"] == sorted(seen[1])
        text = (await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en")))["text"]
        assert LAW["law"] in text and "CFR" not in text
        assert LAW["law"] not in (await s.seen()).text


@run
async def test_a_form_of_another_law_is_not_signed_under_this_one() -> None:
    """The clinic came under another profile between: its words are of the earlier law."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        before = await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en"))
        await set_profile(w.hub, CLINIC, "unodc-generic@1")
        assert await must(await s.clinic.get(f"/v1/consents/{consent}/form?lang=en")) == before
        refused = await s.clinic.post(f"/v1/consents/{consent}/signatures", signing())
        check(refused, "POST", "/v1/consents/{consent_id}/signatures")
        assert (refused.status_code, refused.json()["code"]) == (409, "profile_changed")


def _signed(role: str, **changes: Any) -> dict[str, Any]:
    (usual,) = signing()["signatures"]
    return dict(usual) | {"role": role, "name": "Ana Lopez", "authority_ref": "birth certificate"} | changes


def _born(years: int, days: int = 0) -> str:
    today = datetime.now(UTC).date() + timedelta(days=days)
    return date(today.year - years, today.month, min(today.day, 28)).isoformat()


async def _minor(s: Scene, born: str) -> tuple[str, dict[str, Any]]:
    """A minor in the place of the scene's patient, and a form of theirs to another clinic."""
    patient = await steps.add_patient(s.clinic, {"given_name": "Robin", "sur_name": "Lopez", "birth_date": born})
    form = s.form(
        patient_id=patient,
        referral_id=None,
        kind="named_disclosure",
        recipients=[{"org_unit": "u-clinic-hillside", "role": "clinician"}],
        purposes=["referral_coordination"],
        subject={"name_on_form": "Robin Lopez"},
    )
    return patient, form


async def _tpo(s: Scene, born: str) -> str:
    _, form = await _minor(s, born)
    said = dict.fromkeys(("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"), True)
    tpo = form | {"kind": "tpo", "purposes": ["treatment"], "elements": ["clinical.diagnosis"], "statements": said}
    consent: str = (await must(await s.clinic.post("/v1/consents", tpo), 201))["id"]
    return consent


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_signs_for_a_minor_is_by_the_law_of_the_clinics_state(kind: str) -> None:
    """Both by default; in California a minor of sixteen alone, and there a parent's signature is none (case 40)."""
    async with world(kind) as w:
        s = await scene(w)
        path = f"/v1/consents/{await _tpo(s, _born(16))}/signatures"
        own = await must(await s.clinic.post(path, signing()), 201)
        assert (own["state"], own["still_missing"]) == ("proposed", ["parent_signature"])
        both = await must(await s.clinic.post(path, {"signatures": [_signed("parent")]}), 201)
        assert both["state"] == "active" and "warnings" not in both
        await set_profile(w.hub, CLINIC, "us-42cfr2@1+us-ca@1")
        path = f"/v1/consents/{await _tpo(s, _born(16))}/signatures"
        parent = await s.clinic.post(path, signing(signatures=[_signed("parent")]))
        check(parent, "POST", "/v1/consents/{consent_id}/signatures")
        assert [(e["code"], e["pointer"]) for e in parent.json()["errors"]] == [
            ("signature_set_incomplete", "/signatures")
        ]
        assert (await must(await s.clinic.post(path, signing()), 201))["state"] == "active"


@run
async def test_what_a_guardian_signed_alone_is_to_be_signed_again_at_eighteen() -> None:
    """Case 42, where the guardian consents and the minor agrees: the day is told with the consent."""
    async with world("sqlite") as w:
        s = await scene(w)
        await set_profile(w.hub, CLINIC, "unodc-generic@1")
        born = _born(16)
        path = f"/v1/consents/{await _tpo(s, born)}/signatures"
        free = {"treatment_not_dependent": True, "legal_advice_offered": True}
        asked = await must(await s.clinic.post(path, signing(signatures=[_signed("guardian")])), 201)
        assert asked["still_missing"] == ["minor_assent", "pressure_declaration"]
        heard = {"signatures": [_signed("minor_assent", method="mark")], "pressure_declaration": free}
        signed = await must(await s.clinic.post(path, heard), 201)
        assert signed["state"] == "active"
        grown = date.fromisoformat(born).replace(year=date.fromisoformat(born).year + 18).isoformat()
        assert ("representation_ends", grown) in [(one["code"], one["on"]) for one in signed["warnings"]]


@run
async def test_for_a_patient_who_died_a_survivor_signs_and_nobody_else() -> None:
    """42 CFR 2.15(b): nobody's capacity is assessed, and a signature of the patient dated afterwards is none."""
    async with world("sqlite") as w:
        s = await scene(w)
        died = (datetime.now(UTC).date() - timedelta(days=3)).isoformat()
        await must(await s.clinic.call("PATCH", f"/v1/patients/{s.patient}", {"deceased_on": died}))
        consent = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        path = f"/v1/consents/{consent}/signatures"
        dead = await s.clinic.post(path, signing())
        assert [e["code"] for e in dead.json()["errors"]] == ["no_valid_consenter"]
        widow = signing(capacity=None, signatures=[_signed("spouse", authority_ref="marriage certificate")])
        assert (await must(await s.clinic.post(path, widow), 201))["state"] == "active"
        assert len(await s.values()) >= 1


@pytest.mark.parametrize(("settings", "refused"), [({"THROUGHCARE_SYNTHETIC_ONLY": "1"}, 2), ({}, 0)])
@run
async def test_a_place_for_tests_takes_invented_people_only(settings: dict[str, str], refused: int) -> None:
    """Case 87: by a flag of the environment; the sandbox takes both until it is set, a live instance none of them."""
    person = {"given_name": "Robin", "sur_name": "Doe", "birth_date": "1990-01-01"}
    async with world("sqlite", **settings) as w:
        clinic = w.party("c-clinic-harbor-clinic-staff")
        found = []
        for body in (person, person | {"local_id": "0417"}, person | {"local_id": "test-0017"}):
            answer = await clinic.post("/v1/patients", body)
            check(answer, "POST", "/v1/patients")
            found += [(e["code"], e["pointer"]) for e in answer.json().get("errors", ())]
        assert found == [("person_not_synthetic", "/local_id")] * refused
        live = replace(w.hub, sandbox=False, synthetic_only=False)
        synthetic.refuse(live, "0417")
        with pytest.raises(Invalid) as told:
            synthetic.refuse(live, "TEST-0017")
        assert [one.code for one in told.value.errors] == ["person_synthetic"]
