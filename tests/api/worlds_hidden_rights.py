"""Hidden steps that carry out patients' rights: restrictions, requests, holds, suspensions, incidents weighed.

Nobody who observes is told of any of them. A restriction takes from observers nothing that they were ever given.
"""

import random
from typing import Any, Final

from app.routers.examples_rights import ASSESSMENT_OF_INCIDENT
from app.vocabulary import COVERS, OUTBOUND, Element
from tests.api import worlds_clinic as clinic
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_hidden import hidden
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import COUNTY, HARBOR, PRIVACY, SHERIFF, Scene
from tests.api.worlds_visible import Sequence20

_STATED: Final = sorted(frozenset[Element]().union(*OUTBOUND.values()))
_LATER: Final = "2034-12-31T00:00:00Z"


def _never_given(drawn: Sequence20) -> list[Element]:
    """What a clinic can state and no observer is ever allowed, nor anything finer that would go with it."""
    covered = frozenset[Element]().union(*(COVERS[Element(name)] for name in drawn.granted))
    return [element for element in _STATED if element not in covered]


def _named(chance: random.Random, elements: list[Element], most: int) -> list[str]:
    return [element.value for element in chance.sample(elements, chance.randint(1, min(most, len(elements))))]


async def _restrict(scene: Scene, patient: str, body: dict[str, Any], *, agreed: bool = True) -> str:
    path = f"/v1/patients/{patient}/restrictions"
    asked: str = (await scene.does(HARBOR, "POST", path, body))["id"]
    await scene.does(HARBOR, "POST", f"{path}/{asked}/decision", {"agreed": agreed})
    await scene.does(HARBOR, "GET", path)
    return asked


