"""The decision with a reason for each element beside two policy engines, on the same question, with equal answers.

Rules and consents are loaded before the clock starts, on every side; what is timed is one question about thirty
elements.
"""

import statistics
import time
from collections.abc import Callable
from typing import Final

from app.consent.decide import decide
from benchmarks import cedar, rego
from benchmarks.decision import consent, facts
from benchmarks.figures import Report
from benchmarks.worlds import CONSENTS, world

WORLDS: Final = 300
ROUNDS: Final = 15
CALLS: Final = {"ours": 400, "regorus": 20, "cedarpy": 10}


def measure(report: Report) -> None:
    """First that all answers are equal on random worlds; then who takes how long, in alternating rounds."""
    reasons = _agree()
    asked = facts([consent(number) for number in range(CONSENTS)])
    policies, requests = rego.Rego(asked), cedar.Cedar(asked)
    sides: dict[str, Callable[[], object]] = {
        "ours": lambda: decide(asked),
        "regorus": policies.decide,
        "cedarpy": requests.decide,
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(ROUNDS):
        for name, side in sides.items():
            times[name].append(_us(side, CALLS[name]))
    median = {name: statistics.median(taken) for name, taken in times.items()}
    report.heading(
        f"engines: {CONSENTS} consents x {len(asked.ask.elements)} elements; equal answers on {WORLDS} random worlds, "
        f"{reasons} different reasons among them; medians of {ROUNDS} alternating rounds"
    )
    for name in ("regorus", "cedarpy"):
        report.add(f"decision: {name} / ours", median[name] / median["ours"], "ratio", at_least=1)
    for name, us in median.items():
        report.add(f"decision: {name}", us, "µs")


def _agree() -> int:
    reasons: set[str] = set()
    for number in range(WORLDS):
        asked = world(number)
        verdict = decide(asked)
        ours = rego.ours(verdict)
        reasons |= {words for how, words in ours.values() if how == "fell"}
        if rego.Rego(asked).answer() != ours:
            raise AssertionError(f"Rego decides world {number} otherwise")
        if cedar.Cedar(asked).answer() != cedar.ours(verdict):
            raise AssertionError(f"Cedar decides world {number} otherwise")
    return len(reasons)


def _us(side: Callable[[], object], calls: int) -> float:
    begun = time.perf_counter()
    for _ in range(calls):
        side()
    return (time.perf_counter() - begun) / calls * 1e6
