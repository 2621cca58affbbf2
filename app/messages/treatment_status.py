"""Treatment status: what a clinic reports about whole ISO weeks (domain rules 4.3)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT, Period
from app.messages.marks import ENVELOPE, message
from app.vocabulary import Element
from app.vocabulary.calendar import monday
from app.vocabulary.codes import Closure, EnrolmentStatus, PlanChange, SessionOutcome

MOST_SESSIONS: Final = 100
MOST_COUNTED: Final = 200
"""Sessions that one status may list, and count."""


@dataclass(frozen=True)
class Session:
    """One offered session and how it went."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    date: date
    outcome: SessionOutcome


@dataclass(frozen=True)
class Counts:
    """Sessions of the period: offered = attended + excused + missed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    offered: int
    attended: int
    excused: int
    missed: int


@dataclass(frozen=True)
class EnrolmentDates:
    """First and, once ended, last day of enrolment."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    start: date
    end: date | None = None


@message
@dataclass(frozen=True)
class TreatmentStatus:
    """What a clinic files about a patient and a period; ``cases`` restricts it to some of the patient's cases."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: Annotated[str, ENVELOPE]
    period: Annotated[Period, ENVELOPE]
    status: Annotated[EnrolmentStatus, Element.ENROLMENT_STATUS]
    dates: Annotated[EnrolmentDates | None, Element.ENROLMENT_DATES] = None
    closure: Annotated[Closure | None, Element.ENROLMENT_CLOSURE] = None
    sessions: Annotated[tuple[Session, ...] | None, Element.ATTENDANCE_SESSIONS] = None
    attendance: Annotated[Counts | None, Element.ATTENDANCE_SUMMARY] = None
    plan_change: Annotated[PlanChange | None, Element.PROGRESS_PLAN_CHANGE] = None
    cases: Annotated[tuple[str, ...], ENVELOPE] = ()
    supersedes: Annotated[str | None, ENVELOPE] = None


def flaws_of_status(status: TreatmentStatus, today: int) -> list[Flaw]:
    """What a status says that cannot be meant. ``today`` is a day ordinal."""
    return [*_period(status.period, today), *_attendance(status), *_enrolment(status)]


def _period(period: Period, today: int) -> list[Flaw]:
    first, last = period.start.toordinal(), period.end.toordinal()
    if first != monday(first) or (last + 1) != monday(last + 1) or last < first:
        return [Flaw("/period", "period_not_whole_weeks", "A period runs from a Monday to a Sunday, both inclusive.")]
    if first > today:
        return [Flaw("/period/start", "period_in_future", "The period has not begun yet.")]
    if last - first >= 7 * 53:
        return [Flaw("/period", "period_too_long", "A period covers at most 53 weeks.")]
    return []


def _attendance(status: TreatmentStatus) -> list[Flaw]:
    found = _dated(status)
    counts = status.attendance
    if counts is not None:
        found += _counted(counts)
        if status.sessions is not None:
            detail = "Send sessions or counts, not both: counts are derived from sessions."
            found.append(Flaw("/attendance", "counts_and_sessions", detail))
    return found


def _dated(status: TreatmentStatus) -> list[Flaw]:
    found = []
    if len(status.sessions or ()) > MOST_SESSIONS:
        found.append(Flaw("/sessions", "sessions_too_many", f"A status lists at most {MOST_SESSIONS} sessions."))
    for number, session in enumerate(status.sessions or ()):
        if not status.period.start <= session.date <= status.period.end:
            pointer = f"/sessions/{number}/date"
            found.append(Flaw(pointer, "session_outside_period", "The session lies outside the period."))
    return found


def _counted(counts: Counts) -> list[Flaw]:
    parts = (counts.attended, counts.excused, counts.missed)
    if not all(0 <= count <= MOST_COUNTED for count in (counts.offered, *parts)):
        detail = f"Each count is a number of sessions from 0 to {MOST_COUNTED}."
        return [Flaw("/attendance", "counts_out_of_range", detail)]
    if counts.offered != sum(parts):
        return [Flaw("/attendance", "counts_do_not_add_up", "offered must equal attended + excused + missed.")]
    return []


def _enrolment(status: TreatmentStatus) -> list[Flaw]:
    found = []
    ended = status.status is EnrolmentStatus.ENDED
    if ended != (status.closure is not None):
        found.append(Flaw("/closure", "closure_and_status", "A closure goes with the status ended, and only with it."))
    dates = status.dates
    if dates is not None and (dates.end is not None and (not ended or dates.end < dates.start)):
        detail = "An end date goes with the status ended and is not before the start."
        found.append(Flaw("/dates/end", "end_date_unexpected", detail))
    return found
