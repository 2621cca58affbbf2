"""Notices that a clinic makes of its own accord: a fixed list, shown to the patient, never an answer (cases 37-39)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.sandbox.steps import must
from tests.api.scene import COURT, scene
from tests.service import DATABASES, run, world

FIXED = ("notice.incident", "notice.patient_status", "notice.name", "notice.address", "notice.last_known_whereabouts")


def notice(patient: str, **changes: Any) -> dict[str, Any]:
    """A sound notice of a threat at the clinic; ``changes`` replace members, None takes one off."""
    body = {
        "patient_id": patient,
        "basis": "crime_on_premises",
        "recipient": {"name": "County Sheriff, front desk"},
        "at": datetime.now(UTC).replace(microsecond=0).isoformat(),
        "elements": ["notice.incident", "notice.name"],
        "circumstances": "Threatened the receptionist with a chair.",
        "channel": "phone",
        "made_by": "N. Reyes, LCSW",
    } | changes
    return {name: value for name, value in body.items() if value is not None}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_notice_stands_in_the_accounting_with_its_basis_and_waits_for_a_second_look(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        made = await must(await s.clinic.post("/v1/notices", notice(s.patient), Idempotency_Key='"n1"'), 201)
        assert await must(await s.clinic.post("/v1/notices", notice(s.patient) | {"at": made["at"]}), 201) != made
        rows = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?kind=notice")))["items"]
        assert {row["basis"] for row in rows} == {"crime_on_premises"}
        assert rows[0]["sentence"].startswith("Harbor")
        assert "told County Sheriff, front desk by phone: what happened; your name" in rows[0]["sentence"]
        assert rows[0]["sentence"].endswith(
            "N. Reyes, LCSW did so; it was about a crime on the premises or against staff."
        )
        spanish = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?lang=es")))["items"]
        assert "su nombre" in spanish[0]["sentence"]
        reviews = (await must(await s.clinic.get("/v1/reviews")))["items"]
        assert {one["kind"] for one in reviews} == {"notice"}
        assert made["review_id"] in {one["id"] for one in reviews}
        assert reviews[0]["circumstances"] == "Threatened the receptionist with a chair."


@run
async def test_every_part_of_the_fixed_list_can_be_told_and_nothing_of_the_treatment() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await must(await s.clinic.post("/v1/notices", notice(s.patient, elements=list(FIXED))), 201)
        for element in ("enrolment.status", "attendance.summary", "clinical.diagnosis"):
            refused = await s.clinic.post("/v1/notices", notice(s.patient, elements=[element]))
            assert refused.status_code == 422, element


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"elements": ["notice.report_under_state_law"]}, "notice_element"),
        ({"basis": "child_abuse_report", "law": "State Code 11-2", "elements": ["notice.name"]}, "notice_element"),
        ({"basis": "child_abuse_report", "elements": ["notice.report_under_state_law"]}, "notice_law"),
        ({"law": "State Code 11-2"}, "notice_law"),
        ({"basis": "court_order"}, "notice_basis"),
        ({"basis": "consent"}, "notice_basis"),
        ({"circumstances": " "}, "text_blank"),
        ({"made_by": " "}, "name_missing"),
        ({"recipient": {}}, "recipient_unclear"),
        ({"recipient": {"unit_id": "u-nowhere"}}, "unit_unknown"),
        ({"at": (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()}, "disclosed_in_future"),
    ],
)
@run
async def test_a_notice_that_the_law_does_not_let_the_clinic_make_is_refused(
    changes: dict[str, Any], code: str
) -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        refused = await s.clinic.post("/v1/notices", notice(s.patient, **changes))
        assert refused.status_code == 422
        assert code in [flaw["code"] for flaw in refused.json()["errors"]]
        assert (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"] == []


@run
async def test_what_the_law_lets_be_told_is_not_recorded_as_any_disclosure_on_paper() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        told = {
            "recipient": {"name": "County Sheriff"},
            "at": datetime.now(UTC).replace(microsecond=0).isoformat(),
            "kind": "treatment_status",
            "elements": ["attendance.summary"],
            "purpose": "operations",
            "channel": "phone",
            "made_by": "N. Reyes",
        }
        for basis in ("crime_on_premises", "child_abuse_report"):
            refused = await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", told | {"basis": basis})
            assert [flaw["code"] for flaw in refused.json()["errors"]] == ["basis_of_notice"]


@run
async def test_a_notice_changes_no_byte_of_what_the_court_reads_and_nobody_can_ask_for_one() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        before = [(await s.seen()).content, (await s.seen(purpose="proceeding")).content]
        await must(await s.clinic.post("/v1/notices", notice(s.patient, recipient={"unit_id": COURT})), 201)
        assert [(await s.seen()).content, (await s.seen(purpose="proceeding")).content] == before
        for party in (s.judge, w.party("c-police-patrol-police-officer")):
            assert (await party.post("/v1/notices", notice(s.patient))).status_code == 403
            assert (await party.get("/v1/notices")).status_code == 405
        assert (await s.clinic.get("/v1/notices")).status_code == 405
        other = w.party("c-prison-health-prison-clinician")
        assert (await other.post("/v1/notices", notice(s.patient))).status_code == 404


@run
async def test_what_was_filed_can_be_put_right_after_a_notice() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await must(await s.clinic.post("/v1/notices", notice(s.patient)), 201)
        filed = {"patient_id": s.patient, "assessed_on": "2026-11-20", "purpose": "treatment", "need_indicated": "yes"}
        made = await must(await s.clinic.post("/v1/assessments", filed), 201)
        body = {"reason": "entered_in_error"}
        await must(await s.clinic.post(f"/v1/assessments/{made['id']}/retraction", body))
        assert (await must(await s.clinic.get("/v1/incidents")))["items"] == []
