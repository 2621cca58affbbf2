"""What a course of treatment is: weeks of enrolment at one clinic after another, and what may follow what.

The state machine is that of domain rules 4.3: planned -> active -> paused -> ended, paused -> active, and planned ->
ended for a person who never starts. After an end only a new episode may begin. Weeks count back from the current one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from app.vocabulary.codes import Closure, EnrolmentStatus, PlanChange, SessionOutcome

S = EnrolmentStatus
FOLLOWS: Final = {
    None: {S.PLANNED, S.ACTIVE},
    S.PLANNED: {S.PLANNED, S.ACTIVE, S.ENDED},
    S.ACTIVE: {S.ACTIVE, S.PAUSED, S.ENDED},
    S.PAUSED: {S.PAUSED, S.ACTIVE, S.ENDED},
    S.ENDED: {S.PLANNED, S.ACTIVE},
}
"""Status -> the statuses that the next reported week may have; None is the time before the first."""


@dataclass(frozen=True, slots=True)
class Session:
    """An offered session on a day of the week, 0 Monday to 6 Sunday; ``reason`` explains an absence."""

    day: int
    outcome: SessionOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class DrugTest:
    """A test on a day of the week: whether it was given, and the summary of its result if so (domain rules 4.3)."""

    day: int
    participation: str
    result: str | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """One reported week. ``back`` 1 is the last whole week. ``goals`` is (met, of); ``tests`` None: it says nothing."""

    back: int
    status: EnrolmentStatus
    sessions: tuple[Session, ...] = ()
    tests: tuple[DrugTest, ...] | None = None
    plan_change: PlanChange | None = None
    engagement: str | None = None
    goals: tuple[int, int] | None = None
    closure: Closure | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """The weeks at one clinic, oldest first; more than one episode if the person came back."""

    clinic: str
    weeks: tuple[Week, ...]


Course = tuple[Leg, ...]
"""One clinic after another; empty if nobody was ever enrolled."""


def broken(course: Course) -> Iterator[str]:
    """Every way in which a course departs from the state machine, in words; none for a sound one."""
    for leg in course:
        before: Week | None = None
        for week in leg.weeks:
            yield from _broken(before, week)
            before = week
    for leg, following in pairwise(course):
        if leg.weeks[-1].closure is not Closure.TRANSFERRED or following.weeks[0].back >= leg.weeks[-1].back:
            yield "a second clinic without a transfer that came before it"


def _broken(before: Week | None, week: Week) -> Iterator[str]:
    was = before.status if before is not None else None
    if week.status not in FOLLOWS[was]:
        yield f"{week.status} after {was} in the week {week.back} back"
    if (week.status is S.ENDED) != (week.closure is not None):
        yield f"closure {week.closure} with {week.status}"
    if (week.sessions or week.tests) and week.status in (S.PLANNED, S.PAUSED):
        yield f"sessions or tests while {week.status}"
    if before is not None and before.back <= week.back:
        yield "weeks out of order"
    elif before is not None and before.back > week.back + 1 and was not in (S.PAUSED, S.ENDED):
        yield f"{before.back - week.back - 1} weeks skipped while {was}"


def relapsed(course: Course) -> bool:
    """Whether it went well enough to be eased, or was over, and then was not.

    Counted is a confirmed unprescribed use or a step up in a week after a step down or after an end, or a new episode
    at the clinic that the person had left. A transfer alone is none.
    """
    for leg in course:
        eased = False
        for week in leg.weeks:
            if eased and (_used(week) or week.plan_change is PlanChange.STEP_UP):
                return True
            eased = eased or week.plan_change is PlanChange.STEP_DOWN or week.status is S.ENDED
        if any(week.status is S.ENDED for week in leg.weeks[:-1]):
            return True
    return False


def _used(week: Week) -> bool:
    return any(test.result == "unprescribed_use_confirmed" for test in week.tests or ())


def transferred(course: Course) -> bool:
    """Whether treatment went on at another clinic."""
    return len(course) > 1


def completed(course: Course) -> bool:
    """Whether the last report is an end as completed."""
    return bool(course) and course[-1].weeks[-1].closure is Closure.COMPLETED
