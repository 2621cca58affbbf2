"""The hidden steps: things that happen in one world only and that no observer may notice, by any route.

Each waits for what it needs (``needs``: names of what the sequence has given so far). What it makes is remembered under
``hidden …``, so that observers can try those very ids.
"""

import json
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

from app.routers.examples_transfer import TRANSFER, TREATMENT_CONSENT
from tests.api import worlds_clinic as clinic
from tests.api.worlds_clinic import MARIA
from tests.api.worlds_http import Asked
from tests.api.worlds_scene import COUNTY, HARBOR, LAKESIDE, SHERIFF, Scene
from tests.api.worlds_visible import DOCKET, Sequence20

Act = Callable[[Scene, Sequence20, random.Random], Awaitable[None]]
HIDDEN: Final[dict[str, tuple[tuple[str, ...], Act]]] = {}
"""Name -> (what must be there before, the step)."""


def hidden(*needs: str) -> Callable[[Act], Act]:
    """Register a hidden step."""

    def add(act: Act) -> Act:
        HIDDEN[act.__name__] = needs, act
        return act

    return add


def due(scene: Scene, chance: random.Random, most: int) -> list[str]:
    """One to ``most`` hidden steps that can be taken now, in the order to take them."""
    ready = [name for name, (needs, _) in HIDDEN.items() if set(needs) <= scene.kept.keys()]
    return chance.sample(ready, min(len(ready), chance.randint(1, most)))


def _to_county(purpose: str, *elements: str) -> list[dict[str, Any]]:
    return [{"org_unit": "u-county-court", "role": "judge", "purposes": [purpose], "elements": list(elements)}]


