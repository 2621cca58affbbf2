"""``python -m benchmarks`` (``make bench``): measure, print, write ``var/bench.json``. Takes three to four minutes."""

import argparse
import contextlib
import sys
from collections.abc import Iterator

from app.sandbox.cluster import Cluster
from benchmarks import decision, hidden, reads, starting
from benchmarks.figures import PATH, ROOT, Report

SECTIONS = ("decision", "hidden", "reads", "start")


def main(arguments: list[str] | None = None) -> int:
    """Run the chosen sections; 0 whatever the figures say, since a shared machine proves no limit."""
    parser = argparse.ArgumentParser(prog="benchmarks", description="Ratios and costs, as medians inside one run.")
    parser.add_argument("sections", nargs="*", help=f"which of {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds a number of connections (5)")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds a round (1)")
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
    if "start" in sections:
        starting.measure(report)
    with _cluster(chosen.database, {"hidden", "reads"} & set(sections)) as cluster:
        for kind, server in (("sqlite", None), ("postgresql", cluster)):
            if chosen.database not in (None, kind):
                continue
            if "hidden" in sections:
                hidden.measure(kind, server, report)
            if "reads" in sections:
                reads.measure(kind, server, report, rounds=chosen.rounds, seconds=chosen.seconds)


@contextlib.contextmanager
def _cluster(database: str | None, needed: set[str]) -> Iterator[Cluster | None]:
    """A throwaway PostgreSQL, if a section needs one."""
    if database == "sqlite" or not needed:
        yield None
        return
    cluster = Cluster()
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
