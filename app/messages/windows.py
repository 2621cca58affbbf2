"""What one window of weeks says of attendance, progress and testing, derived when a status is filed (design 6).

Counts are the sum of the window's weeks, or nothing while a week of it does not say; a list likewise. Of progress the
latest week that says anything counts. Nothing is guessed: what is absent here is read as ``insufficient_data``. So is
compliance where fewer sessions were offered than the threshold asks for: lack of places is not the person's conduct
(domain rules 3.3).
"""

from collections.abc import Sequence
from typing import Any

from app.messages.attendance import Session, dated, explained
from app.messages.derive import Stated
from app.messages.testing import DrugTest, counted, panelled, resulted
from app.messages.treatment_status import TreatmentStatus
from app.vocabulary import Element
from app.vocabulary.calendar import Frame
from app.vocabulary.codes import Answer, Epistemic, SessionOutcome

_Values = list[tuple[Element, Any, Epistemic]]


def of_window(frame: Frame, start: int, statuses: Sequence[TreatmentStatus]) -> list[Stated]:
    """Every windowed element of the window that begins on ``start`` (a day ordinal), from the statuses of one case."""
    last = frame.grid.last_day(start)
    inside = [s for s in statuses if s.period.start.toordinal() <= last and s.period.end.toordinal() >= start]
    values = _progress(inside)
    weeks = {day for s in inside for day in range(s.period.start.toordinal(), s.period.end.toordinal() + 1, 7)}
    if set(range(start, last + 1, 7)) <= weeks:
        values += [*_attendance(frame, start, last, inside), *_testing(start, last, inside)]
    return [Stated(element, value, epistemic, start, frame.key) for element, value, epistemic in values]


def _attendance(frame: Frame, start: int, last: int, inside: Sequence[TreatmentStatus]) -> _Values:
    parts = [_tally(status, start, last) for status in inside]
    if any(part is None for part in parts):
        return []
    attended, excused, missed = (sum(part[n] for part in parts if part) for n in range(3))
    summary = {"offered": attended + excused + missed, "attended": attended, "excused": excused, "missed": missed}
    values: _Values = [(Element.ATTENDANCE_SUMMARY, summary, Epistemic.FACT)]
    if 0 < frame.threshold <= summary["offered"]:
        compliant = Answer.YES if attended + excused >= frame.threshold else Answer.NO
        values.append((Element.ATTENDANCE_COMPLIANT, compliant.value, Epistemic.FACT))
    if all(status.sessions is not None for status in inside):
        sessions = [session for status in inside for session in _within(status, start, last)]
        values.append((Element.ATTENDANCE_SESSIONS, dated(sessions), Epistemic.FACT))
        reasons = explained(sessions)
        if reasons is not None:
            values.append((Element.ATTENDANCE_ABSENCE_REASON, reasons, Epistemic.SELF_REPORT))
    return values


def _within(status: TreatmentStatus, start: int, last: int) -> list[Session]:
    return [session for session in status.sessions or () if start <= session.date.toordinal() <= last]


def _tally(status: TreatmentStatus, start: int, last: int) -> tuple[int, int, int] | None:
    """Attended, excused, missed in the window; None where counts cannot be split or were not given."""
    if status.sessions is not None:
        outcomes = [session.outcome for session in _within(status, start, last)]
        kinds = (SessionOutcome.ATTENDED, SessionOutcome.EXCUSED, SessionOutcome.MISSED)
        attended, excused, missed = (outcomes.count(kind) for kind in kinds)
        return attended, excused, missed
    whole = start <= status.period.start.toordinal() and status.period.end.toordinal() <= last
    counts = status.attendance
    return (counts.attended, counts.excused, counts.missed) if counts is not None and whole else None


def _progress(inside: Sequence[TreatmentStatus]) -> _Values:
    """The latest week's word: a clinician's assessment, never a fact."""
    engagement: Any = None
    goals: Any = None
    for status in sorted(inside, key=lambda status: status.period.end):
        engagement = status.engagement.value if status.engagement is not None else engagement
        goals = {"met": status.goals.met, "of": status.goals.of} if status.goals is not None else goals
    said = ((Element.PROGRESS_ENGAGEMENT, engagement), (Element.PROGRESS_GOALS, goals))
    return [(element, value, Epistemic.ASSESSMENT) for element, value in said if value is not None]


def _testing(start: int, last: int, inside: Sequence[TreatmentStatus]) -> _Values:
    """Tests of the window, where every week says which there were. What a result means is somebody's judgement."""
    if any(status.testing is None for status in inside):
        return []
    every = [test for status in inside for test in status.testing or ()]
    tests = sorted((test for test in every if start <= test.collected_on.toordinal() <= last), key=_when)
    values: _Values = [(Element.TESTING_PARTICIPATION, counted(tests), Epistemic.FACT)]
    for element, shown in ((Element.TESTING_RESULT_SUMMARY, resulted), (Element.TESTING_RESULT_PANEL, panelled)):
        value = shown(tests)
        if value is not None:
            values.append((element, value, Epistemic.ASSESSMENT))
    return values


def _when(test: DrugTest) -> int:
    return test.collected_on.toordinal()
