"""The unit of work: committed before the first byte, nothing sent that was not, and a refusal recorded too."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from fastapi import FastAPI

from app.exchange import administration
from app.main import create_app
from app.sandbox.party import Party
from app.sandbox.start import PERSON, seed
from app.sandbox.steps import must, reading
from app.storage.database import GateKey
from app.storage.gate import of_unit
from tests.exchange.raw import Answer, call
from tests.exchange.witness import Witness, nothing
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, count, rows

pytestmark = pytest.mark.parametrize("kind", DATABASES)


@dataclass
class Scene:
    """The seeded sandbox, its judge and clinic, and an application on the same database that is watched."""

    world: World
    judge: Party
    clinic: Party
    path: str
    app: FastAPI
    witness: Witness

    async def ask(self, party: Party, method: str, path: str, body: Any = None) -> Answer:
        """One request into the watched application; its events begin anew."""
        token = await party.token()
        self.witness.events.clear()
        return await call(self.app, token, method, path, body, self.witness.events.append)

    def recorded(self) -> tuple[int, int]:
        """How many consultations and disclosures there are."""
        url = self.world.settings.database_url
        return count(url, "consultation"), count(url, "disclosure")


@asynccontextmanager
async def scene(kind: str) -> AsyncIterator[Scene]:
    """A scene on a fresh database."""
    async with world(kind) as w:
        judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
        case_id = await seed(judge, clinic)
        app, witness = create_app(w.settings), Witness(w.hub.database)
        app.state.hub = replace(w.hub, database=witness)
        path = reading("treatment-statuses", case_id, "condition_monitoring")
        yield Scene(w, judge, clinic, path, app, witness)


ANSWERED = ["http.response.start", "http.response.body"]


@run
async def test_a_release_commits_before_its_first_byte(kind: str) -> None:
    async with scene(kind) as s:
        answer = await s.ask(s.judge, "GET", s.path)
        assert answer.status == 200
        assert len(answer.json["items"]) == 5
        assert s.witness.events == ["shared commit", *ANSWERED]


@run
async def test_a_write_commits_before_its_first_byte(kind: str) -> None:
    async with scene(kind) as s:
        answer = await s.ask(s.clinic, "POST", "/v1/patients", PERSON | {"given_name": "Robin"})
        assert answer.status == 201
        assert s.witness.events == ["commit", *ANSWERED]


@run
async def test_a_revocation_commits_before_its_first_byte(kind: str) -> None:
    async with scene(kind) as s:
        found = await must(await s.clinic.post("/v1/patients/search", PERSON))
        path = f"/v1/patients/{found['items'][0]['id']}/revocations"
        answer = await s.ask(s.clinic, "POST", path, {"all": True})
        assert (answer.status, answer.json["state"]) == (200, "in_force")
        assert s.witness.events == ["commit", *ANSWERED]
        assert (await s.ask(s.judge, "GET", s.path)).json["items"] == []


@run
async def test_a_read_that_shows_nothing_is_recorded_like_any_other(kind: str) -> None:
    """Hit, unknown case and a case of nobody that consented: one consultation each; disclosures only for the hit."""
    async with scene(kind) as s:
        unknown = s.path.replace(s.path.partition("case=")[2][:32], "0" * 32)
        family = s.world.party("c-court-family-judge")
        for party, path, disclosed in ((s.judge, s.path, 5), (s.judge, unknown, 0), (family, s.path, 0)):
            before = s.recorded()
            answer = await s.ask(party, "GET", path)
            assert (answer.status, len(answer.json["items"])) == (200, disclosed)
            assert s.recorded() == (before[0] + 1, before[1] + disclosed)
            assert s.witness.events == ["shared commit", *ANSWERED]


@run
async def test_a_referral_of_nobody_is_recorded_before_its_404(kind: str) -> None:
    async with scene(kind) as s:
        before = s.recorded()
        assert (await s.ask(s.judge, "GET", f"/v1/referrals/{'0' * 32}")).status == 404
        assert s.recorded() == (before[0] + 1, before[1])


FAILURES = {
    "consultation": {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON consultation BEGIN SELECT raise(ABORT, 'disk full'); END",
        "postgresql": "ALTER TABLE consultation ADD CONSTRAINT disk_full CHECK (false) NOT VALID",
    },
    "disclosure": {
        "sqlite": "CREATE TRIGGER full BEFORE INSERT ON disclosure BEGIN SELECT raise(ABORT, 'disk full'); END",
        "postgresql": "ALTER TABLE disclosure ADD CONSTRAINT disk_full CHECK (false) NOT VALID",
    },
    "facts": dict.fromkeys(DATABASES, "ALTER TABLE gate RENAME TO gone"),
    "rows": dict.fromkeys(DATABASES, "ALTER TABLE element_row RENAME TO gone"),
}


@pytest.mark.parametrize("failing", FAILURES)
@run
async def test_nothing_leaves_when_the_database_fails(kind: str, failing: str) -> None:
    """Not an empty list, which would say that nothing is allowed, and not a byte of what was read."""
    async with scene(kind) as s:
        before = s.recorded()
        change(s.world.settings.database_url, FAILURES[failing][kind])
        answer = await s.ask(s.judge, "GET", s.path)
        assert answer.status == 503
        assert int(answer.headers["retry-after"]) >= 1
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json) == {"type", "title", "status", "detail", "code"}
        assert s.witness.events == ANSWERED
        assert s.recorded() == before


@run
async def test_the_fourth_attempt_holds_the_gate_before_it_decides(kind: str) -> None:
    """Whoever keeps changing other things about this unit delays a read, but cannot keep it from ever being made."""
    async with scene(kind) as s:

        async def move(_: bool) -> None:
            await bump(s, of_unit(s.judge.unit))

        s.witness.before_record = move
        before = s.recorded()
        answer = await s.ask(s.judge, "GET", s.path)
        assert len(answer.json["items"]) == 5
        assert [event for event in s.witness.events if event != "commit"][:3] == ["shared moved"] * 3
        assert s.witness.events[-len(ANSWERED) - 1 :] == ["commit", *ANSWERED]
        assert s.recorded() == (before[0] + 1, before[1] + 5)


@run
async def test_a_gate_that_never_stands_still_keeps_nobody_from_reading(kind: str) -> None:
    """Somebody bumps the reader's own gate without a pause, on a connection of their own, while ten reads are made."""
    async with scene(kind) as s:
        before = s.recorded()

        async def never_still() -> None:
            while True:
                await bump(s, of_unit(s.judge.unit))
                await asyncio.sleep(0.001)  # SQLite's writer has no other pause in one process

        moving = asyncio.create_task(never_still())
        answers = [await s.ask(s.judge, "GET", s.path) for _ in range(10)]
        moving.cancel()
        assert {answer.status for answer in answers} == {200}
        assert s.recorded() == (before[0] + 10, before[1] + 50)


