"""Pretrial condition: waiting for a place is no failure, and the terms of the court do not turn into a ruler."""

from datetime import date, timedelta
from typing import Any, Final

from app.sandbox import steps
from app.sandbox.stage import Seen, Stage
from app.sandbox.steps import must, reading
from app.sandbox.stories import forms
from app.sandbox.stories.forms import recipient, under_2_35
from app.sandbox.weeks import past_mondays

PRETRIAL, PROSECUTOR, CLINIC = "u-pretrial", "u-prosecutor", "u-clinic-harbor"
OFFICER, DEFERRING = "pretrial-pretrial-officer", "prosecutor-prosecutor-deferring"
CHARGING, STAFF = "prosecutor-prosecutor", "clinic-harbor-clinic-staff"
CORIN: Final = {"given_name": "Corin", "sur_name": "Dorvocliff", "birth_date": "1990-11-20"}
NAME: Final = "Corin Dorvocliff"
HEARING: Final = "court_appearance_date"
KINDS: Final = ("treatment-statuses", "assessments")
FEWER: Final = ["referral.decision", "enrolment.status", "attendance.compliant"]
MORE: Final = [*FEWER, "referral.appointment", "clinical.recommendation"]
STATED: Final = ["attendance.compliant", "enrolment.engaged", "enrolment.status"]


async def play(stage: Stage) -> list[str]:
    """Play it to the end; the differences from what should be, if any."""
    return await stage.through(conditioned, waiting, a_place, weeks, another_hearing, another_threshold, dismissed)


async def officer_sees(stage: Stage) -> list[Seen]:
    """Both gated lists and the answer to the referral, to be held against another time."""
    paths = [reading(kind, stage.memory["case"], "condition_monitoring") for kind in KINDS]
    return await stage.looks(OFFICER, stage.memory["answer"], *paths)


async def compliance(stage: Stage, client: str = OFFICER) -> list[Any]:
    """What a client is told of each elapsed week, newest first: whether the condition was kept."""
    case = stage.memory["case"] if client == OFFICER else stage.memory["prosecutor_case"]
    told = await stage.values(client, "treatment-statuses", case)
    return [values["attendance.compliant"] for start, values in told if start != "current"]


async def conditioned(stage: Stage) -> None:
    """Pretrial services make treatment a condition, two sessions a week, and name the prosecutor as supervisor."""
    stage.say("\n1. Corin is charged and released. Pretrial services make treatment a condition: two sessions a week.")
    officer, memory = stage.party(OFFICER), stage.memory
    memory["case"] = await steps.register_case(officer, PRETRIAL, "tracking", "PT-2026-0311")
    prosecutor = stage.party(DEFERRING)
    memory["prosecutor_case"] = await steps.register_case(prosecutor, PRETRIAL, "tracking", "PT-2026-0311")
    memory["asked"] = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    hearing = (date.today() + timedelta(days=20)).isoformat()
    imposed = {"condition_imposed": True, "mandatory": True, "supervising_units": [PROSECUTOR]}
    imposed |= {"final_disposition_due": forms.BACKSTOP, HEARING: hearing}
    sent = await steps.refer(
        officer, CLINIC, memory["case"], CORIN, stage="pretrial", conditions=memory["asked"], **imposed
    )
    memory["referral"] = sent["id"]
    memory["answer"] = f"/v1/referrals/{sent['id']}?purpose=condition_monitoring"


async def waiting(stage: Stage) -> None:
    """No place is free. He consents; what is told of the weeks is that nothing is known, and whose fault it is not."""
    stage.say("\n2. There is no place for six weeks. He signs a consent under 2.35 for pretrial and the prosecutor.")
    clinic, memory = stage.party(STAFF), stage.memory
    memory["patient"] = await steps.add_patient(clinic, CORIN)
    await steps.match(clinic, memory["referral"], memory["patient"])
    no_place = {"decision": "waitlisted", "reason": "capacity", "waitlist_weeks": 6}
    await must(await clinic.post(f"/v1/referrals/{memory['referral']}/response", no_place), 201)
    memory["mondays"] = past_mondays(3)
    memory["ids"] = (memory["patient"], memory["referral"], NAME, "case_dismissed")
    fewer = recipient(PROSECUTOR, "prosecutor_deferring", *FEWER)
    memory["told"] = (recipient(PRETRIAL, "pretrial_officer", *MORE), fewer)
    form = under_2_35(*memory["ids"], *memory["told"], since=memory["mondays"][0])
    memory["consent"] = await steps.sign(clinic, form)
    decision = (await must(await stage.party(OFFICER).get(memory["answer"])))["decision"]["value"]
    stage.expect("pretrial reads waitlisted", (decision["decision"], decision["waitlist_weeks"]), ("waitlisted", 6))
    stage.expect("and that it is not his doing", "not attributable to the person" in decision["note"], True)
    told = await compliance(stage)
    stage.expect("no week reads as not kept", told, ["insufficient_data"] * 3)


