"""A court's list of 200 cases: one search beside 200 single reads, same client, same connection, one after another."""

import json
import statistics
import time
from dataclasses import dataclass, field
from typing import Final

from app.sandbox.cluster import Cluster
from app.sandbox.steps import reading
from benchmarks import court
from benchmarks.client import Client, Meter, body_of
from benchmarks.figures import Report
from benchmarks.instance import Instance, instance, served
from benchmarks.processes import postmaster

CASES: Final = 200
ROUNDS: Final = 5
SEARCHES: Final = 10
"""Searches a round: one takes fewer milliseconds than the kernel's clock of CPU time has steps."""
AIM: Final = 15
SEARCH: Final = "/v1/treatment-statuses/search"
PURPOSE: Final = "condition_monitoring"


@dataclass
class Series:
    """Times of one whole list, and CPU of all lists together."""

    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0

    @property
    def ms(self) -> float:
        """Median time of a list."""
        return statistics.median(self.seconds) * 1000

    @property
    def cpu_ms(self) -> float:
        """Mean CPU time of a list, server and database."""
        return self.cpu / len(self.seconds) * 1000


def measure(kind: str, cluster: Cluster | None, report: Report) -> None:
    """The newest week of each case, as a court asks before a hearing list; then all four."""
    with instance(kind, cluster) as of:
        cases = [case.case_id for case in court.play(of, CASES)]
        for windows in (1, court.WEEKS):
            _measure(of, cases, windows, report)


def _measure(of: Instance, cases: list[str], windows: int, report: Report) -> None:
    server = postmaster(of.settings.database_url) if of.kind == "postgresql" else None
    paths = [f"{reading('treatment-statuses', case_id, PURPOSE)}&limit={windows}" for case_id in cases]
    body = body_of({"cases": cases, "purpose": PURPOSE, "windows": windows})
    single, search = Series(), Series()
    with served(of, baseline=False) as running, Client(running, of.judge) as client:
        size = _same(client, paths, body, windows)
        for _ in range(ROUNDS):
            client.refresh()
            meter = Meter(running, server)
            begun = time.perf_counter()
            for path in paths:
                client.get(path)
            single.seconds.append(time.perf_counter() - begun)
            single.cpu += meter.seconds()
            meter = Meter(running, server)
            for _ in range(SEARCHES):
                begun = time.perf_counter()
                client.post(SEARCH, body)
                search.seconds.append(time.perf_counter() - begun)
            search.cpu += meter.seconds()
    _add(of, single, search, f"{len(cases)} cases, {1 + windows} items each", size, report)


def _same(client: Client, paths: list[str], body: bytes, windows: int) -> int:
    """Both say the same, something of every case; gives the bytes of the search."""
    content = client.post(SEARCH, body)
    found = [one["items"] for one in json.loads(content)["results"]]
    singles = [json.loads(client.get(path))["items"] for path in paths]
    if found != singles or {len(items) for items in found} != {1 + windows}:
        raise AssertionError("the search and the single reads do not say the same")
    return len(content)


def _add(of: Instance, single: Series, search: Series, what: str, size: int, report: Report) -> None:
    at = f"{of.kind}, {what}"
    report.heading(f"{at}: one search ({size} bytes) beside single reads, medians of {ROUNDS} alternating rounds")
    report.add(f"{at}: time single reads / search", single.ms / search.ms, "ratio", at_least=AIM)
    report.add(f"{at}: CPU single reads / search", single.cpu_ms / search.cpu_ms, "ratio")
    for name, series in (("single reads", single), ("search", search)):
        report.add(f"{at}: {name}", series.ms, "ms")
        report.add(f"{at}: {name}, CPU server + database", series.cpu_ms, "ms")
