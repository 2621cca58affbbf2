"""64 readers hammer one patient over a real server while she revokes and consents again and again."""

import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field

import httpx
import pytest

from app.sandbox.party import Party
from app.sandbox.steps import must
from tests.resilience.patient import NAMES, Patient, begin
from tests.service import Server, run, server
from tests.storage.direct import connection, count, rows

WAIT_BOUND = 5.0
"""Seconds that a revocation may take under this load; generous, since machines differ."""
PAUSE = 0.2
"""Seconds of reading between two changes of mind."""


@dataclass
class Read:
    """One read of one reader: when it was sent, when its body had arrived, how many items it held."""

    begun: float
    ended: float
    items: int


@dataclass
class Hammered:
    """What 64 readers and one patient left."""

    reads: list[Read] = field(default_factory=list)
    gaps: list[tuple[float, float]] = field(default_factory=list)
    """From the acknowledgement of a revocation to the beginning of the next signature."""
    waits: list[float] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)
    """Consent -> its disclosures when its revocation was acknowledged."""

    def silent(self, since: float) -> bool:
        """Whether a read that began after this instant has ended."""
        return any(read.begun > since for read in self.reads[-200:])


async def _read_on(someone: Patient, seen: Hammered, stop: asyncio.Event) -> None:
    while not stop.is_set():
        begun = time.monotonic()
        items = (await must(await someone.judge.get(f"{someone.path}&limit=1")))["items"]
        seen.reads.append(Read(begun, time.monotonic(), len(items)))


async def _change_mind(someone: Patient, url: str, seen: Hammered, rounds: int) -> None:
    query = "SELECT count(*) FROM disclosure WHERE instrument_id = '{}'"
    with connection(url) as fresh:  # in autocommit: what it counts is committed at that moment
        for _ in range(rounds):
            await asyncio.sleep(PAUSE)
            begun = time.monotonic()
            await someone.revoke()
            acknowledged = time.monotonic()
            seen.acknowledged[someone.consent] = fresh.execute(query.format(someone.consent)).fetchone()[0]
            seen.waits.append(acknowledged - begun)
            await asyncio.sleep(PAUSE)
            while not seen.silent(acknowledged):  # at least one read that began after the acknowledgement
                await asyncio.sleep(PAUSE)
            seen.gaps.append((acknowledged, time.monotonic()))
            await someone.sign()


async def hammer(running: Server, parties: list[Party], readers: int, rounds: int) -> Hammered:
    """So many readers on one patient, who changes her mind so many times."""
    someone, seen, stop = await begin(*parties), Hammered(), asyncio.Event()
    tasks = [asyncio.create_task(_read_on(someone, seen, stop)) for _ in range(readers)]
    try:
        await _change_mind(someone, running.settings.database_url, seen, rounds)
    finally:
        stop.set()
        await asyncio.gather(*tasks)
    return seen


def inside(running: Server) -> list[float]:
    """Milliseconds that each revocation took inside the service, from its own log: without the queue before it."""
    lines = (json.loads(line) for line in (running.folder / "server.log").read_text().splitlines() if line[:1] == "{")
    route = "/v1/patients/{patient_id}/revocations"
    return [line["duration_ms"] for line in lines if line.get("route") == route]


@pytest.mark.parametrize(("kind", "workers", "readers", "rounds"), [("postgresql", 2, 64, 10), ("sqlite", 1, 16, 5)])
def test_readers_while_she_revokes(
    kind: str, workers: int, readers: int, rounds: int, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(kind, workers) as (running, clients):

        @run
        async def story() -> None:
            limits = httpx.Limits(max_connections=readers + 8, keepalive_expiry=2)  # less than the server keeps them
            async with httpx.AsyncClient(base_url=running.base_url, limits=limits, timeout=30) as http:
                parties = [Party(http, clients[name], f"{running.base_url}/oauth/token") for name in NAMES]
                seen = await hammer(running, parties, readers, rounds)
            with capsys.disabled():
                print(told(kind, readers, seen, inside(running)))
            check(running.settings.database_url, seen, rounds)

        story()


def told(kind: str, readers: int, seen: Hammered, served: list[float]) -> str:
    """The wait of a revocation in one line."""
    waits = [wait * 1000 for wait in seen.waits]
    return (
        f"\n{kind}, {readers} readers, {len(seen.reads)} reads, {len(waits)} revocations: wait at the client median "
        f"{statistics.median(waits):.0f} ms, longest {max(waits):.0f} ms; inside the service median "
        f"{statistics.median(served):.0f} ms, longest {max(served):.0f} ms"
    )


def check(url: str, seen: Hammered, rounds: int) -> None:
    """No disclosure after the acknowledgement of its consent's revocation, no item in a read that began after it."""
    final = dict(rows(url, "SELECT instrument_id, count(*) FROM disclosure GROUP BY instrument_id"))
    assert len(seen.acknowledged) == rounds
    assert {consent: final.get(consent, 0) for consent in seen.acknowledged} == seen.acknowledged
    assert any(seen.acknowledged.values()), "nothing was ever read: this proved nothing"
    after = [read for begin, end in seen.gaps for read in seen.reads if begin < read.begun and read.ended < end]
    assert len(after) >= rounds
    assert [read.items for read in after if read.items] == []
    received = sum(read.items for read in seen.reads)
    assert 0 < received <= count(url, "disclosure")
    assert max(seen.waits) < WAIT_BOUND
