"""What could be read at the instant of a release, and what could have been, had the message been right from the start.

Whether somebody holds a wrong value must not depend on what was filed after they read it: they may not be allowed to
know of that. So both are derived from what was filed by then, with the wrong message and with what took its place.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Generic, NamedTuple, TypeVar

import orjson
from pydantic import TypeAdapter

from app.exchange.entries import mark
from app.exchange.hub import Hub
from app.exchange.reported import Told, opened, weeks_of
from app.messages.assessment import Assessment
from app.messages.derive import Stated, of_assessment, provided
from app.messages.episodes import ACCEPTANCE, current
from app.messages.windows import of_window
from app.storage import messages, registry
from app.storage.database import Reader, Row
from app.vocabulary import MessageKind
from app.vocabulary.calendar import Frame

FOREVER: Final = 2**62
ASSESSMENT: Final = TypeAdapter(Assessment)
What = TypeVar("What")


class Place(NamedTuple):
    """Where a value is read: ``lane`` is the case that reads it ("": any), ``start`` the window's first day or 0."""

    lane: str
    kind: str
    element: str
    scope: str
    start: int


Values = dict[Place, int]
"""What is read at each place, as the mark of its value."""


@dataclass(frozen=True, slots=True)
class Read(Generic[What]):
    """The messages of one kind, opened, and when each was in force: id -> (it, from, until)."""

    filed: Mapping[str, tuple[What, int, int]]
    swapped: Mapping[str, tuple[What, What | None]]
    """Id -> (as it was until now, as it has been put right; None: taken out) of what was found wrong."""
    values: Callable[[Iterable[What]], Values]
    alone: Values = field(default_factory=dict)
    """What the message says that took the place of the wrong one, whichever else hides it."""
    _times: list[int] = field(default_factory=list)
    _known: dict[int, dict[Place, set[int]]] = field(default_factory=dict)

    def wrong_at(self, at: int) -> Mapping[Place, set[int]]:
        """Place -> mark of the value that was read there at this instant (microseconds) and was wrong."""
        if not self._times:
            self._times.extend(sorted({instant for _, *span in self.filed.values() for instant in span}))
        span = bisect_right(self._times, at)
        if span not in self._known:
            self._known[span] = self._wrong(at)
        return self._known[span]

    def _wrong(self, at: int) -> dict[Place, set[int]]:
        standing = {name: what for name, (what, since, until) in self.filed.items() if since <= at < until}
        if self.swapped.keys().isdisjoint(standing):
            return {}
        pairs = [self.swapped.get(name, (what, what)) for name, what in standing.items()]
        read = self.values(one for one, _ in pairs)
        right = self.values(one for _, one in pairs if one is not None)
        return {
            place: {value} for place, value in read.items() if value not in (right.get(place), self.alone.get(place))
        }


class Frames(NamedTuple):
    """The cases that read state-like values, and (case, frame) of those that read windows."""

    lanes: set[str]
    windows: set[tuple[str, str]]


async def reports_read(reader: Reader, hub: Hub, unit: str, patient: str, wrong: Row, frames: Frames) -> Read[Told]:
    """Of treatment statuses; ``wrong`` is one that was just put right, or the answer to a referral that filed one."""
    rows, cut = await _history(reader, unit, patient, wrong, MessageKind.TREATMENT_STATUS)
    known = {row["id"]: opened(hub, patient, row) for row in rows}
    if wrong["kind"] == MessageKind.REFERRAL:
        swapped = _plans(hub, patient, rows, known, cut)
    else:
        swapped = _corrected(wrong, rows, known)
    own = await reader.one(registry.UNIT, unit=unit)
    name: str = own["name"] if own is not None else unit
    days = {day for pair in swapped.values() for one in pair if one is not None for day in _days(one)}

    def values(told: Iterable[Told]) -> Values:
        ordered = sorted(told, key=lambda one: (one.position, one.report.message))
        return _states(ordered, frames.lanes, name) | _windows(ordered, frames.windows, days)

    return Read(_spans(rows, known, cut), swapped, values)


class Made(NamedTuple):
    """An assessment as filed: in the order of its day, and of one day in that in which it was filed."""

    day: int
    filed: int
    cases: frozenset[str]
    stated: tuple[Stated, ...]


async def assessments_read(
    reader: Reader, hub: Hub, unit: str, patient: str, wrong: Row, lanes: set[str]
) -> Read[Made]:
    """Of assessments. They stand beside each other: a newer one takes nothing back of an earlier one."""
    rows, cut = await _history(reader, unit, patient, wrong, MessageKind.ASSESSMENT)
    known = {row["id"]: _made(hub, patient, row) for row in rows}

    def values(made: Iterable[Made]) -> Values:
        return {
            Place(lane, MessageKind.ASSESSMENT, stated.element, "", 0): _mark(stated)
            for one in sorted(made, key=lambda one: (one.day, one.filed))
            for lane in (lanes & one.cases if one.cases else lanes)
            for stated in one.stated
        }

    swapped = _corrected(wrong, rows, known)
    after = [right for _, right in swapped.values() if right is not None]
    return Read(_spans(rows, known, cut), swapped, values, values(after))


