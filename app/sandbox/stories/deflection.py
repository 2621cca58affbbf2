"""Deflection before arrest: nobody is charged, and the officer may learn whether Brisa is engaged, if she says so."""

from typing import Any, Final

from app.sandbox import steps
from app.sandbox.stage import Seen, Stage
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays

POLICE, CLINIC = "u-police-diversion", "u-clinic-harbor"
OFFICER, PATROL = "police-diversion-police-diversion", "police-patrol-police-officer"
STAFF: Final = "clinic-harbor-clinic-staff"
BRISA: Final = {"given_name": "Brisa", "sur_name": "Aldafern", "birth_date": "1996-08-03"}
NAME: Final = "Brisa Aldafern"
COORDINATE: Final = "referral_coordination"
KINDS: Final = ("treatment-statuses", "assessments")


async def play(stage: Stage) -> list[str]:
    """Play it to the end; the differences from what should be, if any."""
    return await stage.through(referred, behind_the_door, refused, too_much, allowed, taken_back)


async def officer_sees(stage: Stage) -> list[Seen]:
    """Every gated route that the officer has, on her case and on one that nobody was ever referred in."""
    cases = (stage.memory["case"], "0" * 32)
    paths = [reading(kind, case, COORDINATE) for kind in KINDS for case in cases]
    return await stage.looks(OFFICER, f"/v1/referrals/{stage.memory['referral']}", *paths)


async def referred(stage: Stage) -> None:
    """The diversion officer refers; patrol may ask for nothing, whoever it asks about."""
    stage.say("\n1. Brisa is stopped with a small amount. Nobody arrests her; the diversion officer refers her.")
    officer, memory = stage.party(OFFICER), stage.memory
    memory["case"] = await steps.register_case(officer, POLICE, "diversion", "DV-2026-2001")
    sent = await steps.refer(officer, CLINIC, memory["case"], BRISA, offence_category="possession", mandatory=False)
    memory["referral"] = sent["id"]
    cases = (memory["case"], "0" * 32)
    told = await stage.looks(PATROL, *(reading(kind, case, COORDINATE) for kind in KINDS for case in cases))
    stage.expect("patrol is refused", told[0][0], 403)
    stage.expect("in the same bytes for her and for nobody", len({seen[1] for seen in told}), 1)
    await must(await stage.party(STAFF).get("/v1/referrals"))
    memory["before"] = await officer_sees(stage)


async def behind_the_door(stage: Stage) -> None:
    """The clinic accepts, assesses and reports. Not a byte of it shows."""
    stage.say("\n2. The clinic accepts her, finds a disorder and reports three weeks. She allowed nothing yet.")
    clinic, memory = stage.party(STAFF), stage.memory
    memory["patient"] = await steps.add_patient(clinic, BRISA)
    await steps.accept(clinic, memory["referral"], memory["patient"])
    mondays = past_mondays(4)
    diagnosis = [{"system": "icd-10", "code": "F14.2"}]
    await steps.assess(clinic, memory["patient"], mondays[0], diagnosis=diagnosis)
    for monday in mondays[:3]:
        await steps.report(clinic, memory["patient"], monday, ("attended", "missed"))
    stage.expect("what the officer sees is the same bytes", await officer_sees(stage), memory["before"])
    memory["mondays"] = mondays


async def refused(stage: Stage) -> None:
    """She says no to a form: the officer cannot tell that from never having been asked."""
    stage.say("\n3. The officer asks the clinic to ask her. It does, and she says no.")
    officer, clinic, memory = stage.party(OFFICER), stage.party(STAFF), stage.memory
    asked = {"referral_id": memory["referral"], "purpose": COORDINATE}
    first = await officer.post("/v1/consent-requests", asked)
    stage.expect("the request is received", (first.status_code, first.json()), (202, {"status": "received"}))
    proposal = form(stage)
    offered = await must(await clinic.post("/v1/consents", proposal), 201)
    stage.expect("a form on the table shows nothing", await officer_sees(stage), memory["before"])
    said_no = await must(await clinic.post(f"/v1/consents/{offered['id']}/decline", None))
    stage.expect("the clinic has her no on file", said_no["state"], "refused")
    stage.expect("refused looks like never asked", await officer_sees(stage), memory["before"])
    again = await officer.post("/v1/consent-requests", asked)
    stage.expect("asking again gives the same bytes", (again.status_code, again.content), (202, first.content))


