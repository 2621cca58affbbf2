"""What the stories look at: each party's views, and the forms that Maria's clinic fills in."""

from typing import Any, Final

from app.sandbox import steps
from app.sandbox.stage import Seen, Stage, seen
from app.sandbox.steps import must, reading

CLINIC: Final = "u-clinic-harbor"
POLICE: Final = "u-police-diversion"
COURT: Final = "u-court-treatment"
PROBATION: Final = "u-probation-adult"
BACKSTOP: Final = "2035-06-30"
OFFICER, STAFF, JUDGE = "police-diversion-police-diversion", "clinic-harbor-clinic-staff", "court-treatment-judge"
ADULT = "probation-adult-probation-officer"
STATUSES, ASSESSMENTS = "treatment-statuses", "assessments"


async def file_assessment(stage: Stage, day: str, **more: Any) -> None:
    body: dict[str, Any] = {
        "patient_id": stage.memory["patient"],
        "assessed_on": day,
        "purpose": "treatment",
        "need_indicated": "yes",
        "screening": [{"instrument": "audit", "score": 17}],
        "diagnosis": [{"system": "icd-10", "code": "F10.2"}],
    }
    await must(await stage.party(STAFF).post("/v1/assessments", body | more), 201)


def proposal(stage: Stage, kind: str, referral: str) -> dict[str, Any]:
    return {
        "patient_id": stage.memory["patient"],
        "kind": kind,
        "referral_id": referral,
        "subject": {"name_on_form": "Maria Lopez"},
        "disclosers": [CLINIC],
    }


async def officer_elements(stage: Stage, kind: str) -> list[str]:
    return await stage.elements(OFFICER, kind, stage.memory["diversion"], "referral_coordination")


async def police_views(stage: Stage) -> list[Seen]:
    """Every gated route of the officer. Nobody else ever sees more of what it was sent."""
    officer, memory = stage.party(OFFICER), stage.memory
    paths = [reading(kind, memory["diversion"], "referral_coordination") for kind in (STATUSES, ASSESSMENTS)]
    return [seen(await officer.get(path)) for path in (f"/v1/referrals/{memory['referral']}", *paths)]


async def court_views(stage: Stage) -> list[Seen]:
    judge, memory = stage.party(JUDGE), stage.memory
    paths = [reading(kind, memory["case"], "condition_monitoring") for kind in (STATUSES, ASSESSMENTS)]
    return [seen(await judge.get(path)) for path in (f"/v1/referrals/{memory['court_referral']}", *paths)]


async def in_own_case(stage: Stage, client: str) -> str:
    """The client's own case_id of the court's case, which any justice unit may register."""
    return await steps.register_case(stage.party(client), COURT, "docket", "CR-2026-0417")


def values(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value["value"] for name, value in item["elements"].items()} for item in items]
