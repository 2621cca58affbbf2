"""Transactions of one PostgreSQL database held open for a second before their commit, and a record without its lock."""

import asyncio
import time
from typing import Final

from tests.storage.direct import change, count, rows

SECONDS: Final = 1.0
_HOLD: Final = """
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(%s); RETURN NULL; END $$;
CREATE TRIGGER hold AFTER INSERT OR UPDATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION hold();
"""
_LOCKS: Final = """  FOREACH k IN ARRAY p_locks LOOP
    IF p_shared THEN PERFORM pg_advisory_xact_lock_shared(k); ELSE PERFORM pg_advisory_xact_lock(k); END IF;
  END LOOP;
"""


def hold_releases(url: str) -> None:
    """A release sleeps after its rows are written and before it commits."""
    change(url, _HOLD % (SECONDS, "disclosure"))


def hold_narrowing(url: str) -> None:
    """A narrowing write sleeps after it took the gate and before it commits."""
    change(url, _HOLD % (SECONDS, "gate"))


def take_no_lock(url: str) -> None:
    """Plant the bug: the same conditional INSERT without the gate's lock, as a plain statement would be."""
    ((source,),) = rows(url, "SELECT pg_get_functiondef('record_release'::regproc)")
    assert _LOCKS in source
    change(url, source.replace(_LOCKS, ""))


async def asleep(url: str) -> None:
    """Wait until a transaction is held."""
    deadline = time.monotonic() + 10
    while not await asyncio.to_thread(count, url, "pg_stat_activity", f"wait_event = 'PgSleep' AND {_HERE}"):
        if time.monotonic() > deadline:
            raise TimeoutError("nothing was held")
        await asyncio.sleep(0.01)


_HERE: Final = "datname = current_database()"
