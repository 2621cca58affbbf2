"""Sessions of a period, one by one or counted (domain rules 4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT, Period
from app.vocabulary.codes import AbsenceReason, SessionOutcome

MOST_SESSIONS: Final = 100
MOST_COUNTED: Final = 200
"""Sessions that one status may list, and count."""


@dataclass(frozen=True)
class Session:
    """One offered session and how it went; why, if the person was not there."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    date: date
    outcome: SessionOutcome
    absence_reason: AbsenceReason | None = None


@dataclass(frozen=True)
class Counts:
    """Sessions of the period: offered = attended + excused + missed."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    offered: int
    attended: int
    excused: int
    missed: int


def dated(sessions: Sequence[Session]) -> list[dict[str, str]]:
    """Day and outcome of each session."""
    return [{"date": s.date.isoformat(), "outcome": s.outcome.value} for s in sorted(sessions, key=_when)]


def explained(sessions: Sequence[Session]) -> list[dict[str, str]] | None:
    """The same with the reason of each absence; None while an absence has none."""
    ordered = sorted(sessions, key=_when)
    if any(s.absence_reason is None and s.outcome is not SessionOutcome.ATTENDED for s in ordered):
        return None
    reasons = [{"absence_reason": s.absence_reason.value} if s.absence_reason else {} for s in ordered]
    return [session | reason for session, reason in zip(dated(ordered), reasons, strict=True)]


def _when(session: Session) -> tuple[int, str]:
    return session.date.toordinal(), session.outcome.value


def flaws_of_attendance(sessions: Sequence[Session] | None, counts: Counts | None, period: Period) -> list[Flaw]:
    """What sessions or counts say that cannot be meant."""
    found = [flaw for flaw in _dated(sessions or (), period)]
    if counts is not None:
        found += _counted(counts)
        if sessions is not None:
            detail = "Send sessions or counts, not both: counts are derived from sessions."
            found.append(Flaw("/attendance", "counts_and_sessions", detail))
    return found


def _dated(sessions: Sequence[Session], period: Period) -> list[Flaw]:
    found = []
    if len(sessions) > MOST_SESSIONS:
        found.append(Flaw("/sessions", "sessions_too_many", f"A status lists at most {MOST_SESSIONS} sessions."))
    for number, session in enumerate(sessions):
        if not period.start <= session.date <= period.end:
            pointer = f"/sessions/{number}/date"
            found.append(Flaw(pointer, "session_outside_period", "The session lies outside the period."))
        if session.absence_reason is not None and session.outcome is SessionOutcome.ATTENDED:
            pointer = f"/sessions/{number}/absence_reason"
            found.append(Flaw(pointer, "absence_reason_unexpected", "Who attended was not absent."))
    return found


def _counted(counts: Counts) -> list[Flaw]:
    parts = (counts.attended, counts.excused, counts.missed)
    if not all(0 <= count <= MOST_COUNTED for count in (counts.offered, *parts)):
        detail = f"Each count is a number of sessions from 0 to {MOST_COUNTED}."
        return [Flaw("/attendance", "counts_out_of_range", detail)]
    if counts.offered != sum(parts):
        return [Flaw("/attendance", "counts_do_not_add_up", "offered must equal attended + excused + missed.")]
    return []
