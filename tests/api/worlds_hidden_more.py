"""More hidden steps: what the service's own worker does, errors of the clinic, other clients' haste, quiet answers."""

import json
import random
from dataclasses import replace
from typing import Final

from app.exchange.sequencing import audit, sequence
from tests.api import worlds_clinic as clinic
from tests.api import worlds_hidden_bases as bases
from tests.api import worlds_hidden_doubts as doubts
from tests.api import worlds_hidden_moves as moves
from tests.api import worlds_hidden_rights as rights
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_hidden import HIDDEN, due, hidden
from tests.api.worlds_http import Asked
from tests.api.worlds_robin import QUINN
from tests.api.worlds_scene import COUNTY, HARBOR, SHERIFF, UNKNOWN, Scene, token_request
from tests.api.worlds_visible import Sequence20

__all__ = ["GIVES", "HIDDEN", "bases", "doubts", "due", "moves", "rights"]
GIVES: Final = {
    "hidden referral": "county_refers",
    "hidden other referral": "county_refers",
    "hidden view": "county_refers",
    "hidden consent": "county_is_allowed",
    "hidden patient": "somebody_else",
    "hidden proposal": "proposals",
    "hidden week": "elsewhere",
    "hidden order": "county_is_ordered",
}
"""What a hidden step may wait for -> the hidden step that gives it."""


@hidden()
async def sequenced(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The worker gives disclosures their places and signs the root; an operator has the log audited."""
    while await sequence(scene.hub):
        pass
    if chance.random() < 0.5:
        await audit(scene.hub)


@hidden("quiet referral")
async def quietly_answered(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The clinic finds Quinn and answers, again and again, which nobody allowed it to tell."""
    referral = scene.kept["quiet referral"]
    if "hidden quinn" not in scene.kept:
        scene.kept["hidden quinn"] = await clinic.add_patient(scene, QUINN, f"quinn-{chance.random()}")
    asked = Asked(HARBOR, "step", "PATCH", f"/v1/referrals/{referral}/patient")
    await _tries(scene, asked, {"patient_id": scene.kept["hidden quinn"]}, 200, 409)
    decision = {"decision": "accepted", "appointment": {"start": "2034-02-15T09:00:00Z", "site": "Site 2"}}
    answer = chance.choice([decision, decision, {"decision": "declined"}, {"decision": "waitlisted"}])
    await _tries(scene, Asked(HARBOR, "step", "POST", f"/v1/referrals/{referral}/response"), answer, 201, 409)


@hidden("maria")
async def clinic_errs(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Requests of the clinic that are refused: malformed, of nobody, twice, against the rules."""
    maria = scene.kept["maria"]
    form = clinic.form(scene, scene.kept["court referral"], []) | {"elements": ["no.such_element"]}
    for method, path, body, status in (
        ("POST", "/v1/consents", form, 422),
        ("POST", f"/v1/patients/{maria}/revocations", {"on_behalf_of": "patient", "consents": [UNKNOWN]}, 200),
        ("PATCH", f"/v1/referrals/{scene.kept['court referral']}/patient", {"patient_id": UNKNOWN}, 422),
        ("POST", "/v1/treatment-statuses", {"patient_id": maria}, 422),
        ("GET", f"/v1/patients/{UNKNOWN}", None, 404),
    ):
        await _tries(scene, Asked(HARBOR, "step", method, path), body, status, 404, 422)


@hidden()
async def county_hurries(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Other clients send more than anybody may in a minute, also with wrong secrets; the county reads what it can."""
    case_id = scene.kept.get("hidden view", UNKNOWN)
    read = f"/v1/treatment-statuses?case={case_id}&purpose=condition_monitoring"
    for who in (COUNTY, SHERIFF):
        for _ in range(3):
            await scene.ask(token_request(who, "0" * 32))
        for _ in range(12):
            await scene.ask(Asked(who, "step", "GET", read if who == COUNTY else "/v1/me"))


@hidden("maria")
async def clinic_edits(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The desk adds a record by mistake, another by the same number, and writes down what it told on paper."""
    local = {"local_id": f"h-{chance.random()}"}
    twin = await clinic.add_patient(scene, MARIA | local, f"edit-{chance.random()}")
    await _tries(scene, Asked(HARBOR, "step", "POST", "/v1/patients"), MARIA | local, 201, 409, 422)
    body = clinic.week_of(drawn.mondays[3], ("excused",), patient_id=twin)
    filed = await scene.does(HARBOR, "POST", "/v1/treatment-statuses", body)
    again = body | {"supersedes": filed["id"], "engagement": "low"}
    filed = await scene.does(HARBOR, "POST", "/v1/treatment-statuses", again)
    await scene.does(HARBOR, "POST", f"/v1/treatment-statuses/{filed['id']}/retraction", {"reason": "entered_in_error"})


async def _tries(scene: Scene, asked: Asked, body: object, *statuses: int) -> None:
    content = b"" if body is None else json.dumps(body).encode()
    answered = await scene.ask(replace(asked, body=content))
    if answered.status not in statuses:
        raise RuntimeError(f"{asked.method} {asked.target}: {answered.status} {answered.body.decode()[:300]}")
