"""``make soak``: clinics write, courts poll, search and follow their feed; four workers on PostgreSQL.

``THROUGHCARE_SOAK_SECONDS`` (600). Before it, for a tenth of that time, the clinic alone. Prints a table, writes
``var/soak.json``; exit code 1 on any answer of 5xx but a documented 503, on any other fault, and on growth of memory or
of connections. Latencies are told beside their aims.
"""

import asyncio
import contextlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import psycopg

from app.sandbox.cluster import Cluster, free_port
from benchmarks import court, soak_traffic
from benchmarks.court import Case
from benchmarks.figures import ROOT
from benchmarks.instance import Instance, Running, instance, start, wait_until_ready
from benchmarks.soak_client import Lane, Tally, running

WORKERS, POOL, NARROW = 4, 6, 3
CASES, TURNING = 32, 8
"""Cases of the court; of so many of them the patient takes back and gives again all the time."""
PATH: Final = ROOT / "var" / "soak.json"
EVERY_SECONDS: Final = 1.0
GROWTH, TAIL, BESIDE = 1.1, 10.0, 3.0
"""Memory at the end to that of minute two; p99 to p50; the clinic's p99 beside a polling court to that alone."""


@dataclass
class Watched:
    """Samples of the server: seconds since the start, memory of all its processes in kB, connections it holds."""

    seconds: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    connections: list[int] = field(default_factory=list)


def main() -> int:
    """Soak, print, write; 1 if something failed or grew."""
    seconds = float(os.environ.get("THROUGHCARE_SOAK_SECONDS", "600"))
    cluster = Cluster()
    cluster.start()
    try:
        with instance("postgresql", cluster) as made:
            of = replace(made, environment=made.environment | {"THROUGHCARE_POOL_SIZE": str(POOL)})
            cases = court.play(of, CASES)
            with _served(of) as server:
                alone, beside, watched = asyncio.run(_soaked(of, server, cases, seconds))
    finally:
        cluster.stop()
    return _told(seconds, alone, beside, watched)


@contextlib.contextmanager
def _served(of: Instance) -> Iterator[Running]:
    port, log = free_port(), of.folder / "soak.log"
    command = f"-m app serve --host 127.0.0.1 --port {port} --workers {WORKERS}"
    server = Running(start(command, of, log), port)
    try:
        wait_until_ready(server, log, "/readyz", 120)
        yield server
    finally:
        server.process.terminate()
        server.process.wait(60)


async def _soaked(of: Instance, server: Running, cases: list[Case], seconds: float) -> tuple[Tally, Tally, Watched]:
    alone, beside, watched = Tally(), Tally(), Watched()
    async with running(*_clinic(of, server, cases, alone)):
        await asyncio.sleep(seconds / 10)
    async with running(*_clinic(of, server, cases, beside), *_court(of, server, cases, beside)):
        await _watch(of, server, seconds, watched)
    return alone, beside, watched


def _clinic(of: Instance, server: Running, cases: list[Case], tally: Tally) -> list["asyncio.Task[None]"]:
    turning = soak_traffic.gives_and_takes(Lane(server, of.clinic, tally), cases[:TURNING], 1)
    filing = [soak_traffic.files(Lane(server, of.clinic, tally), cases[TURNING:], seed) for seed in (2, 3)]
    return [asyncio.create_task(one) for one in (turning, *filing)]


def _court(of: Instance, server: Running, cases: list[Case], tally: Tally) -> list["asyncio.Task[None]"]:
    polling = [soak_traffic.polls(Lane(server, of.judge, tally), cases, seed) for seed in (4, 5, 6)]
    syncing = soak_traffic.syncs(Lane(server, of.judge, tally), cases, 7)
    return [asyncio.create_task(one) for one in (*polling, syncing)]


