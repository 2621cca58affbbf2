"""Tests in a window: only the finest step that every test says, and never a word of a medicine that explains one."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.testing import AnalyteResult, DrugTest, flaws_of_testing, is_loinc, panelled, resulted
from app.messages.treatment_status import Goals, TreatmentStatus, flaws_of_status
from app.messages.windows import of_window
from app.vocabulary import Element
from app.vocabulary.calendar import Frame, Grid
from app.vocabulary.clinical import Analyte, Method, Participation, Result
from app.vocabulary.codes import AbsenceReason, Engagement, SessionOutcome
from tests.core.filings import CONFIRMED, MONDAY, TESTED, TODAY, panel, status
from tests.core.test_derive import sessions
from tests.core.test_derive import status as plain

E, P, R = Element, Participation, Result
LADDER = (E.TESTING_RESULT_PANEL, E.TESTING_RESULT_SUMMARY, E.TESTING_PARTICIPATION)
MISSED = DrugTest(MONDAY, P.MISSED)
CLEAN = DrugTest(MONDAY + timedelta(days=4), P.GIVEN, R.NO_UNPRESCRIBED_USE_FOUND)


def window(*statuses: TreatmentStatus, weeks: int = 1, week: int = 0) -> dict[Element, Any]:
    """Element -> value of the window of so many weeks that begins in a week."""
    frame = Frame("r", 0, Grid(MONDAY.toordinal(), weeks))
    return {one.element: one.value for one in of_window(frame, MONDAY.toordinal() + 7 * week, statuses)}


def test_without_a_word_of_tests_nothing_is_said_of_them() -> None:
    """So that a reader is told insufficient_data, and never that a test was missed."""
    assert not window(status(testing=None)).keys() & {*LADDER}
    assert window(status(testing=()))[E.TESTING_PARTICIPATION] == {"offered": 0, "given": 0, "missed": 0, "declined": 0}


def test_a_window_says_what_every_test_in_it_says() -> None:
    """Counts without days; results with their days; panels: each only if no test lacks it."""
    counts = {"offered": 3, "given": 2, "missed": 1, "declined": 0}
    pending = replace(CLEAN, result=None)
    for tests, steps in (
        ((MISSED, TESTED, replace(TESTED, collected_on=MONDAY)), 3),
        ((MISSED, TESTED, CLEAN), 2),
        ((MISSED, TESTED, pending), 1),
    ):
        found = window(status(testing=tests))
        assert [element in found for element in LADDER] == [n >= 3 - steps for n in range(3)]
        assert found[E.TESTING_PARTICIPATION] == counts
    summary = window(status(testing=(CLEAN, TESTED, MISSED)))[E.TESTING_RESULT_SUMMARY]
    assert [one.get("result") for one in summary] == [None, CONFIRMED, R.NO_UNPRESCRIBED_USE_FOUND]
    assert "panel" not in str(summary) and "analyte" not in str(summary)


def test_a_window_is_the_sum_of_its_weeks_or_nothing() -> None:
    said, unsaid = status(testing=(TESTED,)), plain(1)
    assert not window(said, weeks=2).keys() & {*LADDER}
    assert not window(said, unsaid, weeks=2).keys() & {*LADDER}
    assert window(said, replace(unsaid, testing=()), weeks=2)[E.TESTING_PARTICIPATION]["given"] == 1


def test_a_longer_period_is_split_by_the_days_of_its_tests() -> None:
    later = replace(MISSED, collected_on=MONDAY + timedelta(days=7))
    both = replace(plain(0, 2), testing=(TESTED, later))
    assert window(both)[E.TESTING_PARTICIPATION]["given"] == 1
    assert window(both, week=1)[E.TESTING_PARTICIPATION]["missed"] == 1


GIVEN = st.builds(
    lambda method, result, loinc: DrugTest(
        MONDAY, P.GIVEN, result, panel((Analyte.METHADONE, method, result), **loinc)
    ),
    st.sampled_from(list(Method)),
    st.sampled_from(list(Result)),
    st.sampled_from([{}, {"loinc": "75624-7"}]),
)


@given(GIVEN, GIVEN)
def test_nothing_tells_that_a_medicine_explains_a_result(one: DrugTest, other: DrugTest) -> None:
    """Domain rules 6, case 60: two tests that found no unprescribed use read alike, whatever the laboratory did."""
    explained = R.NO_UNPRESCRIBED_USE_FOUND
    if one.result is other.result is explained:
        assert panelled([one]) == panelled([other])
        assert panelled([one]) == [
            {
                "collected_on": MONDAY.isoformat(),
                "participation": "given",
                "result": explained,
                "panel": [{"analyte": "methadone", "result": explained}],
            }
        ]
    assert resulted([one]) == [{"collected_on": MONDAY.isoformat(), "participation": "given", "result": one.result}]


@pytest.mark.parametrize(
    ("test", "pointer", "code"),
    [
        (DrugTest(MONDAY + timedelta(days=7), P.MISSED), "/testing/0/collected_on", "test_outside_period"),
        (DrugTest(MONDAY, P.DECLINED, R.INCONCLUSIVE), "/testing/0", "result_without_test"),
        (DrugTest(MONDAY, P.OFFERED, panel=TESTED.panel, result=CONFIRMED), "/testing/0", "result_without_test"),
        (replace(TESTED, panel=()), "/testing/0/panel", "panel_unusable"),
        (replace(TESTED, panel=(TESTED.panel or ()) * 2), "/testing/0/panel", "panel_unusable"),
        (replace(TESTED, result=R.INCONCLUSIVE), "/testing/0/panel", "panel_and_result"),
        (replace(TESTED, result=None), "/testing/0/panel", "panel_and_result"),
        (
            replace(TESTED, panel=panel((Analyte.COCAINE, Method.SCREEN, CONFIRMED))),
            "/testing/0/panel/0/result",
            "result_and_method",
        ),
        (
            DrugTest(
                MONDAY,
                P.GIVEN,
                R.NON_NEGATIVE_UNCONFIRMED,
                panel((Analyte.OPIATES, Method.CONFIRM, R.NON_NEGATIVE_UNCONFIRMED)),
            ),
            "/testing/0/panel/0/result",
            "result_and_method",
        ),
        (
            replace(TESTED, panel=panel((Analyte.COCAINE, Method.CONFIRM, CONFIRMED), loinc="75624-8")),
            "/testing/0/panel/0/loinc",
            "loinc_malformed",
        ),
    ],
)
def test_what_a_test_cannot_say(test: DrugTest, pointer: str, code: str) -> None:
    found = flaws_of_testing([test], status().period)
    assert [(flaw.pointer, flaw.code) for flaw in found] == [(pointer, code)]


def test_the_gravest_of_a_panel_is_the_result() -> None:
    order = (R.UNPRESCRIBED_USE_CONFIRMED, R.NON_NEGATIVE_UNCONFIRMED, R.INCONCLUSIVE, R.NO_UNPRESCRIBED_USE_FOUND)
    for place, result in enumerate(order):
        graver = [
            AnalyteResult(analyte, Method.CONFIRM if one is R.UNPRESCRIBED_USE_CONFIRMED else Method.SCREEN, one)
            for analyte, one in zip(Analyte, order[place:], strict=False)
        ]
        test = DrugTest(MONDAY, P.GIVEN, result, tuple(reversed(graver)))
        assert flaws_of_testing([test], status().period) == []


def test_a_list_of_tests_ends() -> None:
    assert [f.code for f in flaws_of_testing([MISSED] * 101, status().period)] == ["tests_too_many"]
    assert flaws_of_testing([MISSED] * 100, status().period) == []


@pytest.mark.parametrize("code", ["72110-0", "75624-7", "82666-9", "82667-7", "75626-2", "96841-2", "95528-6"])
def test_check_digits_of_loinc(code: str) -> None:
    """Codes read at loinc.org; each with its last digit off by one is none."""
    assert is_loinc(code)
    assert not is_loinc(code[:-1] + str((int(code[-1]) + 1) % 10))


@pytest.mark.parametrize("code", ["72110-7", "59284-6", "", "72110", "72110-00", "0-0", "７2110-0"])
def test_what_is_no_loinc(code: str) -> None:
    assert not is_loinc(code)


def test_progress_is_what_the_latest_week_says() -> None:
    """Whether or not the window is whole: it is an assessment and no sum."""
    early = replace(plain(0), engagement=Engagement.LOW, goals=Goals(1, 4))
    late = replace(plain(2), engagement=Engagement.GOOD)
    assert window(early, weeks=4)[E.PROGRESS_ENGAGEMENT] == "low"
    for statuses in ((early, late), (late, early)):
        found = window(*statuses, weeks=4)
        assert (found[E.PROGRESS_ENGAGEMENT], found[E.PROGRESS_GOALS]) == ("good", {"met": 1, "of": 4})
    assert window(plain()) == {}


@pytest.mark.parametrize(
    ("met", "of", "sound"), [(0, 0, True), (4, 4, True), (5, 4, False), (-1, 4, False), (1, 51, False)]
)
def test_goals_add_up(met: int, of: int, sound: bool) -> None:
    found = [flaw.code for flaw in flaws_of_status(status(goals=Goals(met, of)), TODAY)]
    assert found == ([] if sound else ["goals_do_not_add_up"])


def test_absences_have_reasons_only_where_each_has_one() -> None:
    """The coarser step beside it never tells a reason."""
    two = sessions(0, SessionOutcome.MISSED, SessionOutcome.EXCUSED)
    reasons = tuple(replace(one, absence_reason=AbsenceReason.CUSTODY) for one in two)
    found = window(plain(sessions=reasons))
    assert [one["absence_reason"] for one in found[E.ATTENDANCE_ABSENCE_REASON]] == ["custody", "custody"]
    assert "custody" not in str(found[E.ATTENDANCE_SESSIONS]) + str(found[E.ATTENDANCE_SUMMARY])
    assert E.ATTENDANCE_ABSENCE_REASON not in window(plain(sessions=(two[0], reasons[1])))
    there = replace(sessions(0, SessionOutcome.ATTENDED)[0], absence_reason=AbsenceReason.WORK)
    (flaw,) = flaws_of_status(plain(sessions=(there,)), TODAY)
    assert (flaw.pointer, flaw.code) == ("/sessions/0/absence_reason", "absence_reason_unexpected")
