"""Doorbells: one ring for news that this reader was not told, and none for anything else that happens."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from app.delivery.backoff import TRIES, try_again_at
from app.delivery.sender import Sender
from app.exchange import administration, doorbells
from app.exchange.hub import Hub
from app.exchange.ringing import ring
from app.sandbox.steps import must, report
from app.sandbox.weeks import past_mondays
from tests.api.receiver import BUSY, OK, Receiver, plain, receiver, register, turn
from tests.api.scene import COURT, PROBATION, Scene, scene
from tests.api.test_feed import allow, pull
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, count, rows

JUDGE = "c-court-treatment-judge"
WEEK = ("attended", "missed")


@asynccontextmanager
async def listening(kind: str) -> AsyncIterator[tuple[World, Scene, Receiver]]:
    """An instance, the usual scene, and a receiver that the judge has registered."""
    async with world(kind) as w, receiver() as door:
        s = await scene(w)
        await register(s.judge, door.url)
        yield w, s, door


async def _take_back(s: Scene, **part: object) -> None:
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", part or {"all": True}))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_grant_and_a_first_report_ring_once_each_and_say_nothing(kind: str) -> None:
    async with world(kind) as w, receiver() as door:
        s = await scene(w)
        secret = (await register(s.judge, door.url))["secret"]
        await turn(w)
        assert door.rung == [], "a referral that was accepted is nothing that may be read"
        await allow(s)
        disclosed = count(w.settings.database_url, "disclosure"), count(w.settings.database_url, "consultation")
        await turn(w)
        await turn(w)
        assert len(door.rung) == 1, "the same news rings once, also while nobody asks the feed"
        assert disclosed == (
            count(w.settings.database_url, "disclosure"),
            count(w.settings.database_url, "consultation"),
        )
        entries = (await pull(s.judge))["items"]
        assert [entry["number"] for entry in entries] == [1], "looking has numbered nothing"
        await turn(w)
        await report(s.clinic, s.patient, past_mondays(1)[0], WEEK)
        await turn(w)
        first, second = door.rung
        assert first.is_signed_by(secret) and second.is_signed_by(secret)
        assert plain(first) == {"type": "feed.poll", "id": first.id} and plain(second)["id"] == second.id != first.id
        assert {name for name in first.headers} == {name for name in second.headers}
        sizes = {sum(len(one.line) + len(str(one.headers)) + len(one.body) for one in [each]) for each in door.rung}
        assert len(sizes) == 1, "every ring has one size"
        assert {int(one.headers["webhook-timestamp"]) % 2 for one in door.rung} == {0}, "rung at ticks"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_nothing_rings_because_an_authorisation_ended(kind: str) -> None:
    """In part or whole, told before or not, with other news standing."""
    async with listening(kind) as (w, s, door):
        await report(s.clinic, s.patient, past_mondays(1)[0], WEEK)
        await allow(s, elements=["enrolment.status", "attendance.summary"])
        await turn(w)
        assert len(door.rung) == 1
        await _take_back(s, recipients=[COURT], elements=["attendance.compliant"])
        await turn(w)
        await _take_back(s)
        await turn(w)
        assert len(door.rung) == 1
        await allow(s, elements=["enrolment.status"])
        await turn(w)
        assert len(door.rung) == 2, "what is allowed again is news again"
        await pull(s.judge)
        await _take_back(s)
        await turn(w)
        assert len(door.rung) == 2


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_is_asked_for_before_the_look_rings_for_nobody(kind: str) -> None:
    async with listening(kind) as (w, s, door):
        await allow(s)
        await pull(s.judge)
        await turn(w)
        assert door.rung == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_hidden_filings_ring_nobody(kind: str) -> None:
    """Other units' grants, weeks that show nothing, proposals, a consent that names a person, corrections."""
    async with world(kind) as w, receiver() as door, receiver() as other:
        s = await scene(w)
        await register(s.judge, door.url)
        await register(w.party("c-court-treatment-court-team"), other.url)
        await report(s.clinic, s.patient, past_mondays(1)[0], WEEK)
        await allow(s, elements=["enrolment.status"])
        await turn(w)
        assert (len(door.rung), len(other.rung)) == (1, 0)
        for monday in past_mondays(4)[:3]:
            await report(s.clinic, s.patient, monday, ("missed", "missed"))
            await turn(w)
        await s.sign(recipients=[{"org_unit": PROBATION, "role": "probation_officer"}], elements=["enrolment.engaged"])
        team = {"org_unit": COURT, "role": "court_team"}
        await must(await s.clinic.post("/v1/consents", s.form(recipients=[team])), 201)
        await s.sign(recipients=[team | {"person": "ofc-12"}], elements=["enrolment.engaged"])
        await turn(w)
        assert (len(door.rung), len(other.rung)) == (1, 0), "a bell belongs to a unit in a role, and to no person"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_news_while_a_ring_is_under_way_changes_nothing_about_it(kind: str) -> None:
    async with listening(kind) as (w, s, door):
        await allow(s, elements=["enrolment.status", "attendance.summary"])
        door.answer = BUSY
        await turn(w)
        before = rows(w.settings.database_url, "SELECT ring, attempt, next_at FROM doorbell")
        for monday in past_mondays(2):
            await report(s.clinic, s.patient, monday, WEEK)
            await doorbells.look(w.hub)
        assert rows(w.settings.database_url, "SELECT ring, attempt, next_at FROM doorbell") == before
        door.answer = OK
        await turn(w)
        await turn(w)
        assert len(door.rung) == 2 and len(set(door.ids)) == 1, "one ring, taken at its second try"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_news_after_a_try_was_claimed_is_not_lost_in_it(kind: str) -> None:
    """Whoever took the ring may have asked the feed before the news came."""
    async with listening(kind) as (w, s, door):
        await allow(s, elements=["enrolment.status", "attendance.summary"])
        door.held = True
        ringing = asyncio.create_task(turn(w))
        await asyncio.wait_for(door.came.wait(), 10)
        await report(s.clinic, s.patient, past_mondays(1)[0], WEEK)
        await doorbells.look(w.hub)
        door.held = False
        await ringing
        await turn(w)
        assert len(set(door.ids)) == 2 == len(door.ids)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_ring_keeps_its_schedule_whatever_became_of_its_content(kind: str) -> None:
    """Revoked, asked for, suspended from being told: it neither stops nor hurries, up to its last try."""
    async with listening(kind) as (w, s, door):
        await allow(s)
        door.answer = BUSY
        await turn(w)
        state = "SELECT ring, attempt, next_at FROM doorbell"
        before = rows(w.settings.database_url, state)
        await pull(s.judge)
        await _take_back(s)
        await doorbells.look(w.hub)
        assert rows(w.settings.database_url, state) == before
        for _ in range(TRIES + 2):
            await turn(w)
        assert len(door.rung) == TRIES and len(set(door.ids)) == 1
        assert rows(w.settings.database_url, state) == [(None, 0, None)], "given up"