async def a_place(stage: Stage) -> None:
    """A place is free: accepted, with an appointment that pretrial may know and the prosecutor may not."""
    stage.say("\n3. A place is free after all. The clinic accepts him and finds that outpatient treatment fits.")
    clinic, memory = stage.party(STAFF), stage.memory
    await steps.accept(clinic, memory["referral"], memory["patient"])
    found = {"recommendation": {"service": "outpatient", "weeks_min": 12}}
    screening = [{"instrument": "dast10", "score": 7}]
    await steps.assess(clinic, memory["patient"], memory["mondays"][0], screening=screening, **found)
    shown = await must(await stage.party(OFFICER).get(memory["answer"]))
    stage.expect("pretrial sees the appointment", shown["appointment"]["value"]["site"], "Site 1")
    told = await stage.values(OFFICER, "assessments", memory["case"])
    advice = {"clinical.recommendation": found["recommendation"]}
    stage.expect("and the recommendation, no band", told, [("current", advice)])
    own = memory["prosecutor_case"]
    stage.expect("the prosecutor no assessment", await stage.elements(DEFERRING, "assessments", own), [])
    charging = await stage.party(CHARGING).get(reading("treatment-statuses", own, "condition_monitoring"))
    stage.expect("the charging prosecutor is refused", charging.status_code, 403)


async def weeks(stage: Stage) -> None:
    """Three weeks: kept, kept because excused counts, and not kept. Nobody sees a count."""
    stage.say("\n4. Three weeks pass: two sessions, one and an excused one, one and a missed one.")
    clinic, memory = stage.party(STAFF), stage.memory
    for monday, second in zip(memory["mondays"], ("attended", "excused", "missed"), strict=True):
        await steps.report(clinic, memory["patient"], monday, ("attended", second))
    stage.expect("pretrial sees whether the condition was kept", await compliance(stage), ["no", "yes", "yes"])
    stage.expect("so does the prosecutor", await compliance(stage, DEFERRING), ["no", "yes", "yes"])
    told = await stage.elements(OFFICER, "treatment-statuses", memory["case"])
    stage.expect("status and compliance, no count", told, STATED)
    before, running = await officer_sees(stage), past_mondays(1)[0] + timedelta(weeks=1)
    await steps.report(clinic, memory["patient"], running, ("missed", "missed"))
    stage.expect("the running week changes no byte", await officer_sees(stage), before)


async def another_hearing(stage: Stage) -> None:
    """The hearing moves: the sender's own words change, and nothing that depends on the clinic."""
    stage.say("\n5. The hearing is moved by two weeks. Pretrial services amend the referral.")
    memory, moved = stage.memory, (date.today() + timedelta(days=34)).isoformat()
    path = f"/v1/referrals/{memory['referral']}"
    amended = await must(await stage.party(OFFICER).post(f"{path}/amendments", {HEARING: moved}), 201)
    stage.expect("with a receipt of what changed", ("receipt" in amended, amended["changed"]), (True, [HEARING]))
    told = await must(await stage.party(STAFF).get(path))
    stage.expect("the clinic reads the new day", told[HEARING], moved)
    stage.expect("and that it was amended", [one["changed"] for one in told["amendments"]], [[HEARING]])


async def another_threshold(stage: Stage) -> None:
    """Asking the same weeks with another threshold would count them. The consent froze the one it was signed under."""
    stage.say("\n6. Pretrial services lower the threshold to one. Under the consent he signed, nothing new is read.")
    memory, clinic = stage.memory, stage.party(STAFF)
    before = (await officer_sees(stage))[1:]
    changed = {"conditions": memory["asked"] | {"attendance_threshold": 1}}
    await must(await stage.party(OFFICER).post(f"/v1/referrals/{memory['referral']}/amendments", changed), 201)
    stage.expect("not a byte of the weeks changes", (await officer_sees(stage))[1:], before)
    stage.say("   He signs anew, in place of the first: now the new threshold counts.")
    anew = {"since": memory["mondays"][0], "supersedes": [memory["consent"]]}
    await steps.sign(clinic, under_2_35(*memory["ids"], *memory["told"], **anew))
    stage.expect("every week was kept", await compliance(stage), ["yes", "yes", "yes"])


async def dismissed(stage: Stage) -> None:
    """The case is dismissed: the consent ends by itself, and the list is that of a case with nobody in it."""
    stage.say("\n7. The case is dismissed.")
    await steps.happened(stage.party(DEFERRING), stage.memory["prosecutor_case"], "case_dismissed")
    stage.expect("the prosecutor's word for it has no effect", len(await compliance(stage)), 3)
    await steps.happened(stage.party(OFFICER), stage.memory["case"], "case_dismissed")
    nobody = [await stage.looks(OFFICER, reading(kind, "0" * 32, "condition_monitoring")) for kind in KINDS]
    stage.expect("pretrial sees what it sees of nobody", (await officer_sees(stage))[1:], [one[0] for one in nobody])
    stage.expect("the prosecutor too", await compliance(stage, DEFERRING), [])
