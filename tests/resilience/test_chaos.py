"""A long load while service, workers and PostgreSQL are killed at random, clients hang up and the clock steps.

``THROUGHCARE_KILLS`` sets how many kills there are over both databases (6; ``make chaos`` takes 200).
"""

import asyncio
import os
import random
import time
from typing import Any, Final

import pytest

from tests.resilience.aftermath import cast_of, nothing_skipped, sequenced
from tests.resilience.books import Books, ledger
from tests.resilience.figures import keep, table
from tests.resilience.load import Load
from tests.resilience.place import Place, connected, place
from tests.service import DATABASES
from tests.storage.direct import change

KILLS: Final = int(os.environ.get("THROUGHCARE_KILLS", "6"))
BETWEEN: Final = 20
"""Kills between two reckonings."""
HOUR_US: Final = 3_600_000_000
WEIGHT: Final = {"service": 2, "database": 2, "service worker": 3, "sequencer": 1}
_SET_BACK_OR_FORWARD: Final = """CREATE OR REPLACE FUNCTION clock_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + {offset} $$"""


def step_clock(there: Place) -> None:
    """PostgreSQL: up to an hour ahead, then back again. SQLite has no clock of its own to turn back: forward alone."""
    if there.cluster is not None:
        change(there.settings.database_url, _SET_BACK_OR_FORWARD.format(offset=random.randrange(HOUR_US)))
    else:
        change(there.settings.database_url, f"UPDATE clock_floor SET at = at + {random.randrange(HOUR_US // 60)}")


async def killed(there: Place, load: Load, books: Books, kills: int) -> dict[str, int]:
    """Kill under load, so often in all, and reckon now and then; how often each victim died."""
    stop, victims = asyncio.Event(), there.victims() | there.more_victims()
    running = asyncio.create_task(load.run(stop))
    died = dict.fromkeys(victims, 0)
    names = sorted(victims) + random.choices(sorted(victims), [WEIGHT[name] for name in sorted(victims)], k=kills)
    for number, name in enumerate(names[:kills], 1):
        await asyncio.wait([running], timeout=random.uniform(0.3, 2.5))
        if running.done():
            running.result()
        kill, start = victims[name]
        await asyncio.to_thread(kill)
        if number % 3 == 0 and name != "database":
            await asyncio.to_thread(step_clock, there)
        await asyncio.to_thread(start)
        died[name] += 1
        if number % BETWEEN == 0:
            await asyncio.to_thread(books.reckon, load)
            await ledger(there.settings)
    stop.set()
    await running
    return died


async def chaos(there: Place, kills: int) -> dict[str, Any]:
    """The whole run on one kind of database; its figures."""
    began = time.monotonic()
    there.sequencer.start()
    async with connected(there) as http:
        load = Load(await cast_of(there, http))
        books = Books.opened(there.settings)
        died = await killed(there, load, books, kills)
        await load.finish()
        entries_told = await nothing_skipped(load)
        counted = books.reckon(load, final=True)
        size, _ = await sequenced(there)
        assert size == counted["disclosures"]
    return {
        "kills": sum(died.values()),
        **{f"killed: {name}": times for name, times in died.items()},
        "writes acknowledged": len(load.acts),
        "of them sent again": sum(act.sent > 1 for act in load.acts),
        "clients that hung up": load.hung_up,
        "answers 503": load.statuses["503"],
        "bodies received": len(load.bodies),
        "items in them": sum(map(len, load.bodies)),
        "entries of the feed told": entries_told,
        "disclosures, all in the tree": size,
        "seconds": round(time.monotonic() - began),
        "lost, doubled or unrecorded": 0,
    }


@pytest.mark.parametrize("kind", DATABASES)
def test_nothing_acknowledged_is_lost_or_doubled_and_no_byte_leaves_unrecorded(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    share = KILLS // 3 if kind == "sqlite" else KILLS - KILLS // 3
    with place(kind, workers=2) as there:
        found = asyncio.run(chaos(there, share))
    keep("chaos", f"kills on {kind}", found)
    with capsys.disabled():
        print(table(found))
