"""``make run``: prepare the sandbox, seed one item that is really disclosed, say how to begin, serve."""

import asyncio
import contextlib
import json
import os
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

import httpx

from app.main import create_app, open_hub
from app.sandbox import steps
from app.sandbox.county import Resident, people
from app.sandbox.county.load import load
from app.sandbox.party import Party
from app.sandbox.register import register, write
from app.sandbox.weeks import past_mondays
from app.serving import prepare, serve
from app.settings import Settings, read_keys

PERSON: Final = {"given_name": "Sam", "sur_name": "Avery", "birth_date": "1988-02-17"}
DOCKET: Final = "CR-2026-0001"
COURT: Final = "u-court-treatment"
CLINIC: Final = "u-clinic-harbor"
ITEM, COUNTY = "item", "county"
"""What is there to begin with: one item that is really disclosed, or beside it a county of synthetic people."""


def start(host: str, port: int, seed: str = ITEM) -> None:
    """Prepare, print, serve until stopped. ``seed`` is ``ITEM`` or ``COUNTY``."""
    base_url = f"http://{host}:{port}"
    chosen = {
        "THROUGHCARE_SANDBOX": "1",
        "THROUGHCARE_HOST": host,
        "THROUGHCARE_PORT": str(port),
        "THROUGHCARE_ISSUER": base_url,
    }
    os.environ.update(chosen)
    settings = Settings.from_environment(os.environ)
    if settings.database_url.startswith("sqlite:"):
        prepare(settings)  # PostgreSQL is migrated beforehand, by its owner, whose role never serves
    path = settings.keys.parent / "sandbox.json"
    # What is played in comes all at once.
    unlimited = Settings.from_environment({**os.environ, "THROUGHCARE_RATE_PER_MINUTE": "0"})
    judge, case_id = asyncio.run(_prepare(unlimited, path, seed))
    print(_words(base_url, path, judge, case_id), flush=True)
    serve(host, port)


async def _prepare(settings: Settings, path: Path, chosen: str) -> tuple[dict[str, Any], str]:
    hub = await open_hub(settings)
    try:
        clients = await register(hub, bytes.fromhex(read_keys(settings)["master"]))
        write(path, settings.issuer, clients)
        app = create_app(settings)
        app.state.hub = hub
        by_id = {client["client_id"]: client for client in clients}
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.issuer) as http:
            parties = {name: Party(http, entry, f"{settings.issuer}/oauth/token") for name, entry in by_id.items()}
            case_id = await seed(parties["c-court-treatment-judge"], parties["c-clinic-harbor-clinic-staff"])
            if chosen == COUNTY:
                await bring_in(parties, people(), path.with_name("county.log"))
            return by_id["c-court-treatment-judge"], case_id
    finally:
        await hub.database.close()


async def bring_in(parties: Mapping[str, Party], everybody: Sequence[Resident], lines: Path) -> None:
    """Play people into the instance. There are many requests: what the service logs of them goes to a file."""
    print(f"A county of {len(everybody)} synthetic people comes in through the API ...", flush=True)
    with open(lines, "a") as log, contextlib.redirect_stderr(log):
        played = await load(lambda name: parties[f"c-{name}"], everybody, date.today(), _say)
    print(f"{played} came in, {len(everybody) - played} were there.", flush=True)


def _say(line: str) -> None:
    print(line, flush=True)


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
