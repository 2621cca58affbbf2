"""A full disk: 503 and nothing else, nothing acknowledged is lost, and once there is space it goes on by itself."""

import asyncio
import time
from typing import Any, Final

import httpx
import pytest

from app.sandbox.cluster import Cluster
from app.sandbox.steps import reading
from tests.resilience.acts import MONITOR, Act, person
from tests.resilience.aftermath import cast_of, nothing_skipped, sequenced
from tests.resilience.books import Books
from tests.resilience.disk import Disk, family, small_disk
from tests.resilience.figures import keep, table
from tests.resilience.load import Load
from tests.resilience.place import Place, connected, place

FULL_SECONDS: Final = 2.0


async def write(load: Load) -> bool:
    """One more act; whether it was acknowledged. Any answer but that and a documented 503 fails."""
    act = Act(load.cast.clinic, "patient", "/v1/patients", person(10**6 + len(load.acts)))
    load.acts.append(act)
    answer = await load.cast.clinic.post(act.path, act.body, Idempotency_Key=act.key)
    if answer.status_code == 201:
        act.answer = answer.json()
        return True
    assert refused(answer)
    return False


async def read(load: Load) -> bool:
    """One more read; whether it was answered, and then its body must have been recorded."""
    answer = await load.cast.judge.get(reading("treatment-statuses", load.cast.case_id, MONITOR))
    if answer.status_code == 200:
        load.bodies.append([item["id"] for item in answer.json()["items"]])
        return True
    assert refused(answer)
    return False


def refused(answer: httpx.Response) -> bool:
    """The documented 503."""
    assert answer.status_code == 503, answer.text
    assert (answer.json()["code"], answer.headers["Retry-After"]) == ("unavailable", "1")
    return True


async def while_full(load: Load) -> dict[str, int]:
    """Write and read until there was no room for either for a while; how often there was still some, and none."""
    seen = {"writes with room": 0, "writes refused": 0, "reads with room": 0, "reads refused": 0}
    deadline = time.monotonic() + 60
    full: float | None = None
    while full is None or time.monotonic() < full + FULL_SECONDS:
        assert time.monotonic() < deadline, f"the disk does not fill up: {seen}"
        seen["writes with room" if await write(load) else "writes refused"] += 1
        seen["reads with room" if await read(load) else "reads refused"] += 1
        if full is None and seen["writes refused"] and seen["reads refused"]:
            full = time.monotonic()
        await asyncio.sleep(0.01)
    return seen


async def filled(there: Place, disk: Disk) -> dict[str, Any]:
    """Load, a full disk under it, space again, and the reckoning; the figures."""
    there.sequencer.start()
    async with connected(there) as http:
        load = Load(await cast_of(there, http))
        books = Books.opened(there.settings)
        stop = asyncio.Event()
        running = asyncio.create_task(load.run(stop))
        await asyncio.wait([running], timeout=1.5)
        await asyncio.to_thread(disk.fill)
        await asyncio.wait([running], timeout=FULL_SECONDS)
        stop.set()
        await running
        seen = await while_full(load)
        await asyncio.to_thread(disk.free)
        ended = await asyncio.to_thread(revive, there)
        freed = time.monotonic()
        await load.finish()
        again = time.monotonic() - freed
        told = await nothing_skipped(load)
        counted = books.reckon(load, final=True)
        size, _ = await sequenced(there)
        assert size == counted["disclosures"]
    return {
        "a full disk by": disk.how,
        "PostgreSQL had to be started again": ended,
        **seen,
        "seconds until all was acknowledged once there was space": round(again, 2),
        "writes acknowledged": len(load.acts),
        "answers 503 to the load": load.statuses["503"],
        "bodies received": len(load.bodies),
        "entries of the feed told": told,
        "lost, doubled or unrecorded": 0,
    }


def revive(there: Place) -> bool:
    """PostgreSQL may end itself for want of space for its log; the service may not. Whether it was started again."""
    assert there.service.process is not None
    assert there.service.process.poll() is None
    ended = there.cluster is not None and not there.cluster.runs
    if ended:
        there.start_database()
    return ended


def test_a_full_disk_under_sqlite_refuses_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(12) as disk, place("sqlite", folder=disk.folder) as there:
        process = there.service.process
        disk.processes = lambda: family(process.pid) if process is not None else []
        found = asyncio.run(filled(there, disk))
    keep("chaos", "full disk under sqlite", found)
    with capsys.disabled():
        print(table(found))


def test_a_full_disk_under_postgresql_refuses_and_loses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with small_disk(240) as disk:
        cluster = Cluster(disk.folder, max_wal_size="32MB", min_wal_size="32MB")
        cluster.start()
        with place("postgresql", cluster) as there:
            disk.processes = lambda: family(cluster.process)
            found = asyncio.run(filled(there, disk))
    keep("chaos", "full disk under postgresql", found)
    with capsys.disabled():
        print(table(found))
