"""The gated recorded read beside the baseline: requests a second in alternating rounds, and CPU per read."""

import json
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any, Final

from app.identity.keys import ServiceKeys
from app.identity.signer import Signer
from app.sandbox.cluster import Cluster
from benchmarks.baseline import ONE_ROW_PATH
from benchmarks.figures import ROOT, Report
from benchmarks.instance import Instance, Running, instance, served, token
from benchmarks.processes import cpu_seconds, postmaster

CONNECTIONS: Final = (1, 16, 64)
CPU_AIM_MS: Final = {"sqlite": 0.9, "postgresql": 1.2}
RATIO_AIM: Final = 0.85
BEFORE_MS: Final = {"sqlite": 1.4, "postgresql": 2.2}
"""What ``gated, CPU server + database`` was in 0.1.0 on the same kind of machine: context, for another day's run."""


@dataclass
class Series:
    """What one endpoint did in its rounds at one number of connections."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    server_ms: list[float] = field(default_factory=list)
    database_ms: list[float] = field(default_factory=list)
    size: int = 0

    @property
    def rate(self) -> float:
        """Median requests a second."""
        return statistics.median(self.rates)

    @property
    def cpu_ms(self) -> float:
        """Median CPU time a request, server and database processes together."""
        return statistics.median(s + d for s, d in zip(self.server_ms, self.database_ms, strict=True))


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint under load."""

    running: Running
    path: str
    client: dict[str, Any]
    postmaster: int | None

    def round(self, connections: int, seconds: float, into: Series) -> None:
        """One load; its CPU covers every request of it, warm-up included."""
        job = {"host": "127.0.0.1", "port": self.running.port, "path": self.path, "seconds": seconds}
        job |= {"token": token(self.running, self.client), "connections": connections}
        before = self._cpu()
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.loader"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        after = self._cpu()
        counted = json.loads(done.stdout)
        if set(counted["statuses"]) != {"200"}:
            raise AssertionError(f"{self.path}: {counted['statuses']}")
        into.rates.append(counted["counted"] / counted["seconds"])
        into.p50.append(counted["p50_ms"])
        into.server_ms.append((after[0] - before[0]) * 1000 / counted["total"])
        into.database_ms.append((after[1] - before[1]) * 1000 / counted["total"])
        into.size = counted["bytes"]

    def _cpu(self) -> tuple[float, float]:
        database = cpu_seconds(self.postmaster) if self.postmaster is not None else 0.0
        return cpu_seconds(self.running.process.pid), database


def measure(kind: str, cluster: Cluster | None, report: Report, *, rounds: int, seconds: float) -> None:
    """Both servers on one database; gated, baseline and bare read take turns, medians are compared."""
    with instance(kind, cluster) as of, served(of, baseline=False) as gate, served(of, baseline=True) as plain:
        server = postmaster(of.settings.database_url) if cluster is not None else None
        bare = f"{ONE_ROW_PATH}?case={of.case_id}&unit={of.judge['unit_id']}"
        targets = {
            "gated": Target(gate, of.path, of.judge, server),
            "baseline": Target(plain, of.path, of.judge, server),
            "one row": Target(plain, bare, of.judge, server),
        }
        series: dict[str, Series] = {}
        for connections in CONNECTIONS:
            series = {name: Series() for name in targets}
            for _ in range(rounds):
                for name, target in targets.items():
                    target.round(connections, seconds, series[name])
            _add(report, of, connections, series)
        changed = f"{kind}: signing an answer that changed, which these rounds never do"
        report.add(changed, signing_us(series["gated"].size), "µs/read")


def signing_us(size: int, repeats: int = 200) -> float:
    """The fastest signature over so many bytes not signed before; the rounds repeat one unchanged view instead."""
    signer, times = Signer(ServiceKeys.load(ServiceKeys.generate())), []
    for number in range(repeats):
        data = number.to_bytes(4, "big").ljust(size, b"x")
        begun = time.perf_counter()
        signer.sign(data)
        times.append((time.perf_counter() - begun) * 1e6)
    return min(times)


def _add(report: Report, of: Instance, connections: int, series: dict[str, Series]) -> None:
    gated, baseline, bare = series["gated"], series["baseline"], series["one row"]
    if gated.size != baseline.size:
        raise AssertionError(f"the answers differ in size: {gated.size} and {baseline.size} bytes")
    at = f"{of.kind} {connections} connections"
    report.heading(f"{at} ({gated.size} bytes an answer, medians of {len(gated.rates)} alternating rounds)")
    report.add(f"{at}: gated / baseline", gated.rate / baseline.rate, "ratio", at_least=RATIO_AIM)
    report.add(f"{at}: gated / bare one-row read", gated.rate / bare.rate, "ratio")
    for name, one in series.items():
        report.add(f"{at}: {name}", one.rate, "requests/s")
        report.add(f"{at}: {name}, p50", statistics.median(one.p50), "ms")
    report.add(f"{at}: gated, CPU server + database", gated.cpu_ms, "ms/read", most=CPU_AIM_MS[of.kind])
    report.add(f"{at}: gated, CPU / that of 0.1.0", gated.cpu_ms / BEFORE_MS[of.kind], "ratio")
    report.add(f"{at}: baseline, CPU server + database", baseline.cpu_ms, "ms/read")
    if of.kind == "postgresql":
        report.add(f"{at}: gated, CPU database alone", statistics.median(gated.database_ms), "ms/read")
        report.add(f"{at}: baseline, CPU database alone", statistics.median(baseline.database_ms), "ms/read")
