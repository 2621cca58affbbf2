"""What a message says of each element, derived when it is filed (domain rules 4.1; design 3.3, 6).

Computed by code are only sessions -> summary -> compliant, status -> engaged, closure -> status ended. A derivation
that lacks its inputs gives nothing, and the reader is told ``insufficient_data``; it never falls to a finer step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.messages.assessment import Assessment, band
from app.messages.referral import ReferralResponse
from app.messages.treatment_status import Session, TreatmentStatus
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN, Frame
from app.vocabulary.codes import Answer, EnrolmentStatus, Epistemic, SessionOutcome


@dataclass(frozen=True, slots=True)
class Stated:
    """One element's value as filed. ``sort_key`` is the day that bounds it: open until, made on, window start."""

    element: Element
    value: Any
    epistemic: Epistemic
    sort_key: int
    scope: str = ""


def of_response(response: ReferralResponse, referral: str, day: int) -> list[Stated]:
    """Elements of a clinic's answer to one referral, given on ``day``."""
    decision: dict[str, Any] = {"decision": response.decision.value}
    if response.waitlist_weeks is not None:
        decision["waitlist_weeks"] = response.waitlist_weeks
    if response.decision.value == "waitlisted":
        decision["note"] = "No place is free yet. This is not attributable to the person."
    stated = [Stated(Element.REFERRAL_DECISION, decision, Epistemic.FACT, day, referral)]
    if response.appointment is not None:
        when = {"start": response.appointment.start.isoformat(), "site": response.appointment.site}
        stated.append(Stated(Element.REFERRAL_APPOINTMENT, when, Epistemic.FACT, day, referral))
    return stated


def of_enrolment(status: TreatmentStatus) -> list[Stated]:
    """State-like elements of a status: the episode is open until its end date, or until further notice."""
    ended = status.status is EnrolmentStatus.ENDED
    until = status.period.end.toordinal() if ended else OPEN
    if ended and status.dates is not None and status.dates.end is not None:
        until = status.dates.end.toordinal()
    values: list[tuple[Element, Any, Epistemic]] = [
        (Element.ENROLMENT_ENGAGED, not ended, Epistemic.FACT),
        (Element.ENROLMENT_STATUS, status.status.value, Epistemic.FACT),
    ]
    if status.dates is not None:
        dates = {"start": status.dates.start.isoformat()}
        if status.dates.end is not None:
            dates["end"] = status.dates.end.isoformat()
        values.append((Element.ENROLMENT_DATES, dates, Epistemic.FACT))
    if status.closure is not None:
        values.append((Element.ENROLMENT_CLOSURE, status.closure.value, Epistemic.FACT))
    if status.plan_change is not None:
        values.append((Element.PROGRESS_PLAN_CHANGE, status.plan_change.value, Epistemic.ASSESSMENT))
    return [Stated(element, value, epistemic, until) for element, value, epistemic in values]


def of_assessment(assessment: Assessment) -> list[Stated]:
    """Elements of an assessment; item answers and scores never become a band beyond the published cut-offs."""
    day = assessment.assessed_on.toordinal()
    values: list[tuple[Element, Any]] = [(Element.CLINICAL_NEED_INDICATED, assessment.need_indicated.value)]
    if assessment.recommendation is not None:
        advice: dict[str, Any] = {"service": assessment.recommendation.service.value}
        if assessment.recommendation.weeks is not None:
            advice["weeks"] = assessment.recommendation.weeks
        values.append((Element.CLINICAL_RECOMMENDATION, advice))
    scores = [_screening(screening.instrument.value, screening.substance) for screening in assessment.screening]
    detail = [s | {"score": one.score} for s, one in zip(scores, assessment.screening, strict=True)]
    bands = [s | {"band": band(one)} for s, one in zip(scores, assessment.screening, strict=True) if band(one)]
    if bands:
        values.append((Element.CLINICAL_SCREENING_BAND, bands))
    if detail:
        values.append((Element.CLINICAL_SCREENING_DETAIL, detail))
    if assessment.diagnosis:
        codes = [{"system": d.system.value, "code": d.code} for d in assessment.diagnosis]
        values.append((Element.CLINICAL_DIAGNOSIS, codes))
    if assessment.counselling_notes is not None:
        values.append((Element.RESTRICTED_COUNSELLING_NOTES, assessment.counselling_notes))
    return [Stated(element, value, Epistemic.ASSESSMENT, day) for element, value in values]


def _screening(instrument: str, substance: str | None) -> dict[str, Any]:
    return {"instrument": instrument} if substance is None else {"instrument": instrument, "substance": substance}


def of_window(frame: Frame, start: int, statuses: Sequence[TreatmentStatus]) -> list[Stated]:
    """Attendance of one window: the sum of its weeks, or nothing while a week of it is not reported."""
    last = frame.grid.last_day(start)
    inside = [s for s in statuses if s.period.start.toordinal() <= last and s.period.end.toordinal() >= start]
    weeks = {day for s in inside for day in range(s.period.start.toordinal(), s.period.end.toordinal() + 1, 7)}
    if not set(range(start, last + 1, 7)) <= weeks:
        return []
    parts = [_tally(status, start, last) for status in inside]
    if any(part is None for part in parts):
        return []
    attended, excused, missed = (sum(part[n] for part in parts if part) for n in range(3))
    summary = {"offered": attended + excused + missed, "attended": attended, "excused": excused, "missed": missed}
    values: list[tuple[Element, Any]] = [(Element.ATTENDANCE_SUMMARY, summary)]
    if frame.threshold:
        compliant = Answer.YES if attended + excused >= frame.threshold else Answer.NO
        values.append((Element.ATTENDANCE_COMPLIANT, compliant.value))
    if all(status.sessions is not None for status in inside):
        values.append((Element.ATTENDANCE_SESSIONS, _dated(inside, start, last)))
    return [Stated(element, value, Epistemic.FACT, start, frame.key) for element, value in values]


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


def _dated(statuses: Sequence[TreatmentStatus], start: int, last: int) -> list[dict[str, str]]:
    sessions = [session for status in statuses for session in _within(status, start, last)]
    return [{"date": s.date.isoformat(), "outcome": s.outcome.value} for s in sorted(sessions, key=_when)]


def _when(session: Session) -> tuple[int, str]:
    return session.date.toordinal(), session.outcome.value
