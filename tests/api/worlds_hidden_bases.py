"""Hidden steps on other grounds than consent: orders of courts, an emergency, notices. No observer may notice."""

import json
import random
from typing import Any, Final

from tests.api import worlds_clinic as clinic
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_hidden import hidden
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import COUNTY, HARBOR, PRIVACY, Scene
from tests.api.worlds_visible import Sequence20

NURSE: Final = "c-prison-health-prison-clinician"


async def _acts(scene: Scene, who: str, path: str, body: dict[str, Any], staff: str = "reyes") -> Any:
    """The same as a step, by a named member of staff."""
    headers = {"Acting-User": f'"{staff}"'}
    asked = Asked(who, "step", "POST", path, json.dumps(body).encode(), headers)
    answered = await scene.ask(asked)
    if not 200 <= answered.status < 300:
        raise RuntimeError(f"{who} POST {path}: {answered.status} {answered.body.decode()[:600]}")
    return answered.json()


def _order(scene: Scene, court: str, referral: str, **more: Any) -> dict[str, Any]:
    return {
        "patient_id": scene.kept["maria"],
        "referral_id": scene.kept[referral],
        "court_unit": court,
        "type": "2.64",
        "order_ref": "2026-CV-0118",
        "mandate_ref": "subpoena",
        "elements": ["clinical.diagnosis", "attendance.sessions", "enrolment.status"],
        "persons": [{"role": "judge"}, {"role": "court_team"}],
        "findings_recorded": True,
        "notice_given": True,
        "valid_from": "2026-01-01",
        "valid_to": clinic.BACKSTOP,
    } | more


@hidden("hidden referral")
async def county_is_ordered(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """An order for another court, decided by the privacy office; that court reads what it names, then it is vacated."""
    entered = await _acts(scene, HARBOR, "/v1/court-orders", _order(scene, "u-county-court", "hidden referral"))
    scene.kept["hidden order"] = entered["id"]
    path = f"/v1/court-orders/{entered['id']}"
    read = f"case={scene.kept['hidden case']}&purpose=proceeding"
    await scene.does(COUNTY, "GET", f"/v1/assessments?{read}")  # while it is held
    await _acts(scene, PRIVACY, f"{path}/decision", {"approve": True}, "dpo")
    for kind in ("assessments", "treatment-statuses"):
        await scene.does(COUNTY, "GET", f"/v1/{kind}?{read}")
    if chance.random() < 0.5:
        await _acts(scene, HARBOR, f"{path}/vacating", {"ground": chance.choice(["vacated", "wrong_subject"])})


@hidden("maria", "court referral")
async def orders_that_open_nothing(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """For an observer itself: held, without a mandate, refused, and a subpoena without an order."""
    for more in ({}, {"mandate_ref": None}, {"type": "subpoena"}):
        body = _order(scene, "u-court-treatment", "court referral", **more)
        body = {name: value for name, value in body.items() if value is not None}
        entered = await _acts(scene, HARBOR, "/v1/court-orders", body)
        if entered["state"] != "refused" and chance.random() < 0.5:
            path = f"/v1/court-orders/{entered['id']}"
            await _acts(scene, PRIVACY, f"{path}/decision", {"approve": False}, "dpo")


@hidden("maria")
async def nurse_needs_her_record(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A medical emergency about Maria, and one about nobody."""
    for person in (MARIA, MARIA | {"given_name": "Nobody"}):
        body = {
            "discloser_unit": "u-clinic-harbor",
            "person": person,
            "purpose": "treatment",
            "nature": "life_threat",
            "nature_in_words": "Found unconscious.",
            "consent_unobtainable": "incapable",
            "receiver": {"name": "Dr. A. Osei", "facility": "County Prison Infirmary"},
            "elements": ["clinical.diagnosis", "clinical.safety_alert"],
        }
        await _acts(scene, NURSE, "/v1/emergency-disclosures", body, "osei")


@hidden("maria")
async def clinic_gives_notice(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A notice of a crime to the observers' own police, outside this service."""
    body = {
        "patient_id": scene.kept["maria"],
        "basis": "crime_on_premises",
        "recipient": {"unit_id": "u-police-diversion"},
        "at": "2026-11-02T10:00:00Z",
        "elements": ["notice.incident", "notice.name"],
        "circumstances": "A threat at the desk.",
        "channel": "in_person",
        "made_by": "N. Reyes",
    }
    await _acts(scene, HARBOR, "/v1/notices", body)