async def too_much(stage: Stage) -> None:
    """What police may never have cannot be signed away (42 CFR 2.35(a); domain rules 3.4, cases 23 and 24)."""
    stage.say("\n4. A clerk takes the wrong forms. They are refused before she could sign them.")
    clinic = stage.party(STAFF)
    more = await clinic.post("/v1/consents", form(stage, elements=["enrolment.engaged", "enrolment.status"]))
    stage.expect("status is above what police may have", codes(more), {"element_above_role_ceiling"})
    clock = {"event": "final_disposition", "at": "2035-06-30"}
    bound = {"kind": "cjs_2_35", "revocable_from": clock, "expiry": clock, "duration_rationale": "Until it is decided."}
    wrong = await clinic.post("/v1/consents", form(stage, **bound))
    stage.expect("2.35 is not for police", "role_outside_2_35" in codes(wrong), True)
    made = await stage.party(OFFICER).post("/v1/consents", form(stage))
    stage.expect("the officer cannot make a consent", made.status_code, 403)


def form(stage: Stage, **more: Any) -> dict[str, Any]:
    """What she may allow the diversion unit: the decision, and whether she is engaged."""
    usual: dict[str, Any] = {
        "recipients": [{"org_unit": POLICE, "role": "police_diversion"}],
        "purposes": [COORDINATE],
        "elements": ["referral.decision", "enrolment.engaged"],
    }
    return steps.form(stage.memory["patient"], stage.memory["referral"], NAME, CLINIC, **usual | more)


def codes(response: Any) -> set[str]:
    """The codes of a refused form."""
    return {flaw["code"] for flaw in response.json().get("errors", ())}


async def allowed(stage: Stage) -> None:
    """She thinks again and allows it: one constant item, however many weeks and tests follow."""
    stage.say("\n5. She thinks again, and lets the officer know whether she is engaged.")
    clinic, memory = stage.party(STAFF), stage.memory
    memory["consent"] = await steps.sign(clinic, form(stage))
    shown = await must(await stage.party(OFFICER).get(f"/v1/referrals/{memory['referral']}"))
    stage.expect("the officer sees the decision", shown["decision"]["value"], {"decision": "accepted"})
    told = await stage.values(OFFICER, "treatment-statuses", memory["case"], COORDINATE)
    stage.expect("and one thing: engaged", told, [("current", {"enrolment.engaged": True})])
    stage.expect("no assessment", await stage.values(OFFICER, "assessments", memory["case"], COORDINATE), [])
    now = await officer_sees(stage)
    positive = {"participation": "given", "result": "unprescribed_use_confirmed"}
    tested = [{"collected_on": memory["mondays"][3].isoformat()} | positive]
    await steps.report(clinic, memory["patient"], memory["mondays"][3], ("missed", "missed"), testing=tested)
    stage.expect("a bad week and a positive test change no byte", await officer_sees(stage), now)


async def taken_back(stage: Stage) -> None:
    """She takes it back: everything is as before she consented, and her accounting says who had what."""
    stage.say("\n6. She takes it back.")
    clinic, memory = stage.party(STAFF), stage.memory
    done = await must(await clinic.post(f"/v1/patients/{memory['patient']}/revocations", {"all": True}))
    stage.expect("it stops at once", [one["state"] for one in done["consents"]], ["revoked"])
    stage.expect("the officer sees what was there before", await officer_sees(stage), memory["before"])
    rows = (await must(await clinic.get(f"/v1/patients/{memory['patient']}/disclosures")))["items"]
    for row in rows:
        stage.say(f"      {row['sentence']}")
    told = {(row["recipient"]["unit_id"], name) for row in rows for name in row["elements"]}
    stage.expect("nobody else was told", told, {(POLICE, "referral.decision"), (POLICE, "enrolment.engaged")})
