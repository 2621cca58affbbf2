"""Backup under load, restore elsewhere, the service on the copy with the same keys. What came after the backup is lost.

By SQLite's online backup alone; with ``THROUGHCARE_DRILL=1`` (``make drill``) by PostgreSQL's two ways as well. A
patient who is erased after the backup is in the backup, and not in the copy that serves.
"""

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

import httpx
import pytest

from tests.resilience.acts import Act, Cast, person
from tests.resilience.aftermath import cast_of, nothing_skipped, sequenced
from tests.resilience.backups import WAYS, Restore
from tests.resilience.books import Books, numbers
from tests.resilience.figures import keep, table
from tests.resilience.load import Load
from tests.resilience.place import Place, connected, place
from tests.service import ROOT
from tests.storage.direct import rows

WHOLE: Final = os.environ.get("THROUGHCARE_DRILL") == "1"
SECONDS: Final = 3.0 if WHOLE else 1.5


def command(there: Place, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """A command of the operator, ended."""
    environment = os.environ | json.loads((there.folder / "environment.json").read_text())
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass
class Before:
    """What was acknowledged and received when the backup began, and what the worker knew at the end."""

    load: Load
    lost: Load
    cursor: str
    floor: int
    erased: str
    """A patient who was there when the backup was made, and erased since."""


async def loaded(load: Load, seconds: float) -> None:
    """The load for so long."""
    stop = asyncio.Event()
    running = asyncio.create_task(load.run(stop))
    await asyncio.wait([running], timeout=seconds)
    stop.set()
    await running


def so_far(load: Load) -> Load:
    """What of the load is acknowledged and received at this moment."""
    return Load(load.cast, [act for act in load.acts if act.answer is not None], list(load.bodies), list(load.pages))


async def backed_up(there: Place, stack: contextlib.ExitStack, way: str) -> tuple[Before, Books, Restore]:
    """A load, a backup in its midst, and more of the load, which will be lost."""
    async with connected(there) as http:
        load = Load(await cast_of(there, http))
        someone = (await load.cast.clinic.post("/v1/patients", person(10**6 + 1))).json()["id"]
        books = Books.opened(there.settings)
        running = asyncio.create_task(load.run(stop := asyncio.Event()))
        await asyncio.wait([running], timeout=SECONDS)
        before = so_far(load)
        restore = await asyncio.to_thread(stack.enter_context, WAYS[way](there))
        known = len(load.acts)
        await asyncio.wait([running], timeout=SECONDS)
        stop.set()
        await running
        lost = Load(load.cast, load.acts[known:])
        while lost.pages == [] or lost.cursor is None:  # a place in the feed beyond what the copy can hold
            await lost.pull()
        gone = await asyncio.to_thread(command, there, "patient", "erase", someone)
        assert gone.returncode == 0, gone.stderr
        await sequenced(there)
        await asyncio.sleep(2.5)  # the worker writes down what it knows every two seconds
        floor = rows(there.settings.database_url, "SELECT at FROM clock_floor")[0][0]
    return Before(before, lost, lost.cursor, floor, someone), books, restore


async def served(there: Place, before: Before, books: Books) -> dict[str, Any]:
    """The copy: what was acknowledged before the backup is there, and a new load finds a sound service."""
    books.settings = there.settings
    books.reckon(before.load)
    async with connected(there) as http:
        old = before.load.cast
        parties = [there.party(http, name) for name in ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")]
        cast = Cast(parties[0], parties[1], old.case_id)
        answer = await cast.judge.get(f"/v1/events?after={before.cursor}")
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_too_old")
        assert (await cast.clinic.get(f"/v1/patients/{before.erased}")).status_code == 404
        left = f"SELECT wrapped FROM data_key WHERE owner = '{before.erased}'"
        assert rows(there.settings.database_url, left) == [(None,)]
        load = Load(cast)
        anew = Books.opened(there.settings)
        repeated = await replayed(cast, before)
        load.acts += repeated
        await loaded(load, SECONDS)
        await load.finish()
        told = await nothing_skipped(load)
        anew.reckon(load, final=True)
        numbers(load.pages)
        size, _ = await sequenced(there)
        assert rows(there.settings.database_url, "SELECT at FROM clock_floor")[0][0] >= before.floor
    return {
        "acknowledged before the backup, all there once": len(before.load.acts),
        "bodies received before it, all recorded": len(before.load.bodies),
        "acknowledged after it": sum(act.answer is not None for act in before.lost.acts),
        "of them carried out again for the same key": len(repeated),
        "acknowledged on the copy": len(load.acts),
        "entries of the feed told on the copy": told,
        "disclosures, all in the tree": size,
    }


async def replayed(cast: Cast, before: Before) -> list[Act]:
    """Said again with its key: what is there gives the same id; what was lost is done again, once."""
    kept = next(act for act in before.load.acts if act.table == "patient")
    again = await cast.clinic.post(kept.path, kept.body, Idempotency_Key=kept.key)
    assert (again.status_code, again.json()["id"]) == (201, kept.ids[0])
    lost = Act(cast.clinic, "patient", "/v1/patients", person(10**6))
    for act in before.lost.acts:
        if act.table == "patient" and act.answer is not None and not await there_still(cast, act):
            lost = Act(cast.clinic, "patient", act.path, act.body, key=act.key)
            break
    answers = [await cast.clinic.post(lost.path, lost.body, Idempotency_Key=lost.key) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    lost.answer = answers[0].json()
    return [lost]


async def there_still(cast: Cast, act: Act) -> bool:
    """Whether the copy has this patient."""
    answer: httpx.Response = await cast.clinic.get(f"/v1/patients/{act.ids[0]}")
    return answer.status_code == 200


def refuses(there: Place) -> None:
    """Neither the service nor the worker starts on an older copy until an operator says so."""
    for arguments in (("serve",), ("work", "--once")):
        ended = command(there, *arguments)
        assert ended.returncode != 0, arguments
        assert "accept-restore" in ended.stderr, (arguments, ended.stderr)


@pytest.mark.parametrize("way", sorted(WAYS) if WHOLE else ["sqlite backup"])
def test_what_was_acknowledged_before_a_backup_is_served_from_its_copy(
    way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kind = "sqlite" if way.startswith("sqlite") else "postgresql"
    with place(kind) as there, contextlib.ExitStack() as stack:
        there.sequencer.start()
        before, books, restore = asyncio.run(backed_up(there, stack, way))
        there.sequencer.kill()
        there.service.kill()
        if there.cluster is not None:
            there.cluster.kill()
        began = time.monotonic()
        there.point_at(restore())
        held = f"SELECT wrapped IS NOT NULL FROM data_key WHERE owner = '{before.erased}'"
        assert [bool(one) for (one,) in rows(there.settings.database_url, held)] == [True], "it is in the backup"
        refuses(there)
        assert command(there, "accept-restore").returncode == 0
        there.service.start()
        down = time.monotonic() - began
        found = asyncio.run(served(there, before, books)) | {"seconds from restore to service": round(down, 1)}
    keep("drill", way, found)
    with capsys.disabled():
        print(f"\n{way}{table(found)}")
