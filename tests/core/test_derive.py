"""Derivation at filing: sessions -> summary -> compliant and status -> engaged are computed, nothing is guessed."""

from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.messages.assessment import Assessment, AssessmentPurpose
from app.messages.attendance import Counts, Session
from app.messages.derive import of_assessment, of_enrolment
from app.messages.envelope import Period
from app.messages.screening import Screening, band
from app.messages.treatment_status import EnrolmentDates, TreatmentStatus, flaws_of_status
from app.messages.windows import of_window
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN, Frame, Grid
from app.vocabulary.clinical import Instrument
from app.vocabulary.codes import Answer, Closure, EnrolmentStatus, SessionOutcome

MONDAY = date(2026, 10, 5)
OUTCOMES = st.sampled_from(list(SessionOutcome))


def status(week: int = 0, weeks: int = 1, **more: Any) -> TreatmentStatus:
    """A status of whole weeks counted from a fixed Monday."""
    start = MONDAY + timedelta(weeks=week)
    period = Period(start, start + timedelta(days=7 * weeks - 1))
    return TreatmentStatus("p", period, more.pop("status", EnrolmentStatus.ACTIVE), **more)


def sessions(week: int, *outcomes: SessionOutcome) -> tuple[Session, ...]:
    """Sessions on the first days of a week."""
    return tuple(Session(MONDAY + timedelta(weeks=week, days=n), outcome) for n, outcome in enumerate(outcomes))


def frame(threshold: int, weeks: int) -> Frame:
    """A frame whose grid begins on the fixed Monday."""
    return Frame("r", threshold, Grid(MONDAY.toordinal(), weeks))


def values(stated: list[Any]) -> dict[Element, Any]:
    """Element -> value."""
    return {one.element: one.value for one in stated}


@given(st.lists(OUTCOMES, max_size=6), st.integers(0, 6))
def test_counts_and_compliance_follow_from_sessions(outcomes: list[SessionOutcome], threshold: int) -> None:
    filed = status(sessions=sessions(0, *outcomes))
    found = values(of_window(frame(threshold, 1), MONDAY.toordinal(), [filed]))
    kept = sum(outcome is not SessionOutcome.MISSED for outcome in outcomes)
    assert found[Element.ATTENDANCE_SUMMARY]["offered"] == len(outcomes)
    assert found[Element.ATTENDANCE_SUMMARY]["missed"] == outcomes.count(SessionOutcome.MISSED)
    assert len(found[Element.ATTENDANCE_SESSIONS]) == len(outcomes)
    enough = 0 < threshold <= len(outcomes)  # where fewer were offered it is not the person's doing (domain rules 3.3)
    expected = ("yes" if kept >= threshold else "no") if enough else None
    assert found.get(Element.ATTENDANCE_COMPLIANT) == expected


@given(st.lists(st.lists(OUTCOMES, max_size=4), min_size=4, max_size=4), st.sets(st.integers(0, 3)))
def test_a_window_is_the_sum_of_its_weeks_or_nothing(weeks: list[list[SessionOutcome]], missing: set[int]) -> None:
    filed = [status(n, sessions=sessions(n, *o)) for n, o in enumerate(weeks) if n not in missing]
    found = values(of_window(frame(2, 4), MONDAY.toordinal(), filed))
    if missing:
        assert found == {}
    else:
        assert found[Element.ATTENDANCE_SUMMARY]["offered"] == sum(map(len, weeks))


def test_counts_give_no_sessions_and_are_not_split() -> None:
    counted = status(0, 2, attendance=Counts(4, 3, 0, 1))
    assert Element.ATTENDANCE_SESSIONS not in values(of_window(frame(2, 2), MONDAY.toordinal(), [counted]))
    assert of_window(frame(2, 1), MONDAY.toordinal(), [counted]) == []


def test_sessions_of_a_longer_period_are_split_by_their_dates() -> None:
    long = status(0, 2, sessions=(*sessions(0, SessionOutcome.ATTENDED), *sessions(1, SessionOutcome.MISSED)))
    first = values(of_window(frame(1, 1), MONDAY.toordinal(), [long]))
    second = values(of_window(frame(1, 1), MONDAY.toordinal() + 7, [long]))
    assert (first[Element.ATTENDANCE_COMPLIANT], second[Element.ATTENDANCE_COMPLIANT]) == ("yes", "no")


def test_a_week_without_attendance_is_no_data() -> None:
    assert of_window(frame(1, 1), MONDAY.toordinal(), [status()]) == []


def test_engaged_and_ended_follow_from_the_status() -> None:
    for state in EnrolmentStatus:
        ended = state is EnrolmentStatus.ENDED
        filed = status(status=state, closure=Closure.COMPLETED if ended else None)
        stated = of_enrolment(filed)
        assert values(stated)[Element.ENROLMENT_ENGAGED] is not ended
        assert {one.sort_key for one in stated} == {filed.period.end.toordinal() if ended else OPEN}
    dated = status(status=EnrolmentStatus.ENDED, closure=Closure.MOVED, dates=EnrolmentDates(MONDAY, MONDAY))
    assert {one.sort_key for one in of_enrolment(dated)} == {MONDAY.toordinal()}


def test_flaws_name_their_fields() -> None:
    today = date(2026, 11, 24).toordinal()
    wrong = TreatmentStatus("p", Period(MONDAY, MONDAY + timedelta(days=5)), EnrolmentStatus.ENDED)
    assert {flaw.pointer for flaw in flaws_of_status(wrong, today)} == {"/period", "/closure"}
    outside = status(sessions=(Session(MONDAY - timedelta(days=1), SessionOutcome.ATTENDED),))
    assert [flaw.pointer for flaw in flaws_of_status(outside, today)] == ["/sessions/0/date"]
    assert [f.code for f in flaws_of_status(status(attendance=Counts(3, 1, 1, 0)), today)] == ["counts_do_not_add_up"]
    assert flaws_of_status(status(), MONDAY.toordinal() - 1)[0].code == "period_in_future"


@given(st.sampled_from(list(Instrument)), st.integers(-5, 60), st.sampled_from(["alcohol", "tobacco", "cannabis"]))
def test_a_band_is_never_derived_outside_the_scores_an_instrument_gives(
    instrument: Instrument, score: int, substance: str
) -> None:
    most = {"audit": 40, "dast10": 10, "dudit": 44, "assist": 31 if substance == "tobacco" else 39}[instrument.value]
    found = band(Screening(instrument, score, substance if instrument is Instrument.ASSIST else None))
    assert (found is None) == (not 0 <= score <= most)


def test_a_band_that_would_tell_the_sex_is_not_stated_and_scores_stay_in_their_own_element() -> None:
    made = Assessment("p", MONDAY, AssessmentPurpose.TREATMENT, Answer.YES, screening=(Screening(Instrument.DUDIT, 4),))
    found = values(of_assessment(made))
    assert Element.CLINICAL_SCREENING_BAND not in found
    banded = Assessment(
        "p", MONDAY, AssessmentPurpose.TREATMENT, Answer.YES, screening=(Screening(Instrument.AUDIT, 17),)
    )
    found = values(of_assessment(banded))
    assert found[Element.CLINICAL_SCREENING_BAND] == [{"instrument": "audit", "band": "zone_3"}]
    assert "score" not in str(found[Element.CLINICAL_SCREENING_BAND])
