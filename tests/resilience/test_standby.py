"""A primary with a synchronous standby: waits that are interrupted, and promotion after the primary is destroyed.

``THROUGHCARE_PROMOTIONS`` sets how often a standby is promoted under load (1; ``make chaos`` takes 5).
"""

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
import pytest

from app.sandbox.cluster import Cluster
from tests.resilience.acts import Act, person
from tests.resilience.aftermath import cast_of, nothing_skipped, sequenced
from tests.resilience.books import Books
from tests.resilience.figures import keep, table
from tests.resilience.load import Load
from tests.resilience.patient import Patient
from tests.resilience.place import Place, connected, place
from tests.resilience.standby import Standby, destroy, follow, waiting
from tests.storage.direct import count, rows

Pair = tuple[Place, Cluster, Standby]
PROMOTIONS: Final = int(os.environ.get("THROUGHCARE_PROMOTIONS", "1"))


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A service on a primary whose commits wait for a standby. The last test destroys the primary."""
    primary = Cluster()
    primary.start()
    standby = None
    try:
        standby = follow(primary)
        with place("postgresql", primary) as there:
            yield there, primary, standby
    finally:
        if standby is not None:
            standby.stop()
        primary.stop()


@asynccontextmanager
async def acting(there: Place) -> AsyncIterator[Patient]:
    """The seeded patient, whose parties have their tokens: a token waits for the standby as well."""
    async with connected(there) as http:
        yield await there.patient(http)


def interrupt(primary: Cluster, how: str) -> None:
    """Cancel or end every server process that waits for the standby, once there is one."""
    deadline = time.monotonic() + 10
    while not waiting(primary):
        assert time.monotonic() < deadline, "nobody waits for the standby"
        time.sleep(0.02)
    rows(primary.url("postgres"), f"SELECT {how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")


async def interrupted(primary: Cluster, how: str, request: Awaitable[httpx.Response]) -> httpx.Response:
    """The answer to a request whose wait for the standby is interrupted."""
    sent = asyncio.ensure_future(request)
    await asyncio.to_thread(interrupt, primary, how)
    return await sent


async def unacknowledged(request: Awaitable[httpx.Response]) -> "asyncio.Future[httpx.Response]":
    """A request that after a second is unanswered, or answered with: the first one still runs."""
    sent = asyncio.ensure_future(request)
    await asyncio.wait([sent], timeout=1)
    assert not sent.done() or sent.result().status_code in (409, 503), "acknowledged while no standby has it"
    return sent


@pytest.mark.parametrize("how", ["pg_cancel_backend", "pg_terminate_backend"])
def test_a_write_whose_wait_was_interrupted_is_unknown_until_the_standby_has_it(pair: Pair, how: str) -> None:
    """503 and no more; the retry waits for the standby too, though it finds the first one's row, and gives one."""
    there, primary, standby = pair
    url = there.settings.database_url

    async def story() -> None:
        async with acting(there) as someone:
            before = count(url, "patient")
            act = Act(someone.clinic, "patient", "/v1/patients", person(1))

            def send() -> Awaitable[httpx.Response]:
                return someone.clinic.post(act.path, act.body, Idempotency_Key=act.key)

            standby.kill()
            first = await interrupted(primary, how, send())
            assert (first.status_code, first.json()["code"]) == (503, "unavailable")
            assert count(url, "patient") == before + 1, "here it is committed: only the standby lacks it"
            retry = await unacknowledged(send())
            await asyncio.to_thread(standby.start)
            answer = await retry
            assert answer.status_code == 201
            assert count(url, "patient", f"id = '{answer.json()['id']}'") == 1
            assert count(standby.url("throughcare"), "patient") == count(url, "patient") == before + 1

    asyncio.run(story())


def test_neither_a_read_nor_a_revocation_is_answered_before_the_standby_has_it(pair: Pair) -> None:
    """A read leaves nothing. Of a revocation nothing is known until it is safe; said again, it is made once."""
    there, primary, standby = pair

    async def story() -> None:
        async with acting(there) as someone:
            taken, key = f"/v1/patients/{someone.id}/revocations", {"Idempotency_Key": "once"}

            def revoke() -> Awaitable[httpx.Response]:
                return someone.clinic.post(taken, {"all": True}, **key)

            assert await someone.read() != []
            standby.kill()
            read = await interrupted(primary, "pg_cancel_backend", someone.judge.get(someone.path))
            assert (read.status_code, "items" in read.json()) == (503, False)
            first = await interrupted(primary, "pg_cancel_backend", revoke())
            assert first.status_code == 503
            retry = await unacknowledged(revoke())
            await asyncio.to_thread(standby.start)
            await retry
            again = await revoke()
            assert [one["consent_id"] for one in again.json()["consents"]] == [someone.consent]
            assert count(standby.url("throughcare"), "revocation") == 1
            assert await someone.read() == []

    asyncio.run(story())


async def promotion(there: Place, primary: Cluster, standby: Standby, load: Load, books: Books) -> None:
    """Load, the primary's end at any moment, the standby in its place, and the reckoning."""
    stop = asyncio.Event()
    running = asyncio.create_task(load.run(stop))
    await asyncio.wait([running], timeout=random.uniform(2, 5))
    await asyncio.to_thread(destroy, primary)
    await asyncio.sleep(0.2)
    stop.set()
    await running
    await asyncio.to_thread(move, there, standby)
    books.settings = there.settings
    await asyncio.to_thread(books.reckon, load)
    await load.finish()
    await asyncio.to_thread(books.reckon, load, final=True)


def move(there: Place, standby: Standby) -> None:
    """Promote the standby and start the service and its worker on it."""
    standby.promote()
    there.point_at(standby.url("throughcare"))
    there.sequencer.kill()
    there.service.kill()
    there.service.start()
    there.sequencer.start()


async def promotions(there: Place, primary: Cluster, standby: Standby) -> dict[str, Any]:
    """Promote, follow the promoted one with a new standby, and again; the figures."""
    made: list[Standby] = []
    there.sequencer.start()
    try:
        async with connected(there) as http:
            load = Load(await cast_of(there, http))
            books = Books.opened(there.settings)
            for number in range(PROMOTIONS):
                await promotion(there, primary, standby, load, books)
                if number + 1 < PROMOTIONS:
                    primary, standby = standby, await asyncio.to_thread(follow, standby)
                    made.append(standby)
            told = await nothing_skipped(load)
            size, _ = await sequenced(there)
    finally:
        for one in made:
            one.stop()
    return {
        "promotions, each after the primary's data was destroyed": PROMOTIONS,
        "writes acknowledged": len(load.acts),
        "of them sent again": sum(act.sent > 1 for act in load.acts),
        "answers 503": load.statuses["503"],
        "bodies received": len(load.bodies),
        "entries of the feed told": told,
        "disclosures, all in the tree": size,
        "lost, doubled or unrecorded": 0,
    }


def test_nothing_acknowledged_is_missing_on_a_promoted_standby(pair: Pair, capsys: pytest.CaptureFixture[str]) -> None:
    found = asyncio.run(promotions(*pair))
    keep("chaos", "promotion", found)
    with capsys.disabled():
        print(table(found))
