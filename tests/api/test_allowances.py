"""Rate limits: by client and minute, in the database, the same answer on every route (design 6)."""

import asyncio
import time

import pytest
from sqlalchemy import bindparam, select

from app.errors import TooMany
from app.exchange import administration
from app.exchange.allowances import BATCH, WINDOW_SECONDS, Allowances
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check
from tests.service import DATABASES, World, run, world

JUDGE, FAMILY, CLINIC = "c-court-treatment-judge", "c-court-family-judge", "c-clinic-harbor-clinic-staff"
NOW = 1_900_000_000
ROW = Statement(select(t.allowance).where(t.allowance.c.client_id == bindparam("client")))
READ = "/v1/treatment-statuses?case=" + "0" * 32 + "&purpose=condition_monitoring"
pytestmark = pytest.mark.parametrize("kind", DATABASES)


async def _spent(w: World, allowances: Allowances, client: str, times: int, now: int = NOW) -> int:
    """How many of so many requests are let through."""
    passed = 0
    for _ in range(times):
        try:
            await allowances.spend(w.hub.database, client, now)
        except TooMany as refused:
            assert refused.retry_after == WINDOW_SECONDS - now % WINDOW_SECONDS
        else:
            passed += 1
    return passed


@run
async def test_workers_together_let_through_no_more_than_the_allowance(kind: str) -> None:
    """And one alone lets through all of it."""
    async with world(kind) as w:
        alone = Allowances(1000)
        assert await _spent(w, alone, FAMILY, 1100) == 1000
        workers = [Allowances(1000) for _ in range(4)]
        passed = sum(await asyncio.gather(*(_spent(w, one, JUDGE, 400) for one in workers)))
        assert passed == 1000


@run
async def test_requests_at_once_of_one_client_lease_one_batch(kind: str) -> None:
    async with world(kind) as w:
        allowances = Allowances(6000)
        await asyncio.gather(*(allowances.spend(w.hub.database, JUDGE, NOW) for _ in range(BATCH)))
        async with w.hub.database.read() as reader:
            row = await reader.one(ROW, client=JUDGE)
        assert row is not None and row["used"] == BATCH


@run
async def test_the_next_minute_begins_anew_and_a_clock_behind_counts_with_the_others(kind: str) -> None:
    async with world(kind) as w:
        assert await _spent(w, Allowances(100), JUDGE, 150) == 100
        later = NOW + WINDOW_SECONDS
        assert await _spent(w, Allowances(100), JUDGE, 150, later) == 100
        assert await _spent(w, Allowances(100), JUDGE, 10, NOW) == 0
        assert await _spent(w, Allowances(100), JUDGE, 150, later + WINDOW_SECONDS) == 100


@run
async def test_a_clock_once_far_ahead_locks_nobody_out(kind: str) -> None:
    async with world(kind) as w:
        assert await _spent(w, Allowances(100), JUDGE, 150, NOW + 10**6) == 100
        assert await _spent(w, Allowances(100), JUDGE, 150) == 100


@run
async def test_over_the_allowance_every_route_gives_the_same_bytes_and_nobody_else_is_refused(kind: str) -> None:
    async with world(kind, THROUGHCARE_RATE_PER_MINUTE="20") as w:
        judge, other = w.party(JUDGE), w.party(FAMILY)
        statuses: list[int] = []
        while 429 not in statuses and len(statuses) < 100:
            statuses.append((await judge.get(READ)).status_code)
        assert statuses.count(200) == len(statuses) - 1 and 20 <= len(statuses) - 1 <= 40
        if time.time() % WINDOW_SECONDS > WINDOW_SECONDS - 5:
            await asyncio.sleep(5)  # what follows has to stay within one minute
            while (await judge.get(READ)).status_code != 429:
                pass
        refused = [
            await judge.get(READ),
            await judge.get("/v1/me"),
            await judge.get("/v1/referrals/" + "0" * 32),
            await judge.get("/v1/events"),
            await judge.post("/v1/cases", {}),
            await judge.get("/v1/patients/" + "0" * 32),
        ]
        check(refused[0], "GET", "/v1/treatment-statuses")
        assert {answer.status_code for answer in refused} == {429}
        assert len({answer.content for answer in refused}) == 1
        assert refused[0].json()["code"] == "too_many_requests"
        assert all(1 <= int(answer.headers["retry-after"]) <= WINDOW_SECONDS for answer in refused)
        assert (await other.get(READ)).status_code == 200


@run
async def test_who_is_suspended_is_refused_before_it_is_counted(kind: str) -> None:
    async with world(kind, THROUGHCARE_RATE_PER_MINUTE="1") as w:
        judge = w.party(JUDGE)
        await judge.token()
        await administration.suspend(w.hub, client=JUDGE)
        assert [(await judge.get(READ)).status_code for _ in range(3)] == [401] * 3
        async with w.hub.database.read() as reader:
            assert await reader.one(ROW, client=JUDGE) is None