@run
async def test_the_next_try_stands_in_the_database_before_one_is_sent() -> None:
    async with listening("sqlite") as (w, s, door):
        await allow(s)
        door.held = True
        ringing = asyncio.create_task(turn(w))
        await asyncio.wait_for(door.came.wait(), 10)
        ((this, tries, at),) = rows(w.settings.database_url, "SELECT ring, attempt, next_at FROM doorbell")
        now = await _now(w.hub)
        assert (this, tries) == (door.ids[0], 1)
        assert try_again_at(this, 1, now - 4_000_000) <= at <= try_again_at(this, 1, now)
        door.held = False
        await ringing


async def _now(hub: Hub) -> int:
    async with hub.database.read() as reader:
        return await reader.now()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_suspended_client_is_rung_no_more_and_again_once_it_is_back(kind: str) -> None:
    async with listening(kind) as (w, s, door):
        await allow(s)
        door.answer = BUSY
        await turn(w)
        assert len(door.rung) == 1
        await administration.suspend(w.hub, client=JUDGE)
        await turn(w)
        await turn(w)
        assert len(door.rung) == 1
        await administration.suspend(w.hub, client=JUDGE, lift=True)
        door.answer = OK
        await turn(w)
        assert len(door.rung) == 2 and len(set(door.ids)) == 2


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_several_workers_ring_once(kind: str) -> None:
    async with listening(kind) as (w, s, door):
        await allow(s)
        await asyncio.gather(*(doorbells.look(w.hub) for _ in range(4)))
        change(w.settings.database_url, "UPDATE doorbell SET next_at = 1 WHERE next_at IS NOT NULL")
        senders = [Sender(sandbox=True) for _ in range(4)]
        await asyncio.gather(*(ring(w.hub, one, once=True) for one in senders))
        for one in senders:
            await one.close()
        assert len(door.rung) == 1


@run
async def test_each_webhook_rings_for_its_own_unit_and_role() -> None:
    async with world("sqlite") as w, receiver() as judge, receiver() as officer:
        s = await scene(w)
        await register(s.judge, judge.url)
        await register(w.party("c-probation-adult-probation-officer"), officer.url)
        await allow(s)
        await turn(w)
        assert (len(judge.rung), len(officer.rung)) == (1, 0)


@run
async def test_no_log_line_holds_a_url_or_a_secret(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever comes of the ring, and however much is logged."""
    caplog.set_level(0)
    async with world("sqlite") as w, receiver() as door:
        s = await scene(w)
        answered = await register(s.judge, door.url + "/canary")
        gone = await register(s.judge, "http://127.0.0.1:9/canary")
        await allow(s)
        door.answer = BUSY
        await turn(w)
        door.answer = OK
        await turn(w)
    port = re.escape(door.url.rpartition(":")[2].partition("/")[0])
    said = capfd.readouterr()
    told = (
        said.out + said.err + "\n".join(f"{one.name} {one.getMessage()}" for one in caplog.records if _ours(one.name))
    )
    assert '"event":"doorbell"' in told and '"code":"taken"' in told and '"code":"unreachable"' in told
    secret = [re.escape(one["secret"][6:]) for one in (answered, gone)]
    assert not re.search("|".join(["canary", "whsec", rf"127\.0\.0\.1:{port}", *secret]), told)


def _ours(name: str) -> bool:
    return name.partition(".")[0] in {"httpx", "httpcore", "app", "root"}