async def _watch(of: Instance, server: Running, seconds: float, watched: Watched) -> None:
    begun = time.monotonic()
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'throughcare'"
    async with await psycopg.AsyncConnection.connect(of.settings.database_url, autocommit=True) as connection:
        while (now := time.monotonic() - begun) < seconds:
            row = await (await connection.execute(asked)).fetchone()
            watched.seconds.append(now)
            watched.memory.append(_memory(server.process.pid))
            watched.connections.append(row[0] if row is not None else 0)
            await asyncio.sleep(EVERY_SECONDS)


def _memory(root: int) -> int:
    """Resident memory in kB of a process and all below it (proc(5))."""
    children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    status = Path(f"/proc/{root}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) + sum(_memory(int(child)) for child in children)


def _told(seconds: float, alone: Tally, beside: Tally, watched: Watched) -> int:
    rows = {name: _row(beside, name, alone) for name in sorted(beside.seconds)}
    print(f"\n{seconds:.0f} s, {WORKERS} workers, PostgreSQL; the clinic alone for {seconds / 10:.0f} s before")
    print(f"  {'act':<32} {'count':>8} {'503':>5} {'p50':>9} {'p99':>9} {'p99/p50':>8} {'p99 beside/alone':>17}")
    for name, row in rows.items():
        ratio = f"{row['beside_alone']:.2f}" if row["beside_alone"] is not None else ""
        late = " over" if row["tail"] > TAIL or (row["beside_alone"] or 0) > BESIDE else ""
        print(
            f"  {name:<32} {row['count']:>8} {row['unavailable']:>5} {row['p50_ms']:>6.1f} ms {row['p99_ms']:>6.1f} ms "
            f"{row['tail']:>8.1f} {ratio:>17}{late}"
        )
    grown, words = _growth(watched)
    faults = [*alone.faults, *beside.faults]
    print("\n".join(words))
    print(f"  faults: {len(faults)}" + "".join(f"\n    {fault}" for fault in faults[:10]))
    PATH.parent.mkdir(parents=True, exist_ok=True)
    summary = {"seconds": seconds, "acts": rows, "faults": faults[:100], "growth": words, "grown": grown}
    PATH.write_text(json.dumps(summary, indent=2) + "\n")
    return 1 if faults or grown else 0


def _row(tally: Tally, name: str, alone: Tally) -> dict[str, Any]:
    p50, p99 = _percentile(tally.seconds[name], 50), _percentile(tally.seconds[name], 99)
    before = _percentile(alone.seconds[name], 99) if alone.seconds.get(name) else None
    return {
        "count": len(tally.seconds[name]),
        "unavailable": tally.statuses[name][503],
        "p50_ms": round(p50 * 1000, 2),
        "p99_ms": round(p99 * 1000, 2),
        "tail": round(p99 / p50, 2),
        "beside_alone": round(p99 / before, 2) if before else None,
    }


def _percentile(seconds: list[float], part: int) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, len(ordered) * part // 100)]


def _growth(watched: Watched) -> tuple[bool, list[str]]:
    """Minute two (in a short run, what is over at a fifth) beside the last tenth, as medians."""
    last = watched.seconds[-1]
    settled = [n for n, at in enumerate(watched.seconds) if min(60, last / 10) <= at <= max(min(120, last / 5), 3)]
    ending = [n for n, at in enumerate(watched.seconds) if at >= last * 0.9]
    before, after = (_middle([watched.memory[n] for n in part]) for part in (settled, ending))
    most = WORKERS * (POOL + NARROW)
    held_before, held = (max(watched.connections[n] for n in part) for part in (settled, ending))
    grown = after > GROWTH * before or max(watched.connections) > most
    return grown, [
        f"  memory of all processes: {before / 1024:.0f} MB after two minutes, {after / 1024:.0f} MB at the end: "
        f"{after / before:.3f} (aim <= {GROWTH})",
        f"  database connections: {held_before} after two minutes, {held} at the end, most {max(watched.connections)} "
        f"(bound {most})",
    ]


def _middle(values: list[int]) -> int:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    sys.exit(main())
