"""What is current of an enrolment, from the reports of one case in the order filed (design 6).

An episode begins with an acceptance or a report while none is open, and ends with the report *ended* that is its
newest. Late reports about weeks of an episode that ended belong to it and never reopen it.
"""

from collections.abc import Sequence
from typing import NamedTuple

from app.messages.derive import Stated
from app.vocabulary import Element
from app.vocabulary.codes import Closure, EnrolmentStatus

ACCEPTANCE = 0
"""``last_day`` of an acceptance: it reports no week, so that any report is newer than it."""


class Report(NamedTuple):
    """One report in force: its message, the last day it speaks about, and what it states."""

    message: str
    last_day: int
    status: EnrolmentStatus
    stated: tuple[Stated, ...]


class _Episode:
    """Reports of one episode in the order filed. ``newest`` speaks of the last day; of one day, the later filed."""

    def __init__(self, first: Report) -> None:
        self.reports = [first]
        self.newest = first

    def add(self, report: Report) -> None:
        self.reports.append(report)
        if report.last_day >= self.newest.last_day:
            self.newest = report

    def is_open(self) -> bool:
        return self.newest.status is not EnrolmentStatus.ENDED

    def by_day(self) -> list[Report]:
        return sorted(self.reports, key=lambda report: report.last_day)  # stable: of one day, the later filed last


def current(reports: Sequence[Report]) -> list[tuple[str, Stated]]:
    """(message, statement) of every state-like element of the latest episode: what its newest report says of it.

    All speak until the episode's end, which bounds what a grant of later records may open.
    """
    episodes = _placed(reports)
    if not episodes:
        return []
    newest = episodes[-1].newest
    until = next(one.sort_key for one in newest.stated if one.element is Element.ENROLMENT_STATUS)
    chosen: dict[Element, tuple[str, Stated]] = {}
    for report in episodes[-1].by_day():
        if report.status is EnrolmentStatus.ENDED and report is not newest:
            continue  # an end that was not the end: its closure and dates say nothing any more
        for one in report.stated:
            chosen[one.element] = report.message, one
    return [
        (message, Stated(one.element, one.value, one.epistemic, until, one.scope)) for message, one in chosen.values()
    ]


def out_of_order(reports: Sequence[Report], filed: str) -> bool:
    """Whether the report ``filed`` contradicts its episode: planned, or declined before the start, after the start.

    Domain rules 4.3: planned, active, paused and active again, ended; ``declined_start`` closes what never began. What
    was not reported contradicts nothing: a first report may be of any state.
    """
    episodes = _placed(reports)
    own = next((one.by_day() for one in episodes if any(report.message == filed for report in one.reports)), [])
    begun = False
    for report in own:
        before_start = report.status is EnrolmentStatus.PLANNED or _declined(report)
        if begun and before_start:
            return True
        begun = begun or report.status in (EnrolmentStatus.ACTIVE, EnrolmentStatus.PAUSED)
    return False


def _declined(report: Report) -> bool:
    closure = (one.value for one in report.stated if one.element is Element.ENROLMENT_CLOSURE)
    return next(closure, None) == Closure.DECLINED_START.value


def _placed(reports: Sequence[Report]) -> list[_Episode]:
    episodes: list[_Episode] = []
    for report in reports:
        episode = _own(report, episodes)
        if episode is not None:
            episode.add(report)
        elif report.last_day != ACCEPTANCE or not episodes or not episodes[-1].is_open():
            episodes.append(_Episode(report))
    return episodes


def _own(report: Report, episodes: Sequence[_Episode]) -> _Episode | None:
    """The episode that a report continues; an acceptance continues none."""
    if report.last_day == ACCEPTANCE or not episodes:
        return None
    for episode in reversed(episodes):
        if not episode.is_open() and report.last_day <= episode.newest.last_day:
            return episode
    return episodes[-1] if episodes[-1].is_open() else None
