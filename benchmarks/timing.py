"""``make timing``: can a court tell by time alone what it is not told? Welch's t, each class beside never existing.

The shipped server in production mode, one client on a bare socket, each on a core of its own. ``THROUGHCARE_SAMPLES``
(50000) a class and route, ``THROUGHCARE_DATABASE`` (both), ``THROUGHCARE_ROUTES`` (all; words of their names). Exit
code 1 only if a leak that was planted on purpose is not found; what else exceeds |t| of 4.5 is printed.
"""

import contextlib
import json
import os
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from app.sandbox.cluster import free_port
from app.sandbox.steps import reading
from benchmarks import timing_leak
from benchmarks.figures import ROOT
from benchmarks.instance import Instance, Running, instance, start, throwaway, wait_until_ready
from benchmarks.timing_client import pin, request, sample, token
from benchmarks.timing_statistics import LIMIT, Difference, compare, median_us
from benchmarks.timing_subjects import CLASSES, NEVER, PURPOSE, Subject, Subjects, played

SHIPPED: Final = "-m app serve --host 127.0.0.1"
LEAKING: Final = (
    "-m uvicorn benchmarks.timing_leak:create_app --factory --loop uvloop --http httptools --no-access-log "
    "--no-server-header --log-level warning --limit-concurrency 1000 --host 127.0.0.1"
)
PATH: Final = ROOT / "var" / "timing.json"
PLANTED: Final = "GET treatment statuses"
PROVING: Final = 5000
"""Samples that show the planted leak on a machine that does other things as well."""
Asked = Callable[[str, Sequence[Subject]], list[bytes]]
"""The requests of one unit, by its token."""


def _each(path: Callable[[Subject], str]) -> Asked:
    return lambda held, cases: [request("GET", path(one), held) for one in cases]


def _search(path: str) -> Asked:
    def asked(held: str, cases: Sequence[Subject]) -> list[bytes]:
        body = {"cases": [one.case_id for one in cases], "purpose": PURPOSE}
        return [request("POST", path, held, json.dumps(body).encode())]

    return asked


ROUTES: Final[Mapping[str, Asked]] = {
    "GET assessments": _each(lambda one: reading("assessments", one.case_id, PURPOSE)),
    PLANTED: _each(lambda one: reading("treatment-statuses", one.case_id, PURPOSE)),
    "GET report": _each(lambda one: f"/v1/cases/{one.case_id}/report?purpose={PURPOSE}"),
    "GET referral": _each(lambda one: f"/v1/referrals/{one.referral}?purpose={PURPOSE}"),
    "POST assessments/search": _search("/v1/assessments/search"),
    "POST treatment-statuses/search": _search("/v1/treatment-statuses/search"),
    "GET events": lambda held, cases: [request("GET", f"/v1/events?after={cases[0].cursor}", held)],
}


def main() -> int:
    """Measure each database; 1 if the planted leak was missed on any."""
    count = int(os.environ.get("THROUGHCARE_SAMPLES", "50000"))
    chosen = os.environ.get("THROUGHCARE_DATABASE", "both")
    words = os.environ.get("THROUGHCARE_ROUTES", "").split()
    kinds = ("sqlite", "postgresql") if chosen == "both" else (chosen,)
    routes = {name: asked for name, asked in ROUTES.items() if not words or any(word in name for word in words)}
    results, found = {}, True
    for kind in kinds:
        with throwaway(needed=kind == "postgresql") as cluster, instance(kind, cluster) as made:
            of = replace(made, environment=made.environment | {"THROUGHCARE_SANDBOX": "0"})
            subjects = played(of)
            results[kind] = _measured(of, subjects, routes, count)
            found &= _leak_found(of, subjects, count)
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(json.dumps({"samples": count, "differences": results}, indent=2) + "\n")
    return 0 if found else 1


@contextlib.contextmanager
def _serving(of: Instance, command: str, **more: str) -> Iterator[Running]:
    port, log = free_port(), of.folder / "timing.log"
    of = replace(of, environment=of.environment | more)
    running = Running(start(f"{command} --port {port}", of, log), port)
    try:
        wait_until_ready(running, log, seconds=120)
        pin(0, 0)
        pin(1, running.process.pid)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)


def _measured(
    of: Instance, subjects: Subjects, routes: Mapping[str, Asked], count: int
) -> dict[str, dict[str, dict[str, float]]]:
    results: dict[str, dict[str, dict[str, float]]] = {}
    _heading(of.kind, count)
    with _serving(of, SHIPPED) as running:
        for name, asked in routes.items():
            taken = sample(running.port, partial(_requests, running, of, subjects, asked), count)
            results[name] = {}
            for one in CLASSES:
                if one != NEVER:
                    difference = compare(taken[one], taken[NEVER])
                    _say(name, one, difference, taken)
                    results[name][one] = {"t": difference.t, "mean_us": difference.mean_us, "crop": difference.crop}
    over = sorted({f"{route} / {one}" for route, by in results.items() for one, d in by.items() if abs(d["t"]) > LIMIT})
    print(f"  exceed |t| {LIMIT}: {', '.join(over) or 'none'}", flush=True)
    return results


def _requests(running: Running, of: Instance, subjects: Subjects, asked: Asked) -> dict[str, list[bytes]]:
    return {
        name: [one for cases in units for one in asked(token(running.port, cases[0].client, of.settings.issuer), cases)]
        for name, units in subjects.items()
    }


def _leak_found(of: Instance, subjects: Subjects, count: int) -> bool:
    """Whether 50 µs for half of never existing are found beside their other half, which is of the same kind."""
    units = subjects[NEVER]
    halves: Subjects = {"leaking": units[: len(units) // 2], NEVER: units[len(units) // 2 :]}
    cases = " ".join(one.case_id for unit in halves["leaking"] for one in unit)
    with _serving(of, LEAKING, **{timing_leak.CASES: cases}) as running:
        prepare = partial(_requests, running, of, halves, ROUTES[PLANTED])
        taken = sample(running.port, prepare, max(count, PROVING), seed=2)
    difference = compare(taken["leaking"], taken[NEVER])
    _say(f"planted {timing_leak.MICROSECONDS} µs", "leaking", difference, taken)
    found = difference.told_apart and difference.t > 0
    print(f"  the planted leak was {'found' if found else 'NOT FOUND'}", flush=True)
    return found


def _heading(kind: str, count: int) -> None:
    print(f"\n{kind}: {count} samples a class and route, each class beside {NEVER!r}")
    print(f"  {'route':<32} {'class':<18} {'median':>10} {'difference':>11} {'t':>8}  kept", flush=True)


def _say(route: str, name: str, difference: Difference, taken: Mapping[str, "array[int]"]) -> None:
    verdict = "EXCEEDS" if difference.told_apart else ""
    print(
        f"  {route:<32} {name:<18} {median_us(taken[name]):>7.0f} µs {difference.mean_us:>+8.1f} µs "
        f"{difference.t:>+8.2f}  {difference.crop:>4.0%} {verdict}".rstrip(),
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
