"""Treatment court: who sees which step of a ladder, a mistake put right, and a consent that waits for its date."""

from datetime import timedelta
from typing import Any, Final

from app.sandbox import steps
from app.sandbox.stage import Seen, Stage
from app.sandbox.steps import must, reading
from app.sandbox.stories import forms
from app.sandbox.stories.forms import recipient, under_2_35
from app.sandbox.weeks import past_mondays

COURT, PROBATION, CLINIC = "u-court-treatment", "u-probation-adult", "u-clinic-harbor"
JUDGE, TEAM, ADULT = "court-treatment-judge", "court-treatment-court-team", "probation-adult-probation-officer"
STAFF: Final = "clinic-harbor-clinic-staff"
JUNIPER: Final = {"given_name": "Juniper", "sur_name": "Kelvegrove", "birth_date": "1984-02-29"}
NAME: Final = "Juniper Kelvegrove"
STATUSES: Final = "treatment-statuses"
USE: Final = {"participation": "given", "result": "unprescribed_use_confirmed"}


async def play(stage: Stage) -> list[str]:
    """Play it to the end; the differences from what should be, if any."""
    return await stage.through(
        sentenced_to_try, ladders, a_bad_test, probation_loses_its_part, put_right, until_the_date
    )


def path(stage: Stage, client: str) -> str:
    """Where a client reads the weeks, in the case as it knows it."""
    return reading(STATUSES, stage.memory["probation_case" if client == ADULT else "case"], "condition_monitoring")


async def sees(stage: Stage, client: str) -> list[Seen]:
    """A client's weeks and its feed of news."""
    return await stage.looks(client, path(stage, client), "/v1/events")


async def windows(stage: Stage, client: str, element: str) -> list[Any]:
    """A client's values of one element, a week each, newest first."""
    items = (await must(await stage.party(client).get(path(stage, client))))["items"]
    return [item["elements"].get(element, {}).get("value") for item in items if "period" in item]


async def sentenced_to_try(stage: Stage) -> None:
    """The court refers; she signs a 2.35 consent for judge and team, and one for probation that she can take back."""
    stage.say("\n1. The court makes treatment a condition. Juniper signs for the court and, apart, for probation.")
    judge, clinic, memory = stage.party(JUDGE), stage.party(STAFF), stage.memory
    memory["case"] = await steps.register_case(judge, COURT, "docket", "CR-2026-5150")
    memory["probation_case"] = await steps.register_case(stage.party(ADULT), COURT, "docket", "CR-2026-5150")
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    imposed = {"condition_imposed": True, "supervising_units": [PROBATION], "final_disposition_due": forms.BACKSTOP}
    sent = await steps.refer(judge, CLINIC, memory["case"], JUNIPER, stage="trial", conditions=asked, **imposed)
    memory["patient"] = await steps.add_patient(clinic, JUNIPER)
    await steps.accept(clinic, sent["id"], memory["patient"])
    memory["mondays"], memory["before"] = past_mondays(4), await sees(stage, ADULT)
    since, ids = memory["mondays"][0], (memory["patient"], sent["id"], NAME)
    of_judge = recipient(COURT, "judge", "attendance.summary", "testing.result_summary", "progress.plan_change")
    of_team = recipient(COURT, "court_team", "attendance.compliant")
    bound = under_2_35(*ids, "sentence_completed", of_judge, of_team, since=since)
    memory["court_consent"] = await steps.sign(clinic, bound)
    of_probation = recipient(PROBATION, "probation_officer", "attendance.sessions", "attendance.summary")
    more = {"recipients": [of_probation], "elements": of_probation["elements"], "records_from": since.isoformat()}
    memory["probation_consent"] = await steps.sign(clinic, steps.form(*ids, CLINIC, **more))


async def week_of(stage: Stage, number: int, *outcomes: str, **more: Any) -> str:
    """File one of the four weeks, or with 4 the running one."""
    monday = stage.memory["mondays"][0] + timedelta(weeks=number)
    return await steps.report(stage.party(STAFF), stage.memory["patient"], monday, outcomes, **{"testing": []} | more)


