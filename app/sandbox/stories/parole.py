"""Parole with two custody transitions: the medicine goes from health to health, and justice learns one word."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.sandbox import steps
from app.sandbox.stage import Seen, Stage
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays

PAROLE, CLINIC, PRISON_HEALTH = "u-probation-adult", "u-clinic-harbor", "u-prison-health"
OFFICER, GUARD = "probation-adult-parole-officer", "custody-custody-officer"
NURSE, DOCTOR, STAFF = "prison-health-prison-clinician", "clinic-harbor-clinician", "clinic-harbor-clinic-staff"
REED: Final = {"given_name": "Reed", "sur_name": "Vondathicket", "birth_date": "1979-05-06"}
NAME: Final = "Reed Vondathicket"
PLAN: Final = "release_planning"
CARE: Final = ("clinical.medication", "clinical.safety_alert", "referral.appointment", "referral.reason")
KINDS: Final = ("treatment-statuses", "assessments")


async def play(stage: Stage) -> list[str]:
    """Play it to the end; the differences from what should be, if any."""
    return await stage.through(on_parole, into_custody, the_guard, out_again, one_word, taken_back)


async def justice_sees(stage: Stage) -> list[Seen]:
    """Everything that parole and the guard can look at: their cases, their referrals, their feeds, the transfers."""
    own = f"/v1/referrals/{stage.memory['referral']}?purpose={PLAN}"
    lists = [reading(kind, stage.memory["case"], PLAN) for kind in KINDS]
    looked = await stage.looks(OFFICER, own, *lists, "/v1/events", "/v1/transfers")
    of_guard = [reading(kind, stage.memory["guard_case"], PLAN) for kind in KINDS]
    return looked + await stage.looks(GUARD, *of_guard, "/v1/events", "/v1/referrals", "/v1/transfers")


async def on_parole(stage: Stage) -> None:
    """The parole officer refers him at release; the clinic treats him with methadone. Nothing is shared yet."""
    stage.say("\n1. Reed is on parole. His officer refers him, and the clinic treats him. He has allowed nothing.")
    officer, clinic, memory = stage.party(OFFICER), stage.party(STAFF), stage.memory
    memory["case"] = await steps.register_case(officer, PAROLE, "supervision", "PA-2026-0077")
    memory["guard_case"] = await steps.register_case(stage.party(GUARD), PAROLE, "supervision", "PA-2026-0077")
    memory["referral"] = (await steps.refer(officer, CLINIC, memory["case"], REED, stage="release"))["id"]
    memory["patient"] = await steps.add_patient(clinic, REED)
    await steps.accept(clinic, memory["referral"], memory["patient"])
    memory["before"] = await justice_sees(stage)
    for monday in past_mondays(2):
        await steps.report(clinic, memory["patient"], monday, ("attended", "attended"))


def treatment_consent(patient: str, discloser: str, recipient: str, *roles: str) -> dict[str, Any]:
    """A consent for treatment, payment and operations (42 CFR 2.33(a)(2)): no case, no referral, no justice."""
    said = {"revocation": True, "hipaa_redisclosure": True, "tpo_redisclosure": True, "tpo_refusal": True}
    more: dict[str, Any] = {"kind": "tpo", "purposes": ["treatment", "payment", "operations"], "elements": list(CARE)}
    more |= {"recipients": [{"org_unit": recipient, "role": role} for role in roles], "statements": said}
    return steps.form(patient, None, NAME, discloser, **more, expiry={"at": "none"})


def transfer(patient: str, recipient: str, milligrams: float, **more: Any) -> dict[str, Any]:
    """Methadone (ATC N07BC02), its dose and when the last one was taken."""
    last = (datetime.now(UTC) - timedelta(hours=5)).replace(microsecond=0).isoformat()
    dose = {"system": "atc", "code": "N07BC02", "dose": milligrams, "unit": "mg", "last_dose_at": last, "route": "oral"}
    return {"recipient": recipient, "patient_id": patient, "person": REED, "medication": [dose]} | more


async def into_custody(stage: Stage) -> None:
    """He is arrested. The clinic may tell prison health, and does: dose, last dose, risk of withdrawal."""
    stage.say("\n2. He is taken into custody. He had signed that the clinic may tell prison health what he takes.")
    clinic, nurse, memory = stage.party(STAFF), stage.party(NURSE), stage.memory
    words = transfer(memory["patient"], PRISON_HEALTH, 60, reason="custody_entry", withdrawal={"risk": "high"})
    unsigned = await clinic.post("/v1/transfers", words)
    stage.expect("without a consent nothing is sent", unsigned.status_code, 422)
    consent = treatment_consent(memory["patient"], CLINIC, PRISON_HEALTH, "prison_clinician")
    memory["entry_consent"] = await steps.sign(clinic, consent)
    memory["entry"] = (await must(await clinic.post("/v1/transfers", words), 201))["id"]
    fetched = await must(await nurse.get(f"/v1/transfers/{memory['entry']}"))
    dose = fetched["medication"][0]
    stage.expect("the nurse reads the dose", (dose["code"], dose["dose"], dose["unit"]), ("N07BC02", 60, "mg"))
    stage.expect(
        "when it was taken and what to fear", ("last_dose_at" in dose, fetched["withdrawal"]), (True, {"risk": "high"})
    )


async def the_guard(stage: Stage) -> None:
    """Custody staff have no route to it, and nothing that they or parole can look at moves by a byte."""
    stage.say("\n3. The guard at the door of the medical wing tries what he can.")
    memory = stage.memory
    tried = await stage.looks(GUARD, f"/v1/transfers/{memory['entry']}", f"/v1/transfers/{'0' * 32}")
    stage.expect("the guard is refused", tried[0][0], 403)
    stage.expect("in the same bytes for one that does not exist", tried[0][1], tried[1][1])
    stage.expect("neither he nor parole sees any change", await justice_sees(stage), memory["before"])


async def out_again(stage: Stage) -> None:
    """Release is when people die of an overdose: the clinic knows the dose and the lost tolerance the same hour."""
    stage.say("\n4. He is released. Prison health hands him back to the clinic, with his leave and with naloxone.")
    nurse, doctor, memory = stage.party(NURSE), stage.party(DOCTOR), stage.memory
    patient = await steps.add_patient(nurse, REED)
    await steps.sign(nurse, treatment_consent(patient, PRISON_HEALTH, CLINIC, "clinician"))
    start = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0).isoformat()
    more: dict[str, Any] = {"reason": "custody_release", "overdose": {"risk": "high", "reduced_tolerance": True}}
    more |= {"naloxone": {"supplied": True, "trained": True}, "next_appointment": {"start": start, "site": "Site 1"}}
    sent = await must(await nurse.post("/v1/transfers", transfer(patient, CLINIC, 40, **more)), 201)
    fetched = await must(await doctor.get(f"/v1/transfers/{sent['id']}"))
    stage.expect("the doctor reads the dose", fetched["medication"][0]["dose"], 40)
    stage.expect("and that tolerance is lost", fetched["overdose"], {"risk": "high", "reduced_tolerance": True})
    clerk = await stage.party(STAFF).get(f"/v1/transfers/{sent['id']}")
    stage.expect("the clinic's clerk was not named and finds none", clerk.status_code, 404)
    stage.expect("still no byte changes for justice", await justice_sees(stage), memory["before"])


async def one_word(stage: Stage) -> None:
    """What parole may know of continuity: that he is engaged. No place, no medicine, no date."""
    stage.say("\n5. He lets his parole officer know that he is in treatment, and nothing else.")
    memory = stage.memory
    more = {"recipients": [{"org_unit": PAROLE, "role": "parole_officer"}], "elements": ["enrolment.engaged"]}
    form = steps.form(memory["patient"], memory["referral"], NAME, CLINIC, purposes=[PLAN], **more)
    memory["parole_consent"] = await steps.sign(stage.party(STAFF), form)
    told = [await stage.values(OFFICER, kind, memory["case"], PLAN) for kind in KINDS]
    stage.expect("the officer reads: engaged", told, [[("current", {"enrolment.engaged": True})], []])
    guard = (await justice_sees(stage))[5:]
    stage.expect("the guard still nothing", guard, memory["before"][5:])


async def taken_back(stage: Stage) -> None:
    """Back to nothing for everybody, at once; and Reed reads who had what."""
    stage.say("\n6. He takes everything back.")
    clinic, memory = stage.party(STAFF), stage.memory
    done = await must(await clinic.post(f"/v1/patients/{memory['patient']}/revocations", {"all": True}))
    stage.expect("all of it stops", [one["state"] for one in done["consents"]], ["revoked", "revoked"])
    gone = await stage.party(NURSE).get(f"/v1/transfers/{memory['entry']}")
    stage.expect("the nurse's transfer is not there any more", gone.status_code, 404)
    stage.expect("parole sees what it saw at first", await justice_sees(stage), memory["before"])
    rows = (await must(await clinic.get(f"/v1/patients/{memory['patient']}/disclosures")))["items"]
    for row in rows:
        stage.say(f"      {row['sentence']}")
    told = {row["recipient"]["unit_id"] for row in rows}
    stage.expect("prison health and parole were told, nobody else", told, {PRISON_HEALTH, PAROLE})
