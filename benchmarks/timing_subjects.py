"""The subjects whose times are compared: of each class units of their own, each with cases of its own of that class.

Played through the API, class by class in turns, so that no class lies together in the database. In all of them the
court registered a case and sent a referral; what differs is what it must not be able to tell.
"""

import asyncio
import contextlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import httpx
import psycopg

from app.exchange import administration
from app.exchange.hub import Hub
from app.main import create_app, open_hub
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.register import private_jwk
from app.sandbox.start import CLINIC
from app.sandbox.weeks import past_mondays
from app.settings import read_keys
from app.storage.sqlite import connect
from app.vocabulary import Role
from benchmarks import hidden
from benchmarks.court import PEOPLE, WEEKS, status
from benchmarks.instance import Instance

NEVER, HIDDEN, REVOKED, HEAP = "never existing", "hidden", "revoked", "10^4 hidden rows"
CLASSES: Final = (NEVER, HIDDEN, REVOKED, HEAP)
UNITS, CASES = 4, 4
"""Units a class and cases a unit: a difference is not to be one row's accident."""
PURPOSE: Final = "condition_monitoring"
ELSEWHERE: Final = {"org_unit": "u-probation-adult", "role": "probation_officer"}


@dataclass(frozen=True, slots=True)
class Subject:
    """One case of one unit: its client's entry, its case_id, the id of its referral, its place in the unit's feed."""

    client: Mapping[str, Any]
    case_id: str
    referral: str
    cursor: str = ""


Subjects = Mapping[str, tuple[tuple[Subject, ...], ...]]
"""Class -> units -> their cases."""


def played(of: Instance) -> Subjects:
    """Every subject of every class, as it came to be over HTTP; 10^4 rows each are added to those of ``HEAP``."""
    with contextlib.redirect_stderr(io.StringIO()):  # the service's log lines
        found, patients = asyncio.run(_played(of))
    _heap(of, patients)
    return found


async def _played(of: Instance) -> tuple[Subjects, list[str]]:
    hub = await open_hub(of.settings)
    try:
        app = create_app(of.settings)
        app.state.hub = hub
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=of.settings.issuer) as http:
            url = f"{of.settings.issuer}/oauth/token"
            clinic = Party(http, of.clinic, url)
            found: dict[str, list[list[Subject]]] = {name: [[] for _ in range(UNITS)] for name in CLASSES}
            heap: list[str] = []
            clients = {(name, unit): await _court(of, hub) for unit in range(UNITS) for name in CLASSES}
            for number in range(CASES):
                for (name, unit), entry in clients.items():
                    play = _Play(Party(http, entry, url), clinic, entry["unit_id"], number * UNITS + unit)
                    before = found[name][unit][-1].cursor if found[name][unit] else ""
                    subject, patient = await play.of(name, entry, before)
                    found[name][unit].append(subject)
                    heap += [patient] if name == HEAP else []
            for (name, unit), entry in clients.items():
                cursor = await _asked_again(Party(http, entry, url), found[name][unit][-1].cursor)
                found[name][unit] = [replace(one, cursor=cursor) for one in found[name][unit]]
            return {name: tuple(map(tuple, units)) for name, units in found.items()}, heap
    finally:
        await hub.database.close()


async def _asked_again(judge: Party, cursor: str) -> str:
    """What the feed's reader asks with next: it goes on from what it was told last, as a court does."""
    after = f"?after={cursor}" if cursor else ""
    following: str = (await steps.must(await judge.get(f"/v1/events{after}")))["next"]
    return following


async def _court(of: Instance, hub: Hub) -> dict[str, Any]:
    """A treatment court of its own, its ids and names as long as every other's."""
    unit = await administration.add_unit(
        hub, "a-court", "Treatment Part", alias="A court", time_zone="America/Chicago", profile="us-42cfr2@1"
    )
    key = private_jwk(bytes.fromhex(read_keys(of.settings)["master"]), unit)
    public = {name: value for name, value in key.items() if name != "d"}
    client = await administration.add_client(hub, unit, Role.JUDGE, jwk=public)
    return {"client_id": client, "private_jwk": key, "unit_id": unit}


