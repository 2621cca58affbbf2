"""Treatment status: what a clinic reports about whole ISO weeks (domain rules 4.3)."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.attendance import Counts, Session, flaws_of_attendance
from app.messages.care import LevelOfCare, flaws_of_level
from app.messages.closure import ClosureReason, flaws_of_reason
from app.messages.envelope import STRICT, Identifier, Period, flaws_of_text
from app.messages.marks import ENVELOPE, message
from app.messages.testing import DrugTest, flaws_of_testing
from app.vocabulary import Element
from app.vocabulary.calendar import monday
from app.vocabulary.codes import Closure, Engagement, EnrolmentStatus, PlanChange

MOST_GOALS: Final = 50


@dataclass(frozen=True)
class EnrolmentDates:
    """First and, once ended, last day of enrolment."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    start: date
    end: date | None = None


@dataclass(frozen=True)
class Goals:
    """How many of the plan's goals are met so far; how many there are."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    met: int
    of: int


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
    closure_reason: Annotated[ClosureReason | None, Element.ENROLMENT_CLOSURE_REASON] = None
    level_of_care: Annotated[LevelOfCare | None, Element.ENROLMENT_LEVEL_OF_CARE] = None
    sessions: Annotated[tuple[Session, ...] | None, Element.ATTENDANCE_ABSENCE_REASON] = None
    attendance: Annotated[Counts | None, Element.ATTENDANCE_SUMMARY] = None
    engagement: Annotated[Engagement | None, Element.PROGRESS_ENGAGEMENT] = None
    goals: Annotated[Goals | None, Element.PROGRESS_GOALS] = None
    plan_change: Annotated[PlanChange | None, Element.PROGRESS_PLAN_CHANGE] = None
    testing: Annotated[tuple[DrugTest, ...] | None, Element.TESTING_RESULT_PANEL] = None
    narrative: Annotated[str | None, Element.PROGRESS_NARRATIVE] = None
    cases: Annotated[tuple[str, ...], ENVELOPE] = ()
    supersedes: Annotated[str | None, ENVELOPE] = None
    identifier: Annotated[Identifier | None, ENVELOPE] = None


def flaws_of_status(status: TreatmentStatus, today: int) -> list[Flaw]:
    """What a status says that cannot be meant. ``today`` is a day ordinal."""
    found = [*_period(status.period, today), *_enrolment(status)]
    found += flaws_of_attendance(status.sessions, status.attendance, status.period)
    found += flaws_of_testing(status.testing or (), status.period)
    goals = status.goals
    if goals is not None and not 0 <= goals.met <= goals.of <= MOST_GOALS:
        detail = f"A plan has 0 to {MOST_GOALS} goals, and no more of them are met."
        found.append(Flaw("/goals", "goals_do_not_add_up", detail))
    return found + flaws_of_text("/narrative", status.narrative)


def _period(period: Period, today: int) -> list[Flaw]:
    first, last = period.start.toordinal(), period.end.toordinal()
    if first != monday(first) or (last + 1) != monday(last + 1) or last < first:
        return [Flaw("/period", "period_not_whole_weeks", "A period runs from a Monday to a Sunday, both inclusive.")]
    if first > today:
        return [Flaw("/period/start", "period_in_future", "The period has not begun yet.")]
    if last - first >= 7 * 53:
        return [Flaw("/period", "period_too_long", "A period covers at most 53 weeks.")]
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
    found += flaws_of_reason(status.closure_reason, status.closure)
    return found + flaws_of_level("/level_of_care", status.level_of_care)