async def _history(reader: Reader, unit: str, patient: str, wrong: Row, kind: MessageKind) -> tuple[Sequence[Row], int]:
    """Every message of the kind, and when that was filed which takes the place of the wrong one."""
    row = await reader.one(messages.ANY, message=wrong["id"], unit=unit)
    by = await reader.one(messages.ANY, message=row["superseded_by"], unit=unit) if row is not None else None
    if by is None:
        raise RuntimeError("nothing was put in the place of a message that is said to be wrong")
    return await reader.all(messages.HISTORY, patient=patient, unit=unit, kind=kind.value), by["created_at"]


def _spans(rows: Sequence[Row], known: Mapping[str, What], cut: int) -> dict[str, tuple[What, int, int]]:
    """When each was in force, as whoever read before the gate saw it: nothing filed or taken out since ``cut``."""
    spans = {}
    for row in rows:
        until = row["until"] if row["until"] is not None and row["until"] < cut else FOREVER
        if row["created_at"] < cut:
            spans[row["id"]] = (known[row["id"]], row["created_at"], until)
    return spans


def _corrected(wrong: Row, rows: Sequence[Row], known: Mapping[str, What]) -> dict[str, tuple[What, What | None]]:
    """The wrong message and all that it is a correction of: what is wrong in it may have been so from the first."""
    earlier = {row["superseded_by"]: row["id"] for row in rows}
    by = next((row["superseded_by"] for row in rows if row["id"] == wrong["id"]), None)
    pair = known[wrong["id"]], known.get(by) if by is not None else None
    found, one = {}, wrong["id"]
    while one is not None:
        found[one] = pair
        one = earlier.get(one)
    return found


def _plans(
    hub: Hub, patient: str, rows: Sequence[Row], known: Mapping[str, Told], cut: int
) -> dict[str, tuple[Told, Told | None]]:
    """The enrolment as planned that a wrong acceptance filed, and every earlier acceptance of the same referral.

    The same answer may have been given before under another id, and what was read of it is as wrong.
    """
    planned: dict[str, list[Row]] = {}
    for row in rows:
        if row["last_day"] == ACCEPTANCE:
            stored: Any = hub.vault.open(row["sealed"], patient, row["id"], "message")
            planned.setdefault(stored["words"]["referral"], []).append(row)
    swapped: dict[str, tuple[Told, Told | None]] = {}
    for plans in planned.values():
        if any(row["created_at"] < cut and row["until"] is not None and row["until"] >= cut for row in plans):
            right = next((known[row["id"]] for row in plans if row["superseded_by"] is None), None)
            swapped |= {row["id"]: (known[row["id"]], right) for row in plans}
    return swapped


def _states(ordered: Sequence[Told], lanes: set[str], name: str) -> Values:
    found = {}
    for lane in lanes:
        reports = [one.report for one in ordered if not one.cases or lane in one.cases]
        for _, stated in provided(current(reports), name):
            found[Place(lane, MessageKind.TREATMENT_STATUS, stated.element, "", 0)] = _mark(stated)
    return found


def _windows(ordered: Sequence[Told], windows: set[tuple[str, str]], days: set[int]) -> Values:
    found = {}
    for lane, scope in windows:
        frame = Frame.parse(scope)
        own = [one for one in ordered if not one.cases or lane in one.cases]
        for start in {frame.grid.start_of(day) for day in days}:
            inside = [week.status for week in weeks_of(own, start, frame.grid.last_day(start))]
            for stated in of_window(frame, start, inside):
                found[Place(lane, MessageKind.TREATMENT_STATUS, stated.element, scope, start)] = _mark(stated)
    return found


def _days(told: Told) -> range:
    """A day of each week that a report speaks about; none of an acceptance."""
    if told.week is None:
        return range(0)
    period = told.week.status.period
    return range(period.start.toordinal(), period.end.toordinal() + 1, 7)


def _made(hub: Hub, patient: str, row: Row) -> Made:
    stored: Any = hub.vault.open(row["sealed"], patient, row["id"], "message")
    words = ASSESSMENT.validate_json(orjson.dumps(stored["words"]))
    return Made(row["last_day"], row["created_at"], frozenset(stored["cases"]), tuple(of_assessment(words)))


def _mark(stated: Stated) -> int:
    """As of the value that is read: it was stored in between."""
    return mark(orjson.loads(orjson.dumps(stated.value)), stated.epistemic.value)
