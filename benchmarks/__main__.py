"""``python -m benchmarks`` (``make bench``): measure, print, write ``var/bench.json``. Takes ten to fifteen minutes."""

import argparse
import importlib
import sys
from collections.abc import Callable
from typing import Final

from app.sandbox.cluster import Cluster
from benchmarks import batch, decision, hidden, nightly, reads, scale, search, starting
from benchmarks.figures import PATH, ROOT, Report
from benchmarks.instance import throwaway

Measure = Callable[[str, Cluster | None, Report], None]
ONCE: Final = ("decision", "engines", "start")
"""Sections without a database, or with one of their own."""
EACH: Final[dict[str, Measure]] = {
    "hidden": hidden.measure,
    "search": search.measure,
    "batch": batch.measure,
    "scale": scale.measure,
    "nightly": nightly.measure,
}
"""Sections that are measured on each database; beside ``reads``, which has options."""
SECTIONS: Final = (*ONCE, *EACH, "reads")


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen sections; 0 whatever the figures say, since a shared machine proves no limit."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Ratios and costs, as medians inside one run.")
    parser.add_argument("sections", nargs="*", help=f"which of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="of reads: rounds a number of connections (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of reads: seconds a round (1)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="only this one")
    parser.add_argument(
        "--install", action="store_true", help="time make run and make test from an empty cache (minutes)"
    )
    chosen = parser.parse_args(arguments)
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    report = Report(
        "make bench" if arguments is None and len(sys.argv) == 1 else _command(), lambda text: print(text, flush=True)
    )
    if chosen.install:
        starting.install(report)
    else:
        _run(chosen, report)
    report.write()
    print(f"\nwritten to {PATH.relative_to(ROOT)}")
    return 0


def _command() -> str:
    return " ".join(["python -m benchmarks", *sys.argv[1:]])


def _run(chosen: argparse.Namespace, report: Report) -> None:
    sections = chosen.sections or SECTIONS
    if "decision" in sections:
        decision.measure(report)
    if "engines" in sections:
        # Only here are its packages needed, which have wheels for fewer machines than the rest.
        importlib.import_module("benchmarks.engines").measure(report)
    if "start" in sections:
        starting.measure(report)
    with throwaway(needed=chosen.database != "sqlite" and bool(set(sections) - set(ONCE))) as cluster:
        for kind, server in (("sqlite", None), ("postgresql", cluster)):
            if chosen.database not in (None, kind):
                continue
            for name, measure in EACH.items():
                if name in sections:
                    measure(kind, server, report)
            if "reads" in sections:
                reads.measure(kind, server, report, rounds=chosen.rounds, seconds=chosen.seconds)


if __name__ == "__main__":
    sys.exit(main())