@hidden("maria")
async def restricted(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Of what no observer was given, from everybody or an observer; of anything, from another court."""
    elements = _named(chance, _never_given(drawn), 4)
    who = chance.choice([{}, {"recipient_unit": "u-court-treatment"}, {"recipient_unit": "u-police-diversion"}])
    maria, note = scene.kept["maria"], {"note": "For the time of the appeal."}
    one = await _restrict(scene, maria, {"elements": elements} | who | note, agreed=chance.random() < 0.8)
    theirs = {"elements": _named(chance, _STATED, 8), "recipient_unit": "u-county-court"}
    two = scene.kept["hidden restriction"] = await _restrict(scene, maria, theirs)
    if "hidden case" in scene.kept:
        read = f"/v1/treatment-statuses?case={scene.kept['hidden case']}&purpose=condition_monitoring"
        await scene.does(COUNTY, "GET", read)
    how = {"how": chance.choice(["patient_written", "oral_documented", "notice"])}
    await scene.does(PRIVACY, "POST", f"/v1/patients/{maria}/restrictions/{two}/ending", how)
    await scene.does(PRIVACY, "GET", f"/v1/patients/{maria}/restrictions")
    scene.kept["hidden other restriction"] = one


@hidden("hidden patient")
async def namesake_restricted(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Somebody of the very same name and birth date has everything kept from everybody, until told otherwise."""
    patient, everything = scene.kept["hidden patient"], {"elements": [element.value for element in Element]}
    made = scene.kept["hidden restriction"] = await _restrict(scene, patient, everything)
    if chance.random() < 0.3:
        path = f"/v1/patients/{patient}/restrictions/{made}/ending"
        await scene.does(PRIVACY, "POST", path, {"how": "notice"})


@hidden("maria")
async def namesake_erased(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another of the very same name and birth date is reported on, and erased when the privacy office grants it."""
    patient = scene.kept["hidden erased"] = await clinic.add_patient(scene, MARIA, f"erased-{chance.random()}")
    week = clinic.week_of(drawn.mondays[2], ("missed",), patient_id=patient)
    await scene.does(HARBOR, "POST", "/v1/treatment-statuses", week)
    made = await _asks(scene, drawn, patient, "erasure")
    await scene.does(PRIVACY, "POST", f"/v1/patients/{patient}/requests/{made}/answer", {"outcome": "granted"})


@hidden("maria")
async def rights_asked_for(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Requests of several kinds, extended and answered; an erasure that is not, since the record is held or at all."""
    maria = f"/v1/patients/{scene.kept['maria']}"
    held = {"case_ref": "Claim 26-118, County Court", "review_at": _LATER}
    hold = scene.kept["hidden hold"] = (await scene.does(HARBOR, "POST", f"{maria}/holds", held))["id"]
    for kind in chance.sample(["access", "accounting", "rectification", "portability", "restriction"], 2):
        made = scene.kept["hidden request"] = await _asks(scene, drawn, scene.kept["maria"], kind)
        if chance.random() < 0.5:
            why = {"reasons": "The paper record is in the archive."}
            await scene.does(HARBOR, "POST", f"{maria}/requests/{made}/extension", why)
        await scene.does(HARBOR, "POST", f"{maria}/requests/{made}/answer", {"outcome": "granted"})
    made = await _asks(scene, drawn, scene.kept["maria"], "erasure")
    refused = {"outcome": "refused", "reasons": "The record has to be kept for ten years."}
    found = chance.choice([{"outcome": "granted"}, refused])
    await scene.does(PRIVACY, "POST", f"{maria}/requests/{made}/answer", found)
    for path in ("/v1/subject-requests", f"{maria}/holds", f"{maria}/record", f"{maria}/export"):
        await scene.does(HARBOR, "GET", path)
    await scene.does(HARBOR, "GET", f"{maria}/intermediary-disclosures")
    if chance.random() < 0.5:
        await scene.does(HARBOR, "POST", f"{maria}/holds/{hold}/lifting")


async def _asks(scene: Scene, drawn: Sequence20, patient: str, kind: str) -> str:
    said = {"kind": kind, "received_at": f"{drawn.mondays[-1].isoformat()}T10:00:00Z", "channel": "letter"}
    made: str = (await scene.does(HARBOR, "POST", f"/v1/patients/{patient}/requests", said))["id"]
    return made


@hidden("maria")
async def accounting_suspended(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The sheriff, or an observer, has what was disclosed to it hidden from Maria for years; the officer asks why."""
    path = f"/v1/patients/{scene.kept['maria']}/accounting-suspensions"
    body = {"recipient_unit": chance.choice([scene.clients[SHERIFF]["unit_id"], "u-probation-adult"])}
    body |= {"statement": "written", "until": _LATER, "official": "Chief Deputy", "impedes": "An inquiry."}
    await scene.does(PRIVACY, "POST", path, body)
    await scene.does(PRIVACY, "GET", path)
    told = f"/v1/patients/{scene.kept['maria']}/disclosures"
    await scene.does(HARBOR, "GET", f"{told}?on_behalf_of=patient")
    for item in (await scene.does(PRIVACY, "GET", told))["items"]:
        why = await scene.ask(Asked(PRIVACY, "step", "GET", f"{told}/{item['disclosure_id']}/explanation"))
        if why.status == 200:  # and not 404, as for what the rules did not decide
            scene.kept["hidden disclosure"] = item["disclosure_id"]
            scene.kept["hidden consultation"] = why.json()["consultation_id"]
            break


@hidden("hidden consent")
async def incidents_weighed(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another page turns up than the one signed for another court; what was released under it is weighed."""
    path = f"/v1/consents/{scene.kept['hidden consent']}/evidence-check"
    found = await scene.does(HARBOR, "POST", path, {"evidence_hash": "sha256:" + "e" * 64})
    drafts = (await scene.does(HARBOR, "GET", "/v1/incidents"))["items"]
    incident = scene.kept["hidden incident"] = found.get("incident_id") or drafts[0]["id"]
    weighed = ASSESSMENT_OF_INCIDENT | {"outcome": chance.choice(["breach", "low_probability"])}
    for who in chance.sample([HARBOR, PRIVACY], chance.choice([1, 2])):
        await scene.does(who, "POST", f"/v1/incidents/{incident}/assessment", weighed)


@hidden("hidden proposal")
async def proposal_in_error(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A proposal for the observers themselves was entered in error, which one person alone can say."""
    made = await scene.does(HARBOR, "GET", f"/v1/consents/{scene.kept['hidden proposal']}")
    if made["state"] != "entered_in_error":
        body = {"reason": "The form of another patient."}
        await scene.does(HARBOR, "POST", f"/v1/consents/{scene.kept['hidden proposal']}/errors", body)
