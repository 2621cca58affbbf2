"""A worker that is killed while it rings loses no ring: what it had claimed is tried again, under the same id."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.api.receiver import Receiver, receiver, register
from tests.api.scene import scene
from tests.api.test_feed import allow, pull
from tests.service import DATABASES, ROOT, World, run, world
from tests.storage.direct import change, rows


@contextmanager
def worker(w: World) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker process of its own, killed at the end."""
    environment = os.environ | json.loads((w.folder / "environment.json").read_text())
    with open(w.folder / "worker.log", "ab") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "app", "work"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        try:
            yield started
        finally:
            started.kill()
            started.wait()


async def _came(door: Receiver, number: int) -> None:
    async with asyncio.timeout(60):
        while len(door.rung) < number:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_worker_killed_while_it_rings_has_lost_nothing(kind: str) -> None:
    async with world(kind) as w, receiver() as door:
        s = await scene(w)
        secret = (await register(s.judge, door.url))["secret"]
        await allow(s)
        door.held = True
        with worker(w) as first:
            await _came(door, 1)
            first.kill()
            first.wait()
        door.held = False
        ((ring, tries, at),) = rows(w.settings.database_url, "SELECT ring, attempt, next_at FROM doorbell")
        assert (ring, tries) == (door.ids[0], 1) and at is not None
        change(w.settings.database_url, "UPDATE doorbell SET next_at = 1")  # as when its time has come
        with worker(w):
            await _came(door, 2)
            async with asyncio.timeout(20):
                while rows(w.settings.database_url, "SELECT ring FROM doorbell") != [(None,)]:
                    await asyncio.sleep(0.05)
        assert len(set(door.ids)) == 1 and all(one.is_signed_by(secret) for one in door.rung)
        assert len((await pull(s.judge))["items"]) == 1


@run
async def test_a_worker_killed_between_news_and_time_has_lost_nothing() -> None:
    """The news was found and committed; the time of the ring was not set yet."""
    async with world("sqlite") as w, receiver() as door:
        s = await scene(w)
        await register(s.judge, door.url)
        change(w.settings.database_url, f"UPDATE doorbell SET ring = '{'1' * 32}', digest = 'x'")
        with worker(w):
            await _came(door, 1)
        assert door.ids == ["1" * 32]
