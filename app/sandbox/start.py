"""``make run``: prepare the sandbox, seed one item that is really disclosed, say how to begin, serve."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any, Final

import httpx

from app.main import create_app, open_hub
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.register import register, write
from app.sandbox.weeks import past_mondays
from app.serving import prepare, serve
from app.settings import Settings, load_keys

PERSON: Final = {"given_name": "Sam", "sur_name": "Avery", "birth_date": "1988-02-17"}
DOCKET: Final = "CR-2026-0001"
COURT: Final = "u-court-treatment"
CLINIC: Final = "u-clinic-harbor"


def start(host: str, port: int) -> None:
    """Prepare, print, serve until stopped."""
    base_url = f"http://{host}:{port}"
    chosen = {
        "THROUGHCARE_SANDBOX": "1",
        "THROUGHCARE_HOST": host,
        "THROUGHCARE_PORT": str(port),
        "THROUGHCARE_ISSUER": base_url,
    }
    os.environ.update(chosen)
    settings = Settings.from_environment(os.environ)
    prepare(settings)
    path = settings.keys.parent / "sandbox.json"
    judge, case_id = asyncio.run(_prepare(settings, path))
    print(_words(base_url, path, judge, case_id), flush=True)
    serve(host, port)


async def _prepare(settings: Settings, path: Path) -> tuple[dict[str, Any], str]:
    hub = await open_hub(settings)
    try:
        clients = await register(hub, bytes.fromhex(load_keys(settings.keys)["master"]))
        write(path, settings.issuer, clients)
        app = create_app(settings)
        app.state.hub = hub
        by_id = {client["client_id"]: client for client in clients}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.issuer) as http:
            judge = by_id["c-court-treatment-judge"]
            parties = [Party(http, by_id[name], f"{settings.issuer}/oauth/token") for name in _PARTIES]
            return judge, await seed(*parties)
    finally:
        await hub.database.close()


_PARTIES: Final = ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")


async def seed(judge: Party, clinic: Party) -> str:
    """One patient whose attendance the judge may see; nothing is added if it is there already. Gives the case_id."""
    case_id = await steps.register_case(judge, COURT, "docket", DOCKET)
    path = steps.reading("treatment-statuses", case_id, "condition_monitoring")
    if (await steps.must(await judge.get(path)))["items"]:
        return case_id
    mondays = past_mondays(4)
    imposed = {"condition_imposed": True, "final_disposition_due": "2035-06-30", "stage": "trial"}
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    referral = (await steps.refer(judge, CLINIC, case_id, PERSON, conditions=asked, **imposed))["id"]
    patient = await steps.add_patient(clinic, PERSON)
    await steps.accept(clinic, referral, patient)
    for monday in mondays:
        await steps.report(clinic, patient, monday, ("attended", "attended"), dates={"start": mondays[0].isoformat()})
    proposal = {
        "patient_id": patient,
        "kind": "named_disclosure",
        "referral_id": referral,
        "subject": {"name_on_form": "Sam Avery"},
        "disclosers": [CLINIC],
        "recipients": [{"org_unit": COURT, "role": "judge"}],
        "purposes": ["condition_monitoring"],
        "elements": ["enrolment.status", "attendance.summary"],
        "expiry": {"event": "final_disposition", "at": "2035-06-30"},
        "records_from": mondays[0].isoformat(),
        "statements": {"revocation": True},
    }
    await steps.sign(clinic, proposal)
    return case_id


def _words(base_url: str, path: Path, judge: dict[str, Any], case_id: str) -> str:
    name, secret = judge["client_id"], judge["client_secret"]
    person = {"given_name": "Robin", "sur_name": "Example", "birth_date": "1990-01-31"}
    body = {
        "recipient": CLINIC,
        "case_id": case_id,
        "stage": "trial",
        "person": person,
        "conditions": {"service_asked": "assessment"},
    }
    bearer = '-H "Authorization: Bearer $TOKEN"'
    token = f"curl -s -u {name}:{secret} -d grant_type=client_credentials {base_url}/oauth/token"
    extract = 'sed \'s/.*"access_token":"\\([^"]*\\)".*/\\1/\''
    read = f"{base_url}/v1/treatment-statuses?case={case_id}&purpose=condition_monitoring"
    return f"""
Throughcare sandbox. All agencies and people are fictional; clients and keys are in {path}.

  Documentation   {base_url}/docs

As the judge of the treatment court: get a token, send a referral, read a status.

TOKEN=$({token} | {extract})
curl -s {bearer} -H "Content-Type: application/json" -d '{json.dumps(body)}' {base_url}/v1/referrals
curl -s {bearer} "{read}"
"""
