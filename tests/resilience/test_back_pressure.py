"""A database that slows down, holds a lock or stands still: bounded waits, one 503 for all, recovery by itself."""

import asyncio
import contextlib
import os
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg

from app.exchange.allowances import EACH_AT_ONCE
from app.routers.middleware import AT_ONCE
from app.sandbox.cluster import as_role
from app.sandbox.party import Party
from app.storage.pools import ACQUIRE_SECONDS, RELEASE_LOCK_TIMEOUT_MS
from tests.service import Server, cluster, server

JUDGE = "c-court-treatment-judge"
READ = "/v1/treatment-statuses?case=" + "0" * 32 + "&purpose=condition_monitoring"
BOUND = 3 * ACQUIRE_SECONDS + RELEASE_LOCK_TIMEOUT_MS / 1000 + 4
"""Seconds: a read waits for a connection three times, at the end for a lock; and four for a busy machine."""


@contextlib.asynccontextmanager
async def asked(running: Server, entry: dict[str, Any]) -> AsyncIterator[Party]:
    """The judge's party, with a token that was got while all was well."""
    limits = httpx.Limits(max_connections=2 * AT_ONCE)
    async with httpx.AsyncClient(base_url=running.base_url, timeout=2 * BOUND, limits=limits) as http:
        judge = Party(http, entry, f"{running.base_url}/oauth/token")
        await judge.token()
        yield judge


def play(kind: str, story: Callable[[Server, Party], Coroutine[Any, Any, None]]) -> None:
    """A story of a fresh server and its judge."""
    with server(kind) as (running, clients):

        async def told() -> None:
            async with asked(running, clients[JUDGE]) as judge:
                await story(running, judge)

        asyncio.run(told())


async def _burst(judge: Party, count: int) -> list[httpx.Response]:
    """So many reads at once; none takes longer than the bound."""
    begun = time.monotonic()
    answers = await asyncio.gather(*(judge.get(READ) for _ in range(count)))
    assert time.monotonic() - begun < BOUND
    return answers


def _all_unavailable(answers: list[httpx.Response]) -> None:
    assert {(a.status_code, a.headers.get("retry-after")) for a in answers} == {(503, "1")}
    assert {a.headers["content-type"] for a in answers} == {"application/problem+json"}
    assert len({a.content for a in answers}) == 1 and answers[0].json()["code"] == "unavailable"


async def _recovers(judge: Party) -> None:
    """Within seconds, with nobody's help."""
    ends = time.monotonic() + 20
    while (answer := await judge.get(READ)).status_code != 200 and time.monotonic() < ends:
        await asyncio.sleep(0.1)
    assert answer.status_code == 200
    assert {a.status_code for a in await _burst(judge, 50)} == {200}


def _resident_kb(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


def _backends(running: Server) -> list[int]:
    """The database processes that serve this server."""
    with psycopg.connect(as_role(running.settings.database_url)) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE application_name = 'throughcare'").fetchall()
    return [row[0] for row in rows]


@contextlib.contextmanager
def _flushing_slowly() -> Iterator[None]:
    """5 ms before each flush, on the whole cluster."""
    with psycopg.connect(cluster().url("postgres"), autocommit=True) as admin:
        for setting in ("commit_delay = 5000", "commit_siblings = 0"):
            admin.execute(f"ALTER SYSTEM SET {setting}".encode())
        admin.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            admin.execute("ALTER SYSTEM RESET commit_delay")
            admin.execute("ALTER SYSTEM RESET commit_siblings")
            admin.execute("SELECT pg_reload_conf()")


def test_at_five_milliseconds_a_flush_everything_is_answered() -> None:

    async def story(running: Server, judge: Party) -> None:
        with _flushing_slowly():
            assert {a.status_code for a in await _burst(judge, EACH_AT_ONCE)} == {200}

    play("postgresql", story)


def test_while_a_table_is_locked_all_wait_a_bounded_time_for_one_503_and_then_it_recovers() -> None:

    async def story(running: Server, judge: Party) -> None:
        with psycopg.connect(as_role(running.settings.database_url)) as holder:
            holder.execute("LOCK TABLE consultation IN ACCESS EXCLUSIVE MODE")
            _all_unavailable(await _burst(judge, 60))
        await _recovers(judge)

    play("postgresql", story)


def test_while_the_database_stands_still_more_than_is_served_at_once_is_refused_and_then_it_recovers() -> None:
    """With every process stopped the server's own limits fire no more; the client's do. Memory stays where it was."""

    async def story(running: Server, judge: Party) -> None:
        assert running.process is not None
        assert {a.status_code for a in await _burst(judge, 50)} == {200}
        before = _resident_kb(running.process.pid)
        stopped = [cluster().process, *_backends(running)]  # the first one would start others
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            _all_unavailable(await _burst(judge, AT_ONCE + 100))
            assert (await judge.get("/healthz")).status_code == 200
        finally:
            for pid in stopped:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        await _recovers(judge)
        assert _resident_kb(running.process.pid) < before + 60_000
        assert len(_backends(running)) <= 2 * (running.settings.pool_size + 3)

    play("postgresql", story)


def test_while_another_process_holds_the_sqlite_file_reads_of_the_registry_go_on_and_then_it_recovers() -> None:

    async def story(running: Server, judge: Party) -> None:
        holder = sqlite3.connect(running.settings.database_url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(_burst(judge, 60))
        await asyncio.sleep(1)
        begun = time.monotonic()
        assert (await judge.get("/v1/me")).status_code == 200
        assert time.monotonic() - begun < 2
        _all_unavailable(await waiting)
        holder.execute("ROLLBACK")
        holder.close()
        await _recovers(judge)

    play("sqlite", story)
