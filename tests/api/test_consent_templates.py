"""Templates: for every unit and purpose of the sandbox, what is offered is accepted once it is filled in."""

from typing import Any

from app.sandbox.seeds import AGENCIES
from app.sandbox.steps import must
from app.vocabulary import JUSTICE, Purpose
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, END, Scene, refer, scene
from tests.service import run, world


async def _templates(s: Scene, query: str) -> list[dict[str, Any]]:
    answer = await s.clinic.get(f"/v1/consent-templates?{query}")
    check(answer, "GET", "/v1/consent-templates")
    items: list[dict[str, Any]] = (await must(answer))["items"]
    return items


def _filled(template: dict[str, Any], patient: str, referral: str) -> dict[str, Any]:
    """The skeleton with what it says that it needs, and nothing else."""
    known = {
        "/patient_id": patient,
        "/subject/name_on_form": "Maria Lopez",
        "/referral_id": referral,
        "/expiry": {"at": END},
        "/revocable_from": {"event": "final_disposition", "at": END},
        "/duration_rationale": "Until the court disposes of the case.",
    }
    body = dict(template["proposal"])
    for blank in template["fill"]:
        assert blank["words"].endswith(".") and blank["words"][0].isupper()
        if blank["required"]:
            top, _, inner = blank["pointer"].removeprefix("/").partition("/")
            body[top] = {inner: known[blank["pointer"]]} if inner else known[blank["pointer"]]
    return body


@run
async def test_every_template_is_accepted_once_it_is_filled_in() -> None:
    """Every unit and every purpose; also with everything that may be added by name. What is required is required."""
    async with world("sqlite") as w:
        s = await scene(w)
        judge = s.judge
        offered: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for agency in AGENCIES:
            for unit in agency.units:
                supervising = [unit.id] if agency.kind in JUSTICE else []
                referral = await refer(judge, s.case_id, supervising_units=supervising)
                await must(await s.clinic.call("PATCH", f"/v1/referrals/{referral}/patient", {"patient_id": s.patient}))
                for purpose in Purpose:
                    for template in await _templates(s, f"unit={unit.id}&purpose={purpose.value}"):
                        body = _filled(template, s.patient, referral)
                        offered.setdefault((unit.id, purpose.value), []).append((template["kind"], template["role"]))
                        await must(await s.clinic.post("/v1/consents", body), 201)
                        notes = {"restricted.counselling_notes"}  # by law on a form of their own
                        more = [*body["elements"], *(one for one in template["elements_if_named"] if one not in notes)]
                        await must(await s.clinic.post("/v1/consents", body | {"elements": more}), 201)
                        await _needs_what_it_says(s, template, body)
        assert set(offered[COURT, "condition_monitoring"]) == {
            (kind, role) for kind in ("cjs_2_35", "named_disclosure") for role in ("judge", "court_team")
        }
        assert offered["u-police-diversion", "referral_coordination"] == [("named_disclosure", "police_diversion")]
        assert {unit for unit, purpose in offered if purpose == "treatment"} == {
            CLINIC, "u-clinic-hillside", "u-prison-health",
        }  # fmt: skip
        assert offered["u-police-patrol", "referral_coordination"] == [("named_disclosure", "police_diversion")]
        assert not {"u-custody", "u-auditor", "u-privacy"} & {unit for unit, _ in offered}
        for stated in ("proceeding", "disposition_planning"):
            assert offered[COURT, stated] == [("proceeding", "judge"), ("proceeding", "court_team")]
        alone = [one for one in offered["u-clinic-hillside", "treatment"] if one[0] == "counselling_notes"]
        assert alone == [("counselling_notes", "clinician")]
        assert not {"research", "court_order"} & {kind for found in offered.values() for kind, _ in found}


async def _needs_what_it_says(s: Scene, template: dict[str, Any], body: dict[str, Any]) -> None:
    for blank in template["fill"]:
        top = blank["pointer"].removeprefix("/").partition("/")[0]
        if blank["required"] and top not in ("patient_id", "subject"):  # without these it is no form at all
            answer = await s.clinic.post("/v1/consents", {name: part for name, part in body.items() if name != top})
            assert answer.status_code == 422, (template["kind"], blank)
            assert [error["pointer"] for error in answer.json()["errors"]] == [blank["pointer"]]


@run
async def test_of_one_role_only_and_what_cannot_be_asked() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        only = await _templates(s, f"unit={COURT}&purpose=referral_coordination&role=judge")
        assert [(one["kind"], one["role"]) for one in only] == [("named_disclosure", "judge")]
        assert {"enrolment.status", "attendance.summary"} <= set(only[0]["proposal"]["elements"])
        assert "clinical.diagnosis" in only[0]["elements_if_named"]
        assert only[0]["proposal"]["disclosers"] == [CLINIC]
        assert await _templates(s, "unit=u-custody&purpose=condition_monitoring") == []
        for query, code in (
            ("unit=u-nowhere&purpose=treatment", "unit_unknown"),
            (f"unit={COURT}&purpose=curiosity", "purpose_unknown"),
            (f"unit={COURT}&purpose=treatment&role=clinician", "parameter_invalid"),
            (f"unit={COURT}", "parameter_missing"),
        ):
            answer = await s.clinic.get(f"/v1/consent-templates?{query}")
            check(answer, "GET", "/v1/consent-templates")
            assert (answer.status_code, [e["code"] for e in answer.json()["errors"]]) == (422, [code]), query
        assert (await s.judge.get(f"/v1/consent-templates?unit={COURT}&purpose=treatment")).status_code == 403


@run
async def test_a_condition_template_needs_the_condition() -> None:
    """2.35 to a unit that neither imposed the condition nor was named to supervise it is refused as ever."""
    async with world("sqlite") as w:
        s = await scene(w)
        for template in await _templates(s, "unit=u-pretrial&purpose=condition_monitoring"):
            answer = await s.clinic.post("/v1/consents", _filled(template, s.patient, s.referral))
            if template["kind"] == "cjs_2_35":
                assert [error["code"] for error in answer.json()["errors"]] == ["role_outside_2_35"]
            else:
                assert answer.status_code == 201