async def bump(s: Scene, key: GateKey) -> None:
    """Somebody else's narrowing write."""
    async with s.world.hub.database.narrowing() as tx:
        await tx.narrow([key])


JUDGE = "c-court-treatment-judge"


async def end(s: Scene, what: str) -> None:
    """What an operator ends on the command line."""
    if what == "key":
        ((key,),) = rows(
            s.world.settings.database_url, f"SELECT thumbprint FROM client_key WHERE client_id = '{JUDGE}'"
        )
        await administration.retire(s.world.hub, JUDGE, key)
    elif what == "client":
        await administration.suspend(s.world.hub, client=JUDGE)
    else:
        await administration.suspend(s.world.hub, unit=s.judge.unit)


@pytest.mark.parametrize("what", ["client", "unit", "key"])
@run
async def test_who_is_suspended_after_the_decision_gets_nothing(kind: str, what: str) -> None:
    """A suspension is acknowledged between decision and record: the release decides again and finds nobody there."""
    async with scene(kind) as s:

        async def suspended(_: bool) -> None:
            s.witness.before_record = nothing
            await end(s, what)

        s.witness.before_record = suspended
        before = s.recorded()
        answer = await s.ask(s.judge, "GET", s.path)
        assert b'"elements"' not in answer.body
        assert s.recorded()[1] == before[1]
        assert s.recorded()[0] == before[0] + 1
        assert (await s.ask(s.judge, "GET", s.path)).status == 401