class _Play:
    """One case from its registration on."""

    def __init__(self, judge: Party, clinic: Party, court: str, number: int) -> None:
        self._judge, self._clinic, self._court = judge, clinic, court
        resident = PEOPLE[number % len(PEOPLE)]
        named = {"given_name": resident.given_name, "sur_name": resident.sur_name}
        self._person = named | {"birth_date": resident.born.isoformat()}
        self._docket = f"TIMING-{number:05}"

    async def of(self, name: str, entry: Mapping[str, Any], cursor: str) -> tuple[Subject, str]:
        """The subject, and the clinic's patient ('' where there is none)."""
        case_id = await steps.register_case(self._judge, self._court, "docket", self._docket)
        asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
        imposed = {"condition_imposed": True, "final_disposition_due": "2035-06-30", "stage": "trial"}
        sent = await steps.refer(self._judge, CLINIC, case_id, self._person, conditions=asked, **imposed)
        patient = await self._treated(sent["id"]) if name != NEVER else ""
        if name == REVOKED:
            cursor = await self._given_and_taken(case_id, sent["id"], patient, cursor)
        elif name != NEVER:
            await steps.sign(self._clinic, self._form(patient, sent["id"], ELSEWHERE))
        return Subject(entry, case_id, sent["id"], await _asked_again(self._judge, cursor)), patient

    async def _treated(self, referral: str) -> str:
        """In treatment, with an assessment and four weeks reported."""
        patient = await steps.add_patient(self._clinic, self._person)
        await steps.accept(self._clinic, referral, patient)
        mondays = past_mondays(WEEKS)
        items = [status(patient, monday, mondays[0]) for monday in mondays]
        await steps.must(await self._clinic.post("/v1/treatment-statuses/batch", {"items": items}))
        await steps.assess(self._clinic, patient, mondays[0])
        return patient

    async def _given_and_taken(self, case_id: str, referral: str, patient: str, cursor: str) -> str:
        """The court read something, and heard of it in its feed; then the patient took all of it back."""
        await steps.sign(self._clinic, self._form(patient, referral, {"org_unit": self._court, "role": "judge"}))
        read = await steps.must(await self._judge.get(steps.reading("treatment-statuses", case_id, PURPOSE)))
        if not read["items"]:
            raise AssertionError("nothing was given, so nothing can be taken back")
        following = await _asked_again(self._judge, cursor)
        taken = await steps.must(await self._clinic.post(f"/v1/patients/{patient}/revocations", {"all": True}))
        if taken["state"] != "in_force":
            raise AssertionError("the revocation is not in force")
        return following

    def _form(self, patient: str, referral: str, recipient: Mapping[str, str]) -> dict[str, Any]:
        name = f"{self._person['given_name']} {self._person['sur_name']}"
        return steps.form(
            patient,
            referral,
            name,
            CLINIC,
            recipients=[recipient],
            elements=["enrolment.status", "attendance.summary", "clinical.need_indicated"],
            records_from=past_mondays(WEEKS)[0].isoformat(),
        )


def _heap(of: Instance, patients: list[str]) -> None:
    numbers = hidden.NUMBERS[of.kind].format(count=hidden.HIDDEN)
    texts = [
        hidden.INSERT.format(numbers=numbers)
        .replace("'hidden' ||", f"'hidden {number} ' ||")
        .replace("'attendance.summary' LIMIT", f"'attendance.summary' AND patient_id = '{patient}' LIMIT")
        for number, patient in enumerate(patients)
    ]
    if of.kind == "sqlite":
        connection = connect(of.database_file)
        for text in texts:
            connection.execute(text)
        connection.execute("ANALYZE")
        connection.close()
        return
    with psycopg.connect(of.settings.database_url, autocommit=True) as server:
        for text in texts:
            server.execute(text.encode())
        server.execute("VACUUM ANALYZE")
