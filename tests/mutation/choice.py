"""Which tests a mutant has to face, quickest first."""

import os
from collections.abc import Iterable, Iterator
from typing import Final

from tests.mutation.mutants import Mutant
from tests.mutation.trial import Calls

SECONDS: Final = float(os.environ.get("THROUGHCARE_TRIAL_SECONDS", "20"))
"""What the tests of one mutant may take together: one that only longer ones would find counts as surviving."""


def tests_for(mutant: Mutant, calls: Calls) -> list[str]:
    """Those that call the changed function. What runs at import can change anything: all tests."""
    if mutant.function and not mutant.function.endswith("."):
        wanted = [test for test, called in calls.of.items() if (mutant.file, mutant.function) in called]
        return list(_within(sorted(wanted, key=lambda test: calls.seconds[test]), calls))
    touches = {test for test, called in calls.of.items() if any(file == mutant.file for file, _ in called)}
    return list(_within(sorted(calls.of, key=lambda test: (test not in touches, calls.seconds[test])), calls))


def _within(tests: Iterable[str], calls: Calls) -> Iterator[str]:
    left = SECONDS
    for test in tests:
        left -= calls.seconds[test]
        if left < 0:
            return
        yield test


def few_files(tests: list[str], most: int = 3) -> list[str]:
    """Those of these tests that stand in the first few files: to import a file takes longer than most of its tests."""
    found = list(dict.fromkeys(test.partition("::")[0] for test in tests))[:most]
    return [test for test in tests if test.partition("::")[0] in found]


def bound(tests: list[str], calls: Calls) -> int:
    """Seconds of processor time after which such a run is taken to have no end."""
    return 20 + round(10 * sum(calls.seconds[test] for test in tests))
