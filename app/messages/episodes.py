"""What is current of an enrolment, from the reports of one case in the order filed (design 6).

An episode begins with an acceptance or a report while none is open, and ends with the report *ended* that is its
newest. Late reports about weeks of an episode that ended belong to it and never reopen it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.messages.derive import Stated
from app.vocabulary import Element
from app.vocabulary.codes import EnrolmentStatus

ACCEPTANCE = 0
"""``last_day`` of an acceptance: it reports no week, so that any report is newer than it."""


@dataclass(frozen=True, slots=True)
class Report:
    """One report in force: its message, the last day it speaks about, and what it states."""

    message: str
    last_day: int
    status: EnrolmentStatus
    stated: tuple[Stated, ...]


def current(reports: Sequence[Report]) -> list[tuple[str, Stated]]:
    """(message, statement) of every state-like element of the latest episode: what its newest report says of it.

    All speak until the episode's end, which bounds what a grant of later records may open.
    """
    episodes: list[list[Report]] = []
    for report in reports:
        _place(report, episodes)
    if not episodes:
        return []
    latest = sorted(episodes[-1], key=lambda report: report.last_day)  # stable: of one day, the later filed
    newest = latest[-1]
    until = next(one.sort_key for one in newest.stated if one.element is Element.ENROLMENT_STATUS)
    chosen: dict[Element, tuple[str, Stated]] = {}
    for report in latest:
        if report.status is EnrolmentStatus.ENDED and report is not newest:
            continue  # an end that was not the end: its closure and dates say nothing any more
        for one in report.stated:
            chosen[one.element] = report.message, Stated(one.element, one.value, one.epistemic, until, one.scope)
    return list(chosen.values())


def _place(report: Report, episodes: list[list[Report]]) -> None:
    if report.last_day == ACCEPTANCE:
        if not episodes or not _is_open(episodes[-1]):
            episodes.append([report])
        return
    for episode in reversed(episodes):
        if not _is_open(episode) and report.last_day <= max(one.last_day for one in episode):
            episode.append(report)
            return
    if episodes and _is_open(episodes[-1]):
        episodes[-1].append(report)
    else:
        episodes.append([report])


def _is_open(episode: list[Report]) -> bool:
    newest = max(enumerate(episode), key=lambda placed: (placed[1].last_day, placed[0]))[1]
    return newest.status is not EnrolmentStatus.ENDED
