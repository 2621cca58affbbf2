"""A clinic's week: one batch of 500 statuses beside 500 posts, same client, same connection, one after another."""

import json
import statistics
import time
from datetime import date
from typing import Any, Final

from app.sandbox.cluster import Cluster
from app.sandbox.weeks import past_mondays
from benchmarks import court
from benchmarks.client import Client, Meter, body_of
from benchmarks.cloned import multiply
from benchmarks.figures import Report
from benchmarks.instance import instance, served
from benchmarks.processes import postmaster

ITEMS: Final = 500
ORIGINALS: Final = 20
ROUNDS: Final = 5
AIM: Final = 5
POST: Final = "/v1/treatment-statuses"
BATCH: Final = "/v1/treatment-statuses/batch"


def measure(kind: str, cluster: Cluster | None, report: Report) -> None:
    """Each round files two more weeks of 500 patients who have a referral and a consent: one singly, one at once."""
    weeks = past_mondays(court.WEEKS + 2 * ROUNDS)[: 2 * ROUNDS]
    times: dict[str, list[float]] = {"single": [], "batch": []}
    cpu = {"single": 0.0, "batch": 0.0}
    with instance(kind, cluster) as of:
        server = postmaster(of.settings.database_url) if kind == "postgresql" else None
        originals = court.play(of, ORIGINALS)
        patients = [case.patient for case in [*originals, *multiply(of, originals, ITEMS - ORIGINALS)]]
        with served(of, baseline=False) as running, Client(running, of.clinic) as client:
            for number, monday in enumerate(weeks):
                way, items = ("single", "batch")[number % 2], _items(patients, monday)
                client.refresh()
                meter, begun = Meter(running, server), time.perf_counter()
                (_singly if way == "single" else _at_once)(client, items)
                times[way].append(time.perf_counter() - begun)
                cpu[way] += meter.seconds()
    _add(kind, {way: statistics.median(one) for way, one in times.items()}, cpu, report)


def _items(patients: list[str], monday: date) -> list[dict[str, Any]]:
    return [court.status(patient, monday, monday) for patient in patients]


def _singly(client: Client, items: list[dict[str, Any]]) -> None:
    for item in items:
        client.post(POST, body_of(item), 201)


def _at_once(client: Client, items: list[dict[str, Any]]) -> None:
    results = json.loads(client.post(BATCH, body_of({"items": items})))["results"]
    if [result["status"] for result in results] != [201] * len(items):
        raise AssertionError(f"not all were filed: {next(one for one in results if one['status'] != 201)}")


def _add(kind: str, median: dict[str, float], cpu: dict[str, float], report: Report) -> None:
    report.heading(f"{kind}: a batch of {ITEMS} statuses beside {ITEMS} posts, medians of {ROUNDS} alternating rounds")
    report.add(f"{kind}: time {ITEMS} posts / batch", median["single"] / median["batch"], "ratio", at_least=AIM)
    report.add(f"{kind}: CPU {ITEMS} posts / batch", cpu["single"] / cpu["batch"], "ratio")
    for way, name in (("single", f"{ITEMS} posts"), ("batch", f"batch of {ITEMS}")):
        report.add(f"{kind}: {name}", median[way] * 1000, "ms")
        report.add(f"{kind}: {name}, CPU server + database", cpu[way] / ROUNDS * 1000, "ms")
