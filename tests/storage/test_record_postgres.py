"""What PostgreSQL alone does: locks, isolation, a commit that warns, a server that does not keep what it says."""

import asyncio
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, text

from app.storage.database import Database, GateKey, Unavailable
from app.storage.gate import SLOTS, lock_id, locks, of_patient
from app.storage.postgres import PostgresDatabase
from app.storage.statement import Statement
from app.storage.tables import consultation
from tests.service import cluster, run
from tests.storage.direct import change, count, opened
from tests.storage.recordings import KEY, UNIT, narrow, recording

PID = Statement(text("SELECT pg_backend_pid() AS pid"))
RECORD = (
    "SELECT record_release(true, '{1}', '{k}', '{0}', 0, 9000000000000000, 'c', 'u', '', 'r', "
    "'{}', '{}', '{}', '{}', '{}')"
)
NARROW = "SELECT narrow_gate('{1}', '{k}')"
_KEYS = st.lists(
    st.builds(of_patient, st.sampled_from([f"p{n}" for n in range(200)]), st.sampled_from(["u1", "u2", "u3"])),
    max_size=300,
)


@given(keys=_KEYS, order=st.randoms(use_true_random=False))
def test_locks_are_sorted_and_each_is_taken_once(keys: list[GateKey], order: random.Random) -> None:
    """Ascending for everybody, whatever the order asked in, or two of them deadlock; few, or the lock table fills."""
    taken = locks(keys)
    assert taken == sorted(set(taken))
    assert set(taken) == {lock_id(key) for key in keys}
    assert len(taken) <= SLOTS * len({key.lock_unit for key in keys})
    assert all(-(2**63) <= number < 2**63 for number in taken)
    shuffled = list(keys)
    order.shuffle(shuffled)
    assert locks(shuffled) == taken


@pytest.mark.parametrize("call", [RECORD, NARROW], ids=["record_release", "narrow_gate"])
@pytest.mark.parametrize("level", [psycopg.IsolationLevel.REPEATABLE_READ, psycopg.IsolationLevel.SERIALIZABLE])
@run
async def test_no_other_isolation_is_taken(call: str, level: psycopg.IsolationLevel, tmp_path: Path) -> None:
    """One snapshot for the whole transaction would be older than the lock that it waited for."""
    async with opened("postgresql", tmp_path) as (_, url):
        with psycopg.connect(url) as connection:
            connection.execute(call.encode())  # read committed is the server's default
            connection.rollback()
            connection.isolation_level = level
            with pytest.raises(psycopg.errors.RaiseException, match="READ COMMITTED"):
                connection.execute(call.encode())


@contextmanager
def shared_lock(url: str, key: GateKey) -> Iterator[psycopg.Connection]:
    """Another release that holds the lock of a gate and has not committed yet."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock_shared(%s)", (lock_id(key),))
        yield connection


@run
async def test_releases_share_and_the_last_attempt_and_narrowing_writes_wait(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as (database, url):
        for waiting in (database.record(recording((KEY, 0)), exclusive=True), narrow(database)):
            with shared_lock(url, KEY) as other:
                assert await asyncio.wait_for(database.record(recording((KEY, 0)), exclusive=False), 5)
                task = asyncio.ensure_future(waiting)
                await asyncio.sleep(0.2)
                assert not task.done()
                other.commit()
                await asyncio.wait_for(task, 5)
        assert count(url, "gate", "epoch = 1") == 1


@run
async def test_many_keys_in_any_order_do_not_deadlock(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path, size=8) as (database, url):
        keys = [of_patient(f"p{n}", UNIT) for n in range(20)]

        async def narrowed(seed: int) -> None:
            await narrow(database, random.Random(seed).sample(keys, 12))

        async def released(seed: int) -> None:
            gates = [(key, 0) for key in random.Random(seed).sample(keys, 12)]
            await database.record(recording(*gates), exclusive=bool(seed % 2))

        await asyncio.gather(*(one(seed) for seed in range(40) for one in (narrowed, released)))
        assert count(url, "gate") == len(keys)


WARNS = """
CREATE FUNCTION warns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE WARNING 'canceling wait for synchronous replication due to user request'; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON consultation DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION warns();
"""


async def backend(database: Database) -> int:
    """The server process behind the only connection of the pool."""
    async with database.read() as reader:
        row = await reader.one(PID)
    assert row is not None
    number: int = row["pid"]
    return number


async def _insert(database: Database) -> None:
    async with database.write() as tx:
        await tx.run(Statement(insert(consultation)), id="c", at=0, unit_id=UNIT, entry=b"")


@run
async def test_a_commit_that_warns_is_not_durable_and_its_connection_is_dropped(tmp_path: Path) -> None:
    """A cancelled wait for a standby ends in a warning after which the row is there, but only here."""
    async with opened("postgresql", tmp_path, size=1) as (database, url):
        change(url, WARNS)
        for attempt in (database.record(recording((KEY, 0)), exclusive=False), _insert(database)):
            before = await backend(database)
            with pytest.raises(Unavailable, match="durable"):
                await attempt
            assert await backend(database) != before
        change(url, "DROP TRIGGER warns ON consultation")
        before = await backend(database)
        assert await database.record(recording((KEY, 0)), exclusive=False)
        assert await backend(database) == before


async def _refused(url: str) -> bool:
    database = await PostgresDatabase.open(url, size=1, narrow_size=1)
    try:
        await database.check()
    except Unavailable:
        return True
    finally:
        await database.close()
    return False


@run
async def test_asynchronous_commit_is_refused(tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as (_, url):
        assert not await _refused(url)
        change(url, f'ALTER DATABASE "{url.rpartition("/")[2]}" SET synchronous_commit = off')
        assert await _refused(url)


def _set(name: str, value: str) -> None:
    """Set a setting of the whole server and wait until new sessions have it."""
    url = cluster().url("postgres")
    change(url, f"ALTER SYSTEM SET {name} = {value}")
    change(url, "SELECT pg_reload_conf()")
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        with psycopg.connect(url) as connection:
            shown = connection.execute(f"SHOW {name}".encode()).fetchone()
        if shown == (value,):
            return
        time.sleep(0.02)
    raise TimeoutError(name)


@pytest.mark.parametrize("name", ["fsync", "full_page_writes"])
@run
async def test_a_server_that_does_not_flush_is_refused(name: str, tmp_path: Path) -> None:
    async with opened("postgresql", tmp_path) as (_, url):
        try:
            _set(name, "off")
            assert await _refused(url)
        finally:
            _set(name, "on")
        assert not await _refused(url)
