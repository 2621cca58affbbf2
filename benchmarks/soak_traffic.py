"""What goes on between courts and a clinic all day, each act after a moment of thought."""

import asyncio
import itertools
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.sandbox.steps import reading
from app.sandbox.weeks import past_mondays
from benchmarks.court import Case, consent_form, status
from benchmarks.soak_client import Lane

THINK_SECONDS: Final = 0.03
PURPOSE: Final = "condition_monitoring"
_WEEKS: Final = 4


async def _go_on(chance: random.Random, act: Callable[[], Awaitable[None]]) -> None:
    while True:
        await asyncio.sleep(chance.uniform(0, 2 * THINK_SECONDS))
        await act()


async def files(lane: Lane, cases: Sequence[Case], seed: int) -> None:
    """A clinic: new patients with their weeks, assessments of those whose cases the court polls, what is due."""
    chance, numbers = random.Random(seed), itertools.count()
    mondays = past_mondays(_WEEKS)

    async def act() -> None:
        number = next(numbers)
        person = {"given_name": "Ada", "sur_name": f"Soak{seed}x{number}", "birth_date": "1990-01-31"}
        added = await lane.ask("clinic: add patient", "POST", "/v1/patients", person)
        for monday in mondays[:2]:
            if added:
                body = status(added["id"], monday, mondays[0])
                await lane.ask("clinic: file status", "POST", "/v1/treatment-statuses", body)
        known, day = chance.choice(cases), datetime.now(UTC).date() - timedelta(days=number % 20)
        found = {"patient_id": known.patient, "assessed_on": day.isoformat(), "purpose": "treatment"}
        body = found | {"need_indicated": chance.choice(("yes", "no"))}
        await lane.ask("clinic: file assessment", "POST", "/v1/assessments", body)
        await lane.ask("clinic: consents of a patient", "GET", f"/v1/patients/{known.patient}/consents")

    await _go_on(chance, act)


async def gives_and_takes(lane: Lane, cases: Sequence[Case], seed: int) -> None:
    """Patients who take everything back and sign again: what narrows, beside the courts that read."""
    chance, turns = random.Random(seed), itertools.cycle(cases)

    async def act() -> None:
        case = next(turns)
        path = f"/v1/patients/{case.patient}/revocations"
        await lane.ask("clinic: revoke", "POST", path, {"all": True})
        form = consent_form(case.patient, case.referral, case.name, past_mondays(_WEEKS)[0])
        proposed = await lane.ask("clinic: propose consent", "POST", "/v1/consents", form)
        if proposed:
            path = f"/v1/consents/{proposed['id']}/signatures"
            await lane.ask("clinic: sign", "POST", path, _signed(case.name))
        await asyncio.sleep(0.5)

    await _go_on(chance, act)


def _signed(name: str) -> dict[str, Any]:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    evidence = "sha256:" + "0" * 64
    return {
        "signatures": [
            {"role": "patient", "name": name, "method": "wet", "signed_at": now, "evidence_hash": evidence},
        ],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": now},
        "notice_given": {"version": "2026-02", "at": now, "language": "en"},
        "copy_given_at": now,
    }


async def polls(lane: Lane, cases: Sequence[Case], seed: int) -> None:
    """A court that asks of one case after the other, as nobody should have to."""
    chance = random.Random(seed)

    async def act() -> None:
        case = chance.choice(cases)
        await lane.ask("court: statuses", "GET", reading("treatment-statuses", case.case_id, PURPOSE))
        await lane.ask("court: assessments", "GET", reading("assessments", case.case_id, PURPOSE))

    await _go_on(chance, act)


async def syncs(lane: Lane, cases: Sequence[Case], seed: int) -> None:
    """A court that asks its feed, then searches; now and then somebody opens a report."""
    chance, after = random.Random(seed), [""]

    async def act() -> None:
        news = await lane.ask("court: events", "GET", f"/v1/events{after[0]}")
        after[0] = f"?after={news['next']}" if news else after[0]
        some = [case.case_id for case in chance.sample(cases, min(20, len(cases)))]
        asked = {"cases": some, "purpose": PURPOSE, "windows": _WEEKS}
        await lane.ask("court: search of 20", "POST", "/v1/treatment-statuses/search", asked)
        path = f"/v1/cases/{chance.choice(cases).case_id}/report?purpose={PURPOSE}"
        await lane.ask("court: report", "GET", path)

    await _go_on(chance, act)
