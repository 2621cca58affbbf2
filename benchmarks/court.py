"""A court's cases, each played through the API as it comes to be: referral, match, answer, weeks, a signed consent."""

import asyncio
import contextlib
import io
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

import httpx

from app.main import create_app, open_hub
from app.sandbox import steps
from app.sandbox.county import people
from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT
from app.sandbox.weeks import past_mondays, week
from benchmarks.instance import Instance

WEEKS: Final = 4
PEOPLE: Final = people()
"""The county that the sandbox and the tests have as well."""

AT_ONCE: Final = 8
"""Cases played at a time, so that their writes share commits."""


@dataclass(frozen=True, slots=True)
class Case:
    """The judge's case_id, the clinic's patient; of a played one, not of its copies, the referral and the name."""

    case_id: str
    patient: str
    referral: str = ""
    name: str = ""


def play(of: Instance, count: int, filed: int = WEEKS) -> list[Case]:
    """So many cases of the judge, of each a current status and four weeks to read, of which the first were reported."""
    with contextlib.redirect_stderr(io.StringIO()):  # the service's log lines
        return asyncio.run(_play(of, count, filed))


async def _play(of: Instance, count: int, filed: int) -> list[Case]:
    hub = await open_hub(of.settings)
    try:
        app = create_app(of.settings)
        app.state.hub = hub
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=of.settings.issuer) as http:
            judge, clinic = (Party(http, entry, f"{of.settings.issuer}/oauth/token") for entry in (of.judge, of.clinic))
            gate = asyncio.Semaphore(AT_ONCE)

            async def one(number: int) -> Case:
                async with gate:
                    return await _case(judge, clinic, number, filed)

            return list(await asyncio.gather(*(one(number) for number in range(count))))
    finally:
        await hub.database.close()


async def _case(judge: Party, clinic: Party, number: int, filed: int) -> Case:
    resident = PEOPLE[number % len(PEOPLE)]
    named = {"given_name": resident.given_name, "sur_name": resident.sur_name}
    person = named | {"birth_date": resident.born.isoformat()}
    case_id = await steps.register_case(judge, COURT, "docket", f"BENCH-{number:05}")
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    imposed = {"condition_imposed": True, "final_disposition_due": "2035-06-30", "stage": "trial"}
    referral = (await steps.refer(judge, CLINIC, case_id, person, conditions=asked, **imposed))["id"]
    patient = await steps.add_patient(clinic, person)
    await steps.accept(clinic, referral, patient)
    mondays = past_mondays(WEEKS)
    items = [status(patient, monday, mondays[0]) for monday in mondays[:filed]]
    await steps.must(await clinic.post("/v1/treatment-statuses/batch", {"items": items}))
    name = f"{person['given_name']} {person['sur_name']}"
    await steps.sign(clinic, consent_form(patient, referral, name, mondays[0]))
    return Case(case_id, patient, referral, name)


def status(patient: str, monday: date, start: date, outcome: str = "attended") -> dict[str, Any]:
    """The status of one week with two dated sessions, as the clinic sends it."""
    days = [monday + timedelta(days=1 + 2 * number) for number in range(2)]
    return {
        "patient_id": patient,
        "period": week(monday),
        "status": "active",
        "dates": {"start": start.isoformat()},
        "sessions": [{"date": day.isoformat(), "outcome": outcome} for day in days],
    }


def consent_form(patient: str, referral: str, name: str, since: date) -> dict[str, Any]:
    """What the patient lets the judge see, until final disposition."""
    return {
        "patient_id": patient,
        "kind": "named_disclosure",
        "referral_id": referral,
        "subject": {"name_on_form": name},
        "disclosers": [CLINIC],
        "recipients": [{"org_unit": COURT, "role": "judge"}],
        "purposes": ["condition_monitoring"],
        "elements": ["enrolment.status", "attendance.summary"],
        "expiry": {"event": "final_disposition", "at": "2035-06-30"},
        "records_from": since.isoformat(),
        "statements": {"revocation": True},
    }
