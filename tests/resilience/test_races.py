"""Readers race every act that narrows, on a real server of four workers: nothing is disclosed once it is told.

``THROUGHCARE_RACES`` races (200 unless set; ``make races`` runs 10,000), judged from the database's commit timestamps.
"""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest

from app.storage.gate import NARROWING_WRITERS
from app.storage.pools import NARROWING_TIMEOUT_MS, RELEASE_LOCK_TIMEOUT_MS
from tests.resilience.held import asleep, hold_releases, take_no_lock
from tests.resilience.race import Narrowed, Part
from tests.resilience.race_arena import arena_of, serving
from tests.resilience.race_bounds import READERS, attempts, counting, poll, read_beside
from tests.resilience.race_clock import expire
from tests.resilience.race_lane import open_lane
from tests.resilience.race_looks import asked, looking
from tests.resilience.race_table import COURSES, run_all
from tests.resilience.race_verdict import Told, added, judge, recorded, table
from tests.resilience.test_revoke_under_load import check as settled
from tests.service import ROOT, Server, run
from tests.storage.direct import change, rows

RACES = int(os.environ.get("THROUGHCARE_RACES", "200"))
FIGURES = ROOT / "var" / "races.json"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """One server for all of them."""
    with serving() as running:
        yield running


def test_every_writer_that_narrows_is_raced() -> None:
    """What is new in the gate's table needs an entry in ``race_table.COURSES``."""
    assert set(NARROWING_WRITERS) - {name for course in COURSES for name in course.covers} == set()


def test_a_polling_court_delays_a_revocation_within_the_bound_of_the_configuration(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """A narrowing write may wait for its gate as long as a statement may take; one that waited longer is refused."""

    @run
    async def story() -> None:
        async with arena_of(server) as arena:
            seen, client, service = await poll(server, arena.clients, max(3, RACES // 100))
        with capsys.disabled():
            print(f"\n{READERS} readers poll one patient, {len(seen.reads)} reads, {client.count} revocations")
            print(f"  at the client: {client.told()}\n  inside the service: {service.told()}")
        keep({"polling": {"reads": len(seen.reads), "client": asdict(client), "service": asdict(service)}})
        settled(server.settings.database_url, seen, client.count)
        assert service.count == client.count
        assert service.longest < NARROWING_TIMEOUT_MS
        assert client.longest < NARROWING_TIMEOUT_MS + RELEASE_LOCK_TIMEOUT_MS

    story()


def test_writes_about_others_cause_no_second_decision_and_no_503(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    @run
    async def story() -> None:
        async with arena_of(server) as arena:
            own, other = await open_lane(arena, 200), await open_lane(arena, 201)
            with counting(arena.url):
                reads, writes = await read_beside(own, other, max(200, RACES // 5))
                calls = await attempts(arena)
        with capsys.disabled():
            print(f"\n{len(reads)} reads beside {writes} writes about others: {calls} calls of the record function")
        keep({"unrelated": {"reads": len(reads), "writes": writes, "calls": calls}})
        assert {read.status for read in reads} == {200} and all(read.items for read in reads)
        assert writes > len(reads) / 20
        assert calls == len(reads)

    story()


def test_nothing_is_disclosed_after_what_ended_it_was_acknowledged(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    @run
    async def story() -> None:
        begun = time.monotonic()
        async with arena_of(server) as arena:
            lanes = await run_all(arena, RACES)
            ends = await expire(lanes, RACES * 6 // 100)
            record = recorded(arena.url)
            found = judge(arena.races, record) | ends.judged(record)
        with capsys.disabled():
            print(f"\n{table(found)}\n{ends.told()}\n{time.monotonic() - begun:.0f} s")
        keep({"races": {name: asdict(one) for name, one in sorted(found.items())}, "expiry": ends.figures()})
        check(found)

    story()


def check(found: dict[str, Told]) -> None:
    """No fault with any kind of act, and every kind was really raced: reads that won and reads that lost."""
    assert {name: asdict(one) for name, one in found.items() if one.faults} == {}
    assert added(found.values()).races >= RACES
    assert {name for name, one in found.items() if one.late < one.races} == set()
    total = added(found.values())
    assert total.won > 0.1 * total.races and total.lost > 0.1 * total.races, "the acts never met a read"


def keep(figures: dict[str, Any]) -> None:
    """The figures in a file, beside those of the other tests of a long run."""
    if "THROUGHCARE_RACES" in os.environ:
        FIGURES.parent.mkdir(exist_ok=True)
        before = json.loads(FIGURES.read_text()) if FIGURES.exists() else {}
        FIGURES.write_text(json.dumps(before | figures, indent=1) + "\n")


@pytest.mark.parametrize("planted", [False, True], ids=["as it is", "without its lock"])
def test_the_verdict_finds_a_record_that_takes_no_lock(server: Server, planted: bool) -> None:
    """A release is held for a second before its commit while the patient revokes: the fault that this exists for."""

    @run
    async def story() -> None:
        async with arena_of(server) as arena:
            lane = await open_lane(arena, 100 + planted)
            person = await lane.person()
            consent = await person.sign()
            ((source,),) = rows(arena.url, "SELECT pg_get_functiondef('record_release'::regproc)")
            hold_releases(arena.url)
            try:
                if planted:
                    take_no_lock(arena.url)

                async def act() -> None:
                    await asleep(arena.url)
                    await person.revoke()

                look = looking(lane.judge, *asked("read", person.cases[lane.court], "condition_monitoring"))
                parts = [Part(Narrowed(frozenset({consent})), [look], [look])]
                await lane.race("held", parts, act, person.gates)
            finally:
                change(arena.url, source)
                change(arena.url, "DROP TRIGGER hold ON disclosure; DROP FUNCTION hold()")
            (told,) = judge(arena.races, recorded(arena.url)).values()
            assert told.won == 1 and told.unrecorded == 0
            assert (told.after_acknowledgement > 0) is (told.after_commit > 0) is planted

    story()
