"""The record of a release: all of it or nothing, only while what was decided still holds, and then for ever."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from app.storage.database import Database, Unavailable
from app.storage.gate import SLOTS, lock_id, of_patient
from tests.service import DATABASES, run
from tests.storage.direct import change, count, opened, rows
from tests.storage.recordings import KEY, MINUTE, UNIT, narrow, now, recording

pytestmark = pytest.mark.parametrize("kind", DATABASES)


def nothing(url: str) -> bool:
    """Whether no record was left, not even a part of one."""
    return count(url, "consultation") == count(url, "disclosure") == 0


@run
async def test_recorded_while_the_gate_stands_still(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (database, url):
        await narrow(database)
        made = recording((KEY, 1))
        assert await database.record(made, exclusive=False)
        assert rows(url, "SELECT id, at, unit_id FROM consultation") == [(made.consultation_id, made.as_of, UNIT)]
        children = rows(url, "SELECT id, consultation_id, at, unit_id FROM disclosure ORDER BY id")
        assert children == [(one[0], made.consultation_id, made.as_of, UNIT) for one in made.disclosures]


@run
async def test_a_consultation_without_disclosures(kind: str, tmp_path: Path) -> None:
    """A refusal is recorded like any other read."""
    async with opened(kind, tmp_path) as (database, url):
        assert await database.record(recording((KEY, 0), disclosures=0), exclusive=False)
        assert (count(url, "consultation"), count(url, "disclosure")) == (1, 0)


@run
async def test_a_missing_gate_row_is_epoch_0(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (database, url):
        assert not await database.record(recording((KEY, 1)), exclusive=False)
        assert nothing(url)
        assert await database.record(recording((KEY, 0)), exclusive=False)


@pytest.mark.parametrize("exclusive", [False, True])
@run
async def test_nothing_once_the_gate_moved(kind: str, exclusive: bool, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (database, url):
        still, stale = of_patient("p2", UNIT), recording((KEY, 0))
        await narrow(database)  # a gate row appears
        assert not await database.record(stale, exclusive=exclusive)
        stale = recording((KEY, 1), (still, 0))
        await narrow(database)  # it moves
        assert not await database.record(stale, exclusive=exclusive)
        assert nothing(url)
        assert await database.record(recording((KEY, 2), (still, 0)), exclusive=exclusive)


@run
async def test_a_collision_of_locks_moves_no_other_gate(kind: str, tmp_path: Path) -> None:
    """Two patients who share a lock keep their own epochs: a collision costs a wait, never a missed or a false bump."""
    other = next(key for key in (of_patient(f"q{n}", UNIT) for n in range(100 * SLOTS)) if lock_id(key) == lock_id(KEY))
    async with opened(kind, tmp_path) as (database, _):
        await narrow(database, [other])
        assert await database.record(recording((KEY, 0)), exclusive=False)
        assert not await database.record(recording((other, 0)), exclusive=False)
        assert await database.record(recording((KEY, 0), (other, 1)), exclusive=False)


@run
async def test_nothing_once_time_ran_out(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (database, url):
        assert not await database.record(recording(as_of=now() - 2 * MINUTE, lasts=MINUTE), exclusive=False)
        assert not await database.record(recording(as_of=now() + MINUTE, lasts=0), exclusive=False)
        assert nothing(url)
        assert await database.record(recording(as_of=now() - MINUTE, lasts=2 * MINUTE), exclusive=False)


@run
async def test_time_does_not_run_before_the_floor(kind: str, tmp_path: Path) -> None:
    """A server whose clock was set back must not let a consent that ended come alive again."""
    async with opened(kind, tmp_path) as (database, url):
        floor = now() + 60 * MINUTE
        change(url, f"UPDATE clock_floor SET at = {floor}")
        async with database.read() as reader:
            assert await reader.now() == floor
            assert (await reader.raw("facts", UNIT, "c", ["none"], "as", "key"))[0]["at"] == floor
        async with database.write() as tx:
            assert await tx.now() == floor
        assert not await database.record(recording(as_of=now(), lasts=MINUTE), exclusive=False)
        assert nothing(url)
        assert await database.record(recording(as_of=floor), exclusive=False)
        assert rows(url, "SELECT at FROM clock_floor") == [(floor,)]


@pytest.mark.parametrize("write", ["release", "narrowing"])
@run
async def test_the_floor_is_raised_when_a_second_behind(kind: str, write: str, tmp_path: Path) -> None:
    async def happen(database: Database) -> None:
        if write == "release":
            assert await database.record(recording(), exclusive=False)
        else:
            await narrow(database)

    async with opened(kind, tmp_path) as (database, url):
        for behind, rises in ((10 * MINUTE, True), (MINUTE // 120, False)):
            before = now() - behind
            change(url, f"UPDATE clock_floor SET at = {before}")
            await happen(database)
            ((after,),) = rows(url, "SELECT at FROM clock_floor")
            assert (now() - MINUTE < after <= now()) if rises else after == before


@run
async def test_a_refused_record_leaves_nothing_and_the_next_one_works(kind: str, tmp_path: Path) -> None:
    async with opened(kind, tmp_path) as (database, url):
        made = recording((KEY, 0))
        broken = replace(made, disclosures=(made.disclosures[0], made.disclosures[0]))
        with pytest.raises(Unavailable):
            await database.record(broken, exclusive=False)
        assert nothing(url)
        assert await database.record(made, exclusive=False)


@run
async def test_a_crowd_is_recorded_each_on_its_own_terms(kind: str, tmp_path: Path) -> None:
    """On SQLite these share commits: one that no longer holds takes none of its neighbours along."""
    async with opened(kind, tmp_path) as (database, url):
        await narrow(database)
        crowd = [recording((KEY, 1 - number % 2)) for number in range(60)]
        held = await asyncio.gather(*(database.record(one, exclusive=False) for one in crowd))
        assert held == [number % 2 == 0 for number in range(60)]
        stored = {row[0] for row in rows(url, "SELECT id FROM consultation")}
        assert stored == {one.consultation_id for one, kept in zip(crowd, held, strict=True) if kept}
        assert count(url, "disclosure") == 60


@run
async def test_a_cancelled_caller_still_leaves_a_whole_record(kind: str, tmp_path: Path) -> None:
    """A client that hangs up while its release is committed leaves all of the record or nothing, and harms no other."""
    async with opened(kind, tmp_path) as (database, url):
        gone, stays = recording((KEY, 0)), recording((KEY, 0))
        leaving = asyncio.create_task(database.record(gone, exclusive=False))
        staying = asyncio.create_task(database.record(stays, exclusive=False))
        await asyncio.sleep(0)
        leaving.cancel()
        assert await staying
        for one in (gone, stays):
            children = count(url, "disclosure", f"consultation_id = '{one.consultation_id}'")
            assert children == 2 * count(url, "consultation", f"id = '{one.consultation_id}'")
