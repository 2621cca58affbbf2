"""Maria's story: deflection, a court case, consents signed and taken back, and what each party sees of it."""

from datetime import UTC, datetime
from typing import Final

from app.sandbox import steps
from app.sandbox.stage import Stage
from app.sandbox.steps import must, reading
from app.sandbox.views import (
    ADULT,
    ASSESSMENTS,
    BACKSTOP,
    CLINIC,
    COURT,
    JUDGE,
    OFFICER,
    POLICE,
    PROBATION,
    STAFF,
    STATUSES,
    court_views,
    file_assessment,
    in_own_case,
    officer_elements,
    police_views,
    proposal,
    values,
)
from app.sandbox.weeks import past_mondays

MARIA: Final = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}


async def play(stage: Stage) -> list[str]:
    """Play it to the end; the differences from what should be, if any."""
    await deflection(stage)
    await consent_for_police(stage)
    await court_case(stage)
    await reports(stage)
    await what_the_court_sees(stage)
    await revocations(stage)
    await final_disposition(stage)
    await accounting(stage)
    return stage.differences


async def deflection(stage: Stage) -> None:
    """Police refer Maria; the clinic matches, accepts, books. The officer sees only sent and delivered."""
    stage.say("\n1. Maria is stopped for a minor possession offence. The diversion officer refers her.")
    officer, clinic, memory = stage.party(OFFICER), stage.party(STAFF), stage.memory
    memory["diversion"] = await steps.register_case(officer, POLICE, "diversion", "DV-2026-113")
    sent = await steps.refer(officer, CLINIC, memory["diversion"], MARIA)
    memory["referral"] = sent["id"]
    stage.expect("the officer sees it was sent", (sent["status"], sent["transmission"]), ("sent", "queued"))
    inbox = await must(await clinic.get("/v1/referrals"))
    stage.expect("the clinic finds it on its list", memory["referral"] in [r["id"] for r in inbox["items"]], True)
    memory["before"] = await police_views(stage)
    memory["patient"] = await steps.add_patient(clinic, MARIA)
    await steps.accept(clinic, memory["referral"], memory["patient"])
    mondays = past_mondays(4)
    memory["mondays"] = mondays
    stage.say("   The clinic matches her with its patient, accepts and books intake; a diagnosis is on file there.")
    await file_assessment(stage, mondays[0].isoformat())
    shown = await must(await officer.get(f"/v1/referrals/{memory['referral']}"))
    stage.expect("the officer sees that it was delivered", shown["transmission"], "delivered")
    stage.expect("and nothing of the answer", {"decision", "appointment", "obligations"} & shown.keys(), set())
    stage.expect("not a byte changed with the acceptance", await police_views(stage), memory["before"])


async def consent_for_police(stage: Stage) -> None:
    """A revocable consent for the diversion unit: decision and engagement, nothing else; patrol is refused."""
    stage.say("\n2. Maria signs a revocable consent for the diversion unit: the decision, and whether she is engaged.")
    memory, clinic = stage.memory, stage.party(STAFF)
    memory["police_consent"] = await steps.sign(
        clinic,
        proposal(stage, "named_disclosure", memory["referral"])
        | {
            "recipients": [{"org_unit": POLICE, "role": "police_diversion"}],
            "purposes": ["referral_coordination"],
            "elements": ["referral.decision", "enrolment.engaged"],
            "expiry": {"at": BACKSTOP},
            "statements": {"revocation": True},
        },
    )
    shown = await must(await stage.party(OFFICER).get(f"/v1/referrals/{memory['referral']}"))
    stage.expect("the officer sees the decision", shown.get("decision", {}).get("value"), {"decision": "accepted"})
    stage.expect("and no appointment", "appointment" in shown, False)
    path = reading(STATUSES, memory["diversion"], "referral_coordination")
    items = (await must(await stage.party(OFFICER).get(path)))["items"]
    stage.expect("and one constant item: engaged", values(items), [{"enrolment.engaged": True}])
    stage.expect("no assessment", await officer_elements(stage, ASSESSMENTS), [])
    patrol = await stage.party("police-patrol-police-officer").get(path)
    stage.expect("patrol is refused", (patrol.status_code, patrol.json()["code"]), (403, "purpose_not_for_role"))


async def court_case(stage: Stage) -> None:
    """The court makes treatment a condition and refers her in that case; she signs a 2.35 consent."""
    stage.say("\n3. Later she is charged in another matter. The court makes treatment a condition and refers her.")
    memory, judge, clinic = stage.memory, stage.party(JUDGE), stage.party(STAFF)
    memory["case"] = await steps.register_case(judge, COURT, "docket", "CR-2026-0417")
    memory["other_case"] = await steps.register_case(judge, COURT, "docket", "CR-2026-0999")
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    imposed = {"condition_imposed": True, "supervising_units": [PROBATION], "final_disposition_due": BACKSTOP}
    sent = await steps.refer(judge, CLINIC, memory["case"], MARIA, stage="trial", conditions=asked, **imposed)
    memory["court_referral"] = sent["id"]
    await must(await clinic.get("/v1/referrals"))
    await steps.accept(clinic, sent["id"], memory["patient"])
    stage.say(
        "   The clinic accepts. She signs a 2.35 consent: the court and adult probation, until final disposition."
    )
    disposition = {"event": "final_disposition", "at": BACKSTOP}
    shared = ["clinical.recommendation", "attendance.summary", "progress.plan_change"]
    memory["court_consent"] = await steps.sign(
        clinic,
        proposal(stage, "cjs_2_35", sent["id"])
        | {
            "recipients": [
                {"org_unit": COURT, "role": "judge", "elements": shared},
                {"org_unit": PROBATION, "role": "probation_officer", "elements": ["attendance.sessions"]},
            ],
            "purposes": ["condition_monitoring"],
            "elements": [*shared, "attendance.sessions"],
            "expiry": disposition,
            "revocable_from": disposition,
            "duration_rationale": "Until the court disposes of the case.",
            "records_from": memory["mondays"][0].isoformat(),
        },
    )


