"""Drug tests of a period (domain rules 4.3). What leaves never tells that a prescribed medicine explains a result.

The absence of ``testing`` in a status says nothing; an empty list says that no test was offered.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT, Period
from app.vocabulary.clinical import Analyte, Method, Participation, Result

MOST_TESTS: Final = 100
MOST_ANALYTES: Final = 40
_LOINC: Final = re.compile(r"[1-9][0-9]{0,6}-[0-9]", re.ASCII)
_GRAVEST: Final = (
    Result.UNPRESCRIBED_USE_CONFIRMED,
    Result.NON_NEGATIVE_UNCONFIRMED,
    Result.INCONCLUSIVE,
    Result.NO_UNPRESCRIBED_USE_FOUND,
)


@dataclass(frozen=True)
class AnalyteResult:
    """What was found of one analyte, once: by the confirmation if there was one. ``loinc`` is the test's own code."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    analyte: Analyte
    method: Method
    result: Result
    loinc: str | None = None


@dataclass(frozen=True)
class DrugTest:
    """One test: the day it was taken or was to be taken, what became of it and, once known, what it says."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    collected_on: date
    participation: Participation
    result: Result | None = None
    panel: tuple[AnalyteResult, ...] | None = None


def counted(tests: Sequence[DrugTest]) -> dict[str, int]:
    """Participation: tests offered in all, and how many were given, missed, declined; the rest is not known yet."""
    kinds = (Participation.GIVEN, Participation.MISSED, Participation.DECLINED)
    counts = {kind.value: sum(test.participation is kind for test in tests) for kind in kinds}
    return {"offered": len(tests)} | counts


def resulted(tests: Sequence[DrugTest]) -> list[dict[str, Any]] | None:
    """Day, participation and result of each test; None while a test that was given has no result."""
    given = [test for test in tests if test.participation is Participation.GIVEN]
    return [_result(test) for test in tests] if all(test.result is not None for test in given) else None


def panelled(tests: Sequence[DrugTest]) -> list[dict[str, Any]] | None:
    """The same with each analyte; None while a test that was given has no panel."""
    given = [test for test in tests if test.participation is Participation.GIVEN]
    if not all(test.panel for test in given):
        return None
    return [_result(test) | _analytes(test) for test in tests]


def _result(test: DrugTest) -> dict[str, Any]:
    shown = {"collected_on": test.collected_on.isoformat(), "participation": test.participation.value}
    return shown | ({"result": test.result.value} if test.result is not None else {})


def _analytes(test: DrugTest) -> dict[str, Any]:
    return {"panel": [_analyte(one) for one in test.panel]} if test.panel else {}


def _analyte(one: AnalyteResult) -> dict[str, str]:
    """How it was found is told with a finding only: a confirmation that found nothing would tell of a screen that did,
    and so of a medicine that explains it."""
    shown = {"analyte": one.analyte.value, "result": one.result.value}
    if one.result is Result.NO_UNPRESCRIBED_USE_FOUND:
        return shown
    return shown | {"method": one.method.value} | ({"loinc": one.loinc} if one.loinc is not None else {})


def flaws_of_testing(tests: Sequence[DrugTest], period: Period) -> list[Flaw]:
    """What a list of tests says that cannot be meant."""
    if len(tests) > MOST_TESTS:
        return [Flaw("/testing", "tests_too_many", f"A status lists at most {MOST_TESTS} tests.")]
    found = []
    for number, test in enumerate(tests):
        at = f"/testing/{number}"
        if not period.start <= test.collected_on <= period.end:
            found.append(Flaw(f"{at}/collected_on", "test_outside_period", "The test lies outside the period."))
        if test.participation is not Participation.GIVEN and (test.result is not None or test.panel is not None):
            found.append(Flaw(at, "result_without_test", "Only a test that was given has a result or a panel."))
        found += _panel(f"{at}/panel", test)
    return found


def _panel(at: str, test: DrugTest) -> list[Flaw]:
    panel = test.panel
    if panel is None:
        return []
    if not 0 < len(panel) <= MOST_ANALYTES or len({one.analyte for one in panel}) < len(panel):
        detail = f"A panel has 1 to {MOST_ANALYTES} analytes, each once: by its confirmation, if there was one."
        return [Flaw(at, "panel_unusable", detail)]
    found = [flaw for number, one in enumerate(panel) for flaw in _of_analyte(f"{at}/{number}", one)]
    if test.result is not next(result for result in _GRAVEST if any(one.result is result for one in panel)):
        detail = "The result of a test is the gravest of its panel: confirmed, unconfirmed, inconclusive, none found."
        found.append(Flaw(at, "panel_and_result", detail))
    return found


def _of_analyte(at: str, one: AnalyteResult) -> list[Flaw]:
    found = []
    unfit = {Method.SCREEN: Result.UNPRESCRIBED_USE_CONFIRMED, Method.CONFIRM: Result.NON_NEGATIVE_UNCONFIRMED}
    if one.result is unfit[one.method]:
        detail = "A screen confirms nothing, and a confirmation leaves nothing unconfirmed."
        found.append(Flaw(f"{at}/result", "result_and_method", detail))
    if one.loinc is not None and not is_loinc(one.loinc):
        found.append(Flaw(f"{at}/loinc", "loinc_malformed", "A LOINC code ends with its check digit, as 75624-7 does."))
    return found


def is_loinc(code: str) -> bool:
    """Whether a text has the form of a LOINC code and the right check digit (mod 10, as in ISO/IEC 7812-1)."""
    if not _LOINC.fullmatch(code):
        return False
    digits = [int(digit) for digit in reversed(code.replace("-", ""))]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(digits)]
    return sum(doubled) % 10 == 0
