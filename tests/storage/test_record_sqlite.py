"""What SQLite alone does: releases share a commit, and a file that does not flush is refused."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.storage.database import Unavailable
from tests.service import run
from tests.storage.direct import count, opened
from tests.storage.recordings import KEY, recording


@run
async def test_a_group_that_fails_fails_for_every_waiter(tmp_path: Path) -> None:
    """They share one transaction, so none of them is durable; nobody may be answered as if it were."""
    async with opened("sqlite", tmp_path) as (database, url):
        good, better = recording((KEY, 0)), recording((KEY, 0))
        twice = replace(recording((KEY, 0)), consultation_id=good.consultation_id)
        waiting = (database.record(one, exclusive=False) for one in (good, twice, better))
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
        assert count(url, "consultation") == count(url, "disclosure") == 0
        assert await database.record(better, exclusive=False)
        assert count(url, "consultation") == 1


@run
async def test_a_group_waits_for_a_write_in_progress(tmp_path: Path) -> None:
    """One writer: a release is recorded after the narrowing write before it, and sees its epoch."""
    async with opened("sqlite", tmp_path) as (database, url):
        async with database.narrowing() as tx:
            waiting = asyncio.create_task(database.record(recording((KEY, 0)), exclusive=False))
            await asyncio.sleep(0.05)
            assert not waiting.done()
            await tx.narrow([KEY])
        assert not await waiting
        assert count(url, "consultation") == 0


@run
async def test_a_write_that_fails_is_rolled_back_whole(tmp_path: Path) -> None:
    async with opened("sqlite", tmp_path) as (database, url):
        with pytest.raises(ZeroDivisionError):
            async with database.narrowing() as tx:
                await tx.narrow([KEY])
                raise ZeroDivisionError
        assert count(url, "gate") == 0
        assert await database.record(recording((KEY, 0)), exclusive=False)


@run
async def test_a_file_that_does_not_flush_is_refused(tmp_path: Path) -> None:
    async with opened("sqlite", tmp_path) as (database, _):
        await database.check()
        async with database.read() as reader:
            await reader.raw("setting", "synchronous=NORMAL")
        with pytest.raises(Unavailable):
            await database.check()
