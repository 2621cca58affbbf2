"""A court's night: 3,000 cases, 5 % of them with something new. It asks the feed which, then reads only those."""

import json
import sqlite3
import time
from typing import Any, Final

import psycopg

from app.sandbox.cluster import Cluster, as_role
from app.sandbox.weeks import past_mondays
from app.storage import tables
from app.storage.sqlite import connect
from benchmarks import court
from benchmarks.client import Client, Meter, body_of
from benchmarks.cloned import multiply
from benchmarks.court import Case
from benchmarks.figures import Report
from benchmarks.instance import Instance, Running, instance, served
from benchmarks.processes import postmaster
from benchmarks.search import CASES, PURPOSE, SEARCH

COUNT: Final = 3_000
NEWS: Final = COUNT // 20
ORIGINALS: Final = 50
TABLES: Final = tuple(sorted(tables.metadata.tables))


def measure(kind: str, cluster: Cluster | None, report: Report) -> None:
    """The first sync of all, then the clinic files a week of a twentieth, then the sync of the night after."""
    with instance(kind, cluster) as of:
        originals = court.play(of, ORIGINALS, filed=court.WEEKS - 1)
        cases = [*originals, *multiply(of, originals, COUNT - ORIGINALS)]
        report.heading(
            f"{kind}: nightly sync of {COUNT} cases, {NEWS} with news (events until none, then search of those)"
        )
        with served(of, baseline=False) as running, Client(running, of.judge) as judge:
            night = _Night(of, running, judge, report)
            everybody = {case.case_id for case in cases} | {of.case_id}
            night.sync("first sync", everybody)
            fresh = cases[:: COUNT // NEWS]
            with Client(running, of.clinic) as clinic:
                _file(clinic, fresh)
            night.sync("nightly sync", {case.case_id for case in fresh})
            night.sync("sync without news", set())


def _file(clinic: Client, fresh: list[Case]) -> None:
    start, *_, last = past_mondays(court.WEEKS)
    items = [court.status(case.patient, last, start, "missed") for case in fresh]
    answer = json.loads(clinic.post("/v1/treatment-statuses/batch", body_of({"items": items})))
    if {result["status"] for result in answer["results"]} != {201}:
        raise AssertionError("the news was not filed")


class _Night:
    """The court's software: it keeps the cursor of the feed."""

    def __init__(self, of: Instance, running: Running, judge: Client, report: Report) -> None:
        self._of = of
        self._running = running
        self._judge = judge
        self._report = report
        self._server = postmaster(of.settings.database_url) if of.kind == "postgresql" else None
        self._after = ""

    def sync(self, name: str, expected: set[str]) -> None:
        """One whole sync, which must find news of exactly these cases."""
        self._judge.refresh()
        before, meter, begun = _rows(self._of), Meter(self._running, self._server), time.perf_counter()
        found = self._news()
        told = time.perf_counter() - begun
        self._read(sorted(found))
        seconds, cpu, after = time.perf_counter() - begun, meter.seconds(), _rows(self._of)
        if found != expected:
            raise AssertionError(f"{name}: news of {len(found)} cases, not of {len(expected)}")
        at = f"{self._of.kind}, {name} ({len(found)} of {COUNT} cases)"
        self._report.add(f"{at}: events and search", seconds, "s")
        self._report.add(f"{at}: events alone", told, "s")
        self._report.add(f"{at}: CPU server + database", cpu, "s")
        written = {table: after[table] - before[table] for table in TABLES if after[table] != before[table]}
        self._report.add(f"{at}: rows written", sum(written.values()), "rows")
        self._report.say(f"    {', '.join(f'{table} {number}' for table, number in written.items())}")

    def _news(self) -> set[str]:
        found: set[str] = set()
        while True:
            page = json.loads(self._judge.get(f"/v1/events?limit=200{self._after}"))
            self._after = f"&after={page['next']}"
            if not page["items"]:
                return found
            found |= {item["case_id"] for item in page["items"]}

    def _read(self, found: list[str]) -> None:
        for begin in range(0, len(found), CASES):
            asked = {"cases": found[begin : begin + CASES], "purpose": PURPOSE, "windows": court.WEEKS}
            self._judge.post(SEARCH, body_of(asked))


def _rows(of: Instance) -> dict[str, int]:
    """Rows of every table."""
    counted = " UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in TABLES)
    if of.kind == "sqlite":
        connection: sqlite3.Connection = connect(of.database_file)
        found: list[Any] = connection.execute(counted).fetchall()
        connection.close()
    else:
        with psycopg.connect(as_role(of.settings.database_url)) as server:
            found = server.execute(counted.encode()).fetchall()
    return {row[0]: row[1] for row in found}