async def reports(stage: Stage) -> None:
    """An assessment and four weekly statuses with dated sessions, one missed."""
    stage.say(
        "\n4. The clinic files an assessment with a counselling note, and four weekly statuses, one session missed."
    )
    memory, clinic = stage.memory, stage.party(STAFF)
    before = await police_views(stage)
    note = {
        "counselling_notes": "Spoke about her sister.",
        "recommendation": {"service": "outpatient", "weeks_min": 24},
    }
    await file_assessment(stage, memory["mondays"][3].isoformat(), **note)
    for number, monday in enumerate(memory["mondays"]):
        outcomes = ("attended", "missed" if number == 2 else "attended")
        more = {"dates": {"start": memory["mondays"][0].isoformat()}, "plan_change": "none" if number < 3 else "adjust"}
        await steps.report(clinic, memory["patient"], monday, outcomes, **more)
    stage.expect("the officer's views are the same bytes, however many reports", await police_views(stage), before)


async def what_the_court_sees(stage: Stage) -> None:
    """The judge and probation see what she named; everybody else nothing; counselling notes nobody."""
    stage.say("\n5. The judge reads, stating condition_monitoring.")
    case = stage.memory["case"]
    stage.expect(
        "the judge sees recommendation of the assessment, no diagnosis, no note",
        await stage.elements(JUDGE, ASSESSMENTS, case),
        ["clinical.recommendation"],
    )
    body = await must(await stage.party(JUDGE).get(reading(STATUSES, case, "condition_monitoring")))
    current, *windows = body["items"]
    stage.expect("plan change", current["elements"]["progress.plan_change"]["value"], "adjust")
    counts = [window["elements"]["attendance.summary"]["value"] for window in windows]
    stage.expect("four weeks of counts", [c["attended"] for c in counts], [2, 1, 2, 2])
    stage.expect("one missed", [c["missed"] for c in counts], [0, 1, 0, 0])
    stage.expect("the judge sees no dates of sessions", "attendance.sessions" in str(body["items"]), False)
    adult = await in_own_case(stage, ADULT)
    stage.expect("probation the sessions", await stage.elements(ADULT, STATUSES, adult), ["attendance.sessions"])
    for client in ("prosecutor-prosecutor-deferring", "probation-juvenile-probation-officer", "court-family-judge"):
        own = await in_own_case(stage, client)
        both = [await stage.elements(client, kind, own) for kind in (STATUSES, ASSESSMENTS)]
        stage.expect(f"{client} nothing", both, [[], []])
    stage.expect("another case nothing", await stage.elements(JUDGE, STATUSES, stage.memory["other_case"]), [])


async def revocations(stage: Stage) -> None:
    """Before its date the 2.35 consent cannot be taken back; the police consent can, at once."""
    stage.say("\n6. She asks to take both consents back.")
    memory, clinic = stage.memory, stage.party(STAFF)
    before = await court_views(stage)
    path = f"/v1/patients/{memory['patient']}/revocations"
    asked = await clinic.post(path, {"consents": [memory["court_consent"]]})
    stage.expect("the court's: 202, pending", (asked.status_code, asked.json()["state"]), (202, "pending"))
    stage.expect("not a byte changes for the court", await court_views(stage), before)
    done = await clinic.post(path, {"consents": [memory["police_consent"]]})
    stage.expect("the police's: at once", (done.status_code, done.json()["state"]), (200, "in_force"))
    received = done.json()["consents"][0]["already_received"]
    stage.expect("she is told who already received what", [r["recipient"] for r in received], [POLICE])
    stage.expect(
        "the officer's status, body and ETag are as before she consented", await police_views(stage), memory["before"]
    )


async def final_disposition(stage: Stage) -> None:
    """The court disposes of the case: the 2.35 consent ends by itself."""
    stage.say("\n7. The court posts final_disposition.")
    memory = stage.memory
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    body = {"code": "final_disposition", "occurred_at": now}
    answer = await stage.party(JUDGE).post(f"/v1/cases/{memory['case']}/events", body)
    stage.expect("the event is received", answer.status_code, 202)
    stage.expect("the judge sees nothing any more", await stage.elements(JUDGE, STATUSES, memory["case"]), [])
    adult = await in_own_case(stage, ADULT)
    stage.expect("nor does probation", await stage.elements(ADULT, STATUSES, adult), [])
    consent = await must(await stage.party(STAFF).get(f"/v1/consents/{memory['court_consent']}"))
    stage.expect("the consent is expired", consent["state"], "expired")


async def accounting(stage: Stage) -> None:
    """Her accounting lists each disclosure to officer, judge and probation, re-reads grouped, and nothing else."""
    stage.say("\n8. Maria asks who saw what.")
    path = f"/v1/patients/{stage.memory['patient']}/disclosures?on_behalf_of=patient"
    rows = (await must(await stage.party(STAFF).get(path)))["items"]
    for row in rows:
        stage.say(f"      {row['sentence']}")
    told = {(row["recipient"]["unit_id"], row["recipient"]["role"]) for row in rows}
    wanted = {(POLICE, "police_diversion"), (COURT, "judge"), (PROBATION, "probation_officer")}
    stage.expect("officer, judge and probation, nobody else", told, wanted)
    stage.expect("re-reads are grouped", any(row["times"] > 1 for row in rows), True)
    office = await must(await stage.party("privacy-privacy-officer").get(path))
    stage.expect("the privacy office sees the same", office["items"], rows)