async def ladders(stage: Stage) -> None:
    """Counts for the judge, a yes or no for the team, dates for probation: of a ladder only the finest step leaves."""
    stage.say("\n2. The clinic reports three weeks. The second says that she missed a session.")
    await week_of(stage, 0, "attended", "attended")
    stage.memory["wrong"] = await week_of(stage, 1, "attended", "missed")
    await week_of(stage, 2, "attended", "excused", plan_change="adjust")
    unknown, *counts = await windows(stage, JUDGE, "attendance.summary")
    stage.expect("the judge sees counts", [value["attended"] for value in counts], [1, 1, 2])
    stage.expect("of a week that is not reported yet, that", unknown, "insufficient_data")
    kept = await windows(stage, TEAM, "attendance.compliant")
    stage.expect("the team whether she kept it", kept, ["insufficient_data", "yes", "no", "yes"])
    stage.expect("and no count", await windows(stage, TEAM, "attendance.summary"), [None] * 4)
    dated = await windows(stage, ADULT, "attendance.sessions")
    stage.expect("probation sees days", [len(day) for day in dated[1:]], [2, 2, 2])
    stage.expect("and no counts beside them", await windows(stage, ADULT, "attendance.summary"), [None] * 4)


async def a_bad_test(stage: Stage) -> None:
    """A positive test rings no bell. It is in the report when its week is over, and only for whom it was named."""
    stage.say("\n3. On Monday a test finds use. Nobody is alarmed: it waits for the week's report.")
    before = [await sees(stage, client) for client in (JUDGE, TEAM, ADULT)]
    this_week = stage.memory["mondays"][3] + timedelta(weeks=1)
    await week_of(stage, 4, testing=[USE | {"collected_on": this_week.isoformat()}])
    now = [await sees(stage, client) for client in (JUDGE, TEAM, ADULT)]
    stage.expect("no list and no feed changes by a byte", now, before)
    stage.say("   The report of last week, which held another such test, comes in.")
    tested = [USE | {"collected_on": stage.memory["mondays"][3].isoformat()}]
    await week_of(stage, 3, "attended", "attended", testing=tested, plan_change="step_up")
    results = [[test["result"] for test in week] for week in await windows(stage, JUDGE, "testing.result_summary")]
    stage.expect("the judge reads it there", results, [["unprescribed_use_confirmed"], [], [], []])
    current, *_ = await stage.values(JUDGE, STATUSES, stage.memory["case"])
    stage.expect("with what the clinic does about it", current, ("current", {"progress.plan_change": "step_up"}))
    others = [await windows(stage, client, "testing.result_summary") for client in (TEAM, ADULT)]
    stage.expect("team and probation read nothing of it", others, [[None] * 4] * 2)


async def probation_loses_its_part(stage: Stage) -> None:
    """The consent for probation is revocable: gone at once, as if it had never been."""
    stage.say("\n4. She takes back what she allowed probation.")
    memory, taken = stage.memory, {"consents": [stage.memory["probation_consent"]]}
    await must(await stage.party(STAFF).post(f"/v1/patients/{memory['patient']}/revocations", taken))
    stage.expect("its list is that of before", (await sees(stage, ADULT))[0], memory["before"][0])


async def put_right(stage: Stage) -> None:
    """The session was not missed. Who may read, reads it right; who once read it hears: withdrawn."""
    stage.say("\n5. The missed session was a slip of the clinic. It puts the week right.")
    await week_of(stage, 1, "attended", "attended", supersedes=stage.memory["wrong"])
    counts = [value["attended"] for value in await windows(stage, JUDGE, "attendance.summary")]
    stage.expect("the judge reads the right count", counts, [2, 1, 2, 2])
    judge, adult = [await must(await stage.party(client).get(path(stage, client))) for client in (JUDGE, ADULT)]
    stage.expect("and nothing is withdrawn from the judge", "withdrawn" in judge, False)
    stage.expect("probation hears that one item is withdrawn", [set(one) for one in adult["withdrawn"]], [{"id"}])
    stage.expect("and gets no new word", adult["items"], [])


async def until_the_date(stage: Stage) -> None:
    """A consent under 2.35 cannot be taken back before its date. The wish waits; with the event it is done."""
    stage.say("\n6. She wants to take back the court's consent too. Under 2.35 that waits for final disposition.")
    clinic, memory = stage.party(STAFF), stage.memory
    before = await sees(stage, JUDGE)
    asked = await clinic.post(f"/v1/patients/{memory['patient']}/revocations", {"consents": [memory["court_consent"]]})
    stage.expect("pending", (asked.status_code, asked.json()["state"]), (202, "pending"))
    stage.expect("not a byte changes for the judge", await sees(stage, JUDGE), before)
    stage.say("   The court disposes of the case. Her wish of before takes effect, and needs nobody to remember it.")
    await steps.happened(stage.party(JUDGE), memory["case"], "final_disposition")
    left = [await windows(stage, client, "") for client in (JUDGE, TEAM)]
    stage.expect("judge and team read nothing any more", left, [[], []])
    consent = await must(await clinic.get(f"/v1/consents/{memory['court_consent']}"))
    stage.expect("it is revoked", consent["state"], "revoked")
