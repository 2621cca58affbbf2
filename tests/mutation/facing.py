"""Every mutant against its tests, several processes side by side."""

import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import CodeType
from typing import Final

from tests.mutation.choice import bound, few_files, tests_for
from tests.mutation.mutants import ROOT, Mutant, code_of, mutants
from tests.mutation.trial import Calls, start

AT_ONCE: Final = int(os.environ.get("THROUGHCARE_AT_ONCE", "2"))
QUICKEST: Final = 30
LIKELY: Final = 12


@dataclass
class Outcome:
    """What became of each mutant."""

    killed: list[Mutant] = field(default_factory=list)
    endless: list[Mutant] = field(default_factory=list)
    survived: list[Mutant] = field(default_factory=list)

    def file(self, mutant: Mutant, status: int) -> None:
        """By the wait status of its process: a signal is the bound of its time or memory."""
        if os.WIFSIGNALED(status):
            self.endless.append(mutant)
        elif os.WEXITSTATUS(status):
            self.killed.append(mutant)
        else:
            self.survived.append(mutant)
            print(f"survived: {mutant.shown}", flush=True)

    @property
    def total(self) -> int:
        """All mutants."""
        return len(self.killed) + len(self.endless) + len(self.survived)


@dataclass(frozen=True)
class Trial:
    """A mutant on trial, the tests that it has still to face, and where its process writes which one failed."""

    mutant: Mutant
    code: CodeType
    tests: list[str]
    told: int = -1


class Court:
    """Holds ``AT_ONCE`` trials at once: the quickest tests, those that found others of this module, then the rest."""

    def __init__(self, calls: Calls) -> None:
        self.outcome = Outcome()
        self._calls = calls
        self._running: dict[int, Trial] = {}
        self._found: dict[str, Counter[str]] = {}

    def try_(self, mutant: Mutant, code: CodeType) -> None:
        """Begin a trial, as soon as there is room."""
        tests = tests_for(mutant, self._calls)
        if not tests:
            self.outcome.file(mutant, 0)
            return
        while len(self._running) >= AT_ONCE:
            self.wait()
        able, found = set(tests), self._found.get(mutant.file, Counter())
        likely = [test for test, _ in found.most_common() if test in able][:LIKELY]
        first = dict.fromkeys(few_files([*likely, *tests])[:QUICKEST])
        rest = [test for test in tests if test not in first]
        self._start(Trial(mutant, code, rest), list(first))

    def finish(self) -> Outcome:
        """Wait for all of them."""
        while self._running:
            self.wait()
        return self.outcome

    def wait(self) -> None:
        """Wait for one of them; it goes on with the rest of its tests if it got through the first."""
        process, status = os.wait()
        trial = self._running.pop(process)
        with os.fdopen(trial.told, encoding="utf-8") as told:
            failed = told.read()
        if failed:
            self._found.setdefault(trial.mutant.file, Counter())[failed] += 1
        if status == 0 and trial.tests:
            self._start(replace(trial, tests=[]), trial.tests)
        else:
            self.outcome.file(trial.mutant, status)

    def _start(self, trial: Trial, now: list[str]) -> None:
        process, told = start(trial.mutant.file, trial.code, now, bound(now, self._calls))
        self._running[process] = replace(trial, told=told)


def faced(wanted: list[str], calls: Calls) -> Outcome:
    """Try every mutant of these modules, after the first of them unchanged."""
    court, begun = Court(calls), time.monotonic()
    _control(wanted[0], calls)
    for mutant, source in _all(wanted):
        done = court.outcome.total
        if done % 100 == 0:
            print(f"{done} done, {len(court.outcome.survived)} survived, {time.monotonic() - begun:.0f} s", flush=True)
        court.try_(mutant, code_of(mutant, source))
    return court.finish()


def _control(file: str, calls: Calls) -> None:
    """Else a test that no process finds by its name would pass for one that fails on every mutant."""
    source = (ROOT / file).read_text(encoding="utf-8")
    everything = list(calls.of)
    start(file, compile(source, str(ROOT / file), "exec", dont_inherit=True), everything, bound(everything, calls))
    if os.wait()[1]:
        raise SystemExit("The tests fail in a process of their own, with nothing changed.")


def _all(wanted: list[str]) -> Iterator[tuple[Mutant, str]]:
    for file in wanted:
        source = (ROOT / file).read_text(encoding="utf-8")
        for mutant in mutants(file, source):
            yield mutant, source