@hidden("maria")
async def county_refers(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another court refers Maria in a case of its own and in the observers' case; the clinic matches both."""
    own = await clinic.register(scene, COUNTY, "u-county-court", "docket", DOCKET)
    same = await clinic.register(scene, COUNTY, "u-court-treatment", "docket", DOCKET)
    more = {"condition_imposed": True, "final_disposition_due": clinic.BACKSTOP, "conditions": drawn.conditions}
    more |= {"supervising_units": chance.sample(["u-court-treatment", "u-probation-adult", "u-pretrial"], 2)}
    scene.kept["hidden case"], scene.kept["hidden view"] = own, same
    for name, case_id in (("hidden referral", own), ("hidden other referral", same)):
        scene.kept[name] = await clinic.refer(scene, COUNTY, case_id, MARIA, **more)
        await clinic.match(scene, scene.kept[name], scene.kept["maria"])
        await clinic.answer(scene, scene.kept[name], chance.choice(["waitlisted", "declined"]), f"{scene.kept[name]}")


@hidden("hidden referral")
async def county_is_allowed(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Consents for another unit, in another case and in the same one; the county reads what it may."""
    ends = {"expiry": {"at": clinic.BACKSTOP}} if "county disposed" in scene.kept else {}
    for name in ("hidden referral", "hidden other referral"):
        recipients = _to_county("condition_monitoring", "enrolment.status", "attendance.sessions", "clinical.diagnosis")
        body = clinic.form(scene, scene.kept[name], recipients, **ends)
        scene.kept["hidden consent"] = await clinic.propose(scene, body)
        await clinic.sign(scene, scene.kept["hidden consent"])
    for kind in ("assessments", "treatment-statuses"):
        for case_id in (scene.kept["hidden case"], scene.kept["hidden view"]):
            await scene.does(COUNTY, "GET", f"/v1/{kind}?case={case_id}&purpose=condition_monitoring")


@hidden("hidden consent")
async def county_loses(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Revocations that leave every observer's grants as they are, of whole consents and of single elements."""
    part: dict[str, Any] = chance.choice(
        [{}, {"elements": ["enrolment.status"]}, {"purposes": ["condition_monitoring"]}]
    )
    await clinic.revoke(scene, recipients=["u-county-court"], **part)


@hidden("police consent")
async def county_loses_its_part(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A part of the very consent that an observer reads under."""
    element = chance.choice(["referral.decision", "enrolment.engaged"])
    await clinic.revoke(
        scene, recipients=["u-county-court"], consents=[scene.kept["police consent"]], elements=[element]
    )


@hidden("court consent")
async def pending_revocation(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """42 CFR 2.35(c): requested before the date from which it counts; not a byte changes for the court."""
    taken: dict[str, Any] = chance.choice(
        [{}, {"recipients": ["u-court-treatment"]}, {"recipients": ["u-probation-adult"]}]
    )
    state = await clinic.revoke(scene, consents=[scene.kept["court consent"]], **taken)
    if state != "pending" and "disposed" not in scene.kept:
        raise RuntimeError(f"the revocation is {state}")


@hidden("maria")
async def proposals(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Proposals for the observers themselves: declined, left unsigned, only previewed."""
    name = chance.choice(["police referral", "court referral"])
    recipients = [
        {"org_unit": "u-court-treatment", "role": role, "purposes": [purpose], "elements": ["clinical.diagnosis"]}
        for role, purpose in (("judge", "referral_coordination"), ("court_team", "condition_monitoring"))
    ]
    body = clinic.form(scene, scene.kept[name], recipients)
    await scene.does(HARBOR, "POST", "/v1/consents/preview", body)
    scene.kept["hidden proposal"] = await clinic.propose(scene, body)
    if chance.random() < 0.5:
        await scene.does(HARBOR, "POST", f"/v1/consents/{scene.kept['hidden proposal']}/decline")


@hidden("misspelt referral")
async def not_yet(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A consent for the judge that begins later, under the referral that misspelt her; sometimes taken back at once."""
    name = chance.choice(["misspelt referral", "court referral"])
    await clinic.match(scene, scene.kept[name], scene.kept["maria"])
    shared = {"purposes": ["condition_monitoring"], "elements": ["clinical.diagnosis", "attendance.summary"]}
    recipients = [{"org_unit": "u-court-treatment", "role": role, **shared} for role in ("judge", "court_team")]
    later = (drawn.today + timedelta(days=3)).isoformat()
    made = await clinic.propose(scene, clinic.form(scene, scene.kept[name], recipients, effective_from=later))
    await clinic.sign(scene, made)
    if chance.random() < 0.5:
        await clinic.revoke(scene, consents=[made])


@hidden("hidden referral", "week 0")
async def elsewhere(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Messages restricted to a case of another court: this week's status and an assessment, and their corrections."""
    row = await scene.does(HARBOR, "GET", f"/v1/referrals/{scene.kept['hidden referral']}")
    only = {"cases": [row["case_id"]]}
    this = drawn.mondays[-1] + timedelta(weeks=1)
    ended = {"status": "ended", "closure": "custody"} if chance.random() < 0.5 else {}
    status = clinic.week_of(this, ("missed",), plan_change="transfer", **ended) | only
    await clinic.file(scene, "treatment-statuses", "hidden week", status, None)
    found = {"need_indicated": "no", "counselling_notes": "She spoke of her sister."} | only
    made = {"assessed_on": drawn.today.isoformat(), "purpose": "treatment"}
    await clinic.file(scene, "assessments", "hidden assessment", made | found, None)


@hidden("assessment")
async def same_again(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Assessments that say the same of what anyone may see, and more of what nobody may."""
    body = dict(scene.kept["assessment"]["body"])
    body |= {"counselling_notes": "More of it.", "diagnosis": [{"system": "icd-10", "code": "F11.2"}]}
    body |= {"screening": [{"instrument": "audit", "score": chance.randint(16, 19)}]}
    for _ in range(chance.randint(1, 3)):
        await scene.does(HARBOR, "POST", "/v1/assessments", body)


@hidden("assessment")
async def correct_assessment(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A correction of the hidden parts of the assessment that observers see parts of."""
    body = dict(scene.kept["assessment"]["body"]) | {"diagnosis": [{"system": "icd-10", "code": "F14.1"}]}
    await clinic.file(scene, "assessments", "assessment", body, None)


@hidden("week 0")
async def correct_week(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A correction of a week: the same values, but for the days of sessions that nobody may see."""
    names = [f"week {number}" for number in range(6) if f"week {number}" in scene.kept]
    name = chance.choice(names)
    body = dict(scene.kept[name]["body"])
    if "attendance.sessions" not in drawn.granted:
        first = drawn.mondays[int(name.removeprefix("week "))]
        body["sessions"] = [
            one | {"date": (first + timedelta(days=6 - number)).isoformat()}
            for number, one in enumerate(body["sessions"])
        ]
    await clinic.file(scene, "treatment-statuses", name, body, None)


@hidden("maria")
async def somebody_else(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another patient of the same name and birth date, with reports of their own."""
    patient = scene.kept["hidden patient"] = await clinic.add_patient(scene, MARIA, f"twin-{chance.random()}")
    body = clinic.week_of(drawn.mondays[2], ("missed", "missed"), patient_id=patient)
    scene.kept["hidden message"] = (await scene.does(HARBOR, "POST", "/v1/treatment-statuses", body))["id"]
    told = {"assessed_on": drawn.today.isoformat(), "purpose": "referral", "need_indicated": "no"}
    await scene.does(HARBOR, "POST", "/v1/assessments", told | {"patient_id": patient})


@hidden("maria")
async def another_clinic(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The county's own clinic treats Maria too; its sheriff refers her, is answered and allowed."""
    case_id = await clinic.register(scene, SHERIFF, "u-police-diversion", "diversion", "DV-113")
    more = {"recipient": "u-clinic-lakeside"}
    referral = await clinic.refer(scene, SHERIFF, case_id, MARIA, **more)
    patient = await clinic.add_patient(scene, MARIA, f"lake-{chance.random()}", LAKESIDE)
    await scene.does(LAKESIDE, "GET", "/v1/referrals")
    await clinic.match(scene, referral, patient, LAKESIDE)
    await clinic.answer(scene, referral, "accepted", f"lake-{referral}", LAKESIDE)
    shared = {"purposes": ["referral_coordination"], "elements": ["referral.decision", "enrolment.engaged"]}
    recipients = [{"org_unit": "u-sheriff", "role": "police_diversion", **shared}]
    body = clinic.form(scene, referral, recipients, patient_id=patient, disclosers=["u-clinic-lakeside"])
    await clinic.sign(scene, await clinic.propose(scene, body, who=LAKESIDE), who=LAKESIDE)
    await scene.does(SHERIFF, "GET", f"/v1/treatment-statuses?case={case_id}&purpose=referral_coordination")


@hidden("maria")
async def handed_over(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A treatment consent and a transfer to the county's clinic: fetched or cancelled, sometimes taken back.

    What a restriction keeps from everybody cannot be handed over either.
    """
    granted = {"purposes": ["treatment"], "elements": TREATMENT_CONSENT["elements"]}
    to = [{"org_unit": "u-clinic-lakeside", "role": "clinic_staff"} | granted]
    words = {name: TREATMENT_CONSENT[name] for name in ("kind", "expiry", "statements")}
    await clinic.sign(scene, await clinic.propose(scene, clinic.form(scene, None, to, **words)))
    whom = {"recipient": "u-clinic-lakeside", "patient_id": scene.kept["maria"]}
    body = TRANSFER | whom | {"identifier": {"system": "s", "value": str(chance.random())}}
    sent = await scene.ask(Asked(HARBOR, "step", "POST", "/v1/transfers", json.dumps(body).encode()))
    if sent.status == 422 and "hidden restriction" in scene.kept:
        return
    transfer = scene.kept["hidden transfer"] = sent.json()["id"]
    if chance.random() < 0.5:
        await scene.does(HARBOR, "POST", f"/v1/transfers/{transfer}/cancellation")
    await scene.does(LAKESIDE, "GET", "/v1/transfers")
    if chance.random() < 0.5:
        await clinic.revoke(scene, recipients=["u-clinic-lakeside"])


@hidden("hidden view")
async def county_meddles(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Events and aliases of a unit that did not impose the case, and the end of its own."""
    event = {"code": "final_disposition", "occurred_at": f"{drawn.mondays[3].isoformat()}T10:00:00Z"}
    alias = {"type": "tracking", "value": f"T-{chance.randint(1, 9)}"}
    await scene.does(COUNTY, "POST", f"/v1/cases/{scene.kept['hidden view']}/events", event)
    await scene.does(COUNTY, "POST", f"/v1/cases/{scene.kept['hidden view']}/identifiers", alias)
    await scene.does(COUNTY, "POST", f"/v1/cases/{scene.kept['hidden case']}/events", event)
    scene.kept["county disposed"] = True
    wish = {"referral_id": scene.kept["hidden referral"], "purpose": "condition_monitoring"}
    await scene.does(COUNTY, "POST", "/v1/consent-requests", wish)
    await scene.does(COUNTY, "POST", f"/v1/referrals/{scene.kept['hidden referral']}/cancellation")


@hidden("hidden other referral")
async def county_amends(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """Another court amends its own referral in the observers' case: a new threshold, a new frame."""
    number = scene.kept["hidden amendments"] = scene.kept.get("hidden amendments", 3) + 1
    body = {"conditions": {"service_asked": "outpatient", "attendance_threshold": number}}
    path = f"/v1/referrals/{scene.kept['hidden other referral']}/amendments"
    answered = await scene.ask(Asked(COUNTY, "step", "POST", path, json.dumps(body).encode()))
    if answered.status not in (201, 409):  # it may have been cancelled meanwhile
        raise RuntimeError(f"amended: {answered.status}")


@hidden("hidden week")
async def taken_back(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """What was filed for a case of another court alone is retracted, as of another patient or as an error."""
    taken = [scene.kept.pop(name) for name in ("hidden week", "hidden assessment") if name in scene.kept]
    for filed in taken:  # none, if the step came twice in a row
        body = {"reason": chance.choice(["wrong_patient", "entered_in_error"])}
        await scene.does(HARBOR, "POST", f"/v1/{filed['kind']}/{filed['id']}/retraction", body)
        scene.kept["hidden retracted"] = filed["id"]


@hidden("maria")
async def merged(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """A record of the same name, without a consent, is merged into Maria's, and sometimes apart again."""
    twin = await clinic.add_patient(scene, MARIA, f"merged-{chance.random()}")
    body = clinic.week_of(drawn.mondays[1], ("missed",), patient_id=twin, status="ended", closure="left_early")
    await scene.does(HARBOR, "POST", "/v1/treatment-statuses", body)
    acts = ("merge", "unmerge") if chance.random() < 0.5 else ("merge",)
    for act in acts:
        await scene.does(HARBOR, "POST", f"/v1/patients/{scene.kept['maria']}/{act}", {"merged": twin})
    await scene.does(HARBOR, "GET", "/v1/incidents")


@hidden("maria")
async def clinic_looks(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The clinic reads its own: the patient, her consents, who saw what, one referral."""
    maria = scene.kept["maria"]
    for path in (maria, f"{maria}/consents", f"{maria}/disclosures"):
        await scene.does(HARBOR, "GET", f"/v1/patients/{path}")
    named = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
    await scene.does(HARBOR, "POST", "/v1/patients/search", named)
    await scene.does(HARBOR, "GET", "/v1/consent-requests")
    await scene.does(HARBOR, "GET", f"/v1/referrals/{scene.kept['police referral']}")


@hidden("replayable")
async def clinic_replays(scene: Scene, drawn: Sequence20, chance: random.Random) -> None:
    """The clinic's system sends again what it sent before, word for word."""
    for asked in chance.sample(scene.kept["replayable"], min(4, len(scene.kept["replayable"]))):
        await scene.ask(asked)
