"""Which weeks are still to be reported: from the cadence of the accepted referrals and what is filed. No job is run."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.hub import Hub
from app.exchange.unit import Committed, read
from app.storage import reports_due
from app.storage.database import Reader, Row
from app.storage.sealing import normalised
from app.vocabulary.calendar import Frame, day_of, iso, monday
from app.vocabulary.codes import Cadence, Decision, EnrolmentStatus

AHEAD_DAYS: Final = 7
"""How far ahead the list looks unless ``until`` says otherwise."""

FURTHEST_DAYS: Final = 53 * 7
"""How far ahead it can be asked to look: every week until then is put together, of every patient, for one page."""


class Due(NamedTuple):
    """One report that is asked for, in the order of the list: when, of whom, for which referral; days are ordinals."""

    day: int
    patient: str
    referral: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list: until which day (None: a week ahead), after which entry, how many."""

    until: int | None
    after: Due | None
    limit: int


def listing(hub: Hub, caller: Caller, asked: Mapping[str, str], limit: int) -> Listing:
    """The page that a query names.

    Raises:
        Invalid: no day, or a cursor of another list.
    """
    after: Due | None = None
    if "after" in asked:
        after = Due(*place_in(hub, caller, asked["after"], ["reports_due", asked.get("until")]))
    return Listing(_day(asked["until"]) if "until" in asked else None, after, limit)


def _day(text: str) -> int:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        day = None
    if day is None or not 1900 <= day.year <= 2199:
        raise Invalid((Flaw("", "parameter_invalid", "until is a day as 2026-11-24."),))
    return day.toordinal()


def cursor(hub: Hub, caller: Caller, asked: Mapping[str, str], following: Due | None) -> str | None:
    """The sealed cursor of the next page, if there is one."""
    return (
        hub.vault.cursor(caller.unit, caller.client, ["reports_due", asked.get("until"), *following])
        if following
        else None
    )


async def listed(hub: Hub, caller: Caller, page: Listing) -> Committed[tuple[list[dict[str, Any]], Due | None]]:
    """The reports not yet filed that are or fall due by the day asked, those due first at the top.

    Raises:
        Invalid: it lies too far ahead.
    """

    async def flow(reader: Reader) -> tuple[list[dict[str, Any]], Due | None]:
        today = day_of(await reader.now())
        until = page.until if page.until is not None else today + AHEAD_DAYS
        if until > today + FURTHEST_DAYS:
            raise Invalid((Flaw("", "parameter_invalid", "until is a day at most 53 weeks ahead."),))
        reading = _Reading(hub, caller.unit, reader)
        asked = sorted(await reading.asked(until))
        found: list[Due] = []
        for due in asked[bisect_right(asked, page.after) if page.after is not None else 0 :]:
            if not await reading.over(due):
                found.append(due)
            if len(found) > page.limit:
                break
        shown = [_shown(due, reading.case_ids[due.referral], today) for due in found[: page.limit]]
        return shown, found[page.limit - 1] if len(found) > page.limit else None

    return await read(hub, flow)


def _shown(due: Due, case_id: str, today: int) -> dict[str, Any]:
    return {
        "patient_id": due.patient,
        "referral_id": due.referral,
        "case_id": case_id,
        "period": {"start": iso(due.first), "end": iso(due.last)},
        "due": iso(due.day),
        "overdue": due.day < today,
    }


class _Filed:
    """What is reported of one person for one case: the weeks, by their Mondays, and the reports by their last day."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.weeks = {day for row in rows for day in range(row["first_day"], row["last_day"] + 1, 7)}
        self._rows = rows
        self._last_days = [row["last_day"] for row in rows]

    def before(self, day: int) -> Row | None:
        """The newest report of days before this one."""
        place = bisect_left(self._last_days, day)
        return self._rows[place - 1] if place else None


class _Reading:
    """What is stored of one clinic, as far as its list needs it; a report is opened where its days say too little."""

    def __init__(self, hub: Hub, unit: str, reader: Reader) -> None:
        self._hub = hub
        self._unit = unit
        self._reader = reader
        self.case_ids: dict[str, str] = {}
        """Referral -> the clinic's own case_id."""
        self._lane: dict[str, str] = {}
        self._lanes: dict[str, set[str]] = {}
        self._goes_on: dict[str, str] = {}
        self._reports: dict[str, list[Row]] = {}
        self._filed: dict[tuple[str, str], _Filed] = {}
        self._words: dict[str, Any] = {}

    async def asked(self, until: int) -> list[Due]:
        """Everything that the accepted referrals of live cases ask for by a day, reported or not."""
        merges = await self._reader.all(reports_due.MERGES, unit=self._unit)
        self._goes_on = {row["merged_id"]: row["survivor_id"] for row in merges}
        answers = await self._reader.all(reports_due.DECISIONS, unit=self._unit)
        # An answer counts for the person of its own referral alone, however it came to stand with another record.
        accepted = {(row["scope"], self._person(row["patient_id"])) for row in answers if self._accepts(row)}
        found: list[Due] = []
        for row in await self._reader.all(reports_due.ANSWERED, unit=self._unit):
            person = self._person(row["patient_id"])
            if (row["id"], person) in accepted:
                self._lane[row["id"]] = row["case_key"]
                self._lanes.setdefault(person, set()).add(row["case_key"])
                found += self._of_referral(row, person, until)
        for row in await self._reader.all(reports_due.REPORTED, unit=self._unit):
            self._reports.setdefault(self._person(row["patient_id"]), []).append(row)
        return found

    def _accepts(self, row: Row) -> bool:
        stated: Any = self._hub.vault.open(row["sealed"], row["patient_id"], row["message_id"], "referral.decision")
        return bool(stated[0]["decision"] == Decision.ACCEPTED.value)

    def _person(self, record: str) -> str:
        """The record under which reports about the person of a record are filed now."""
        while record in self._goes_on:
            record = self._goes_on[record]
        return record

    def _of_referral(self, row: Row, person: str, until: int) -> Iterator[Due]:
        stored: Any = self._hub.vault.open(row["sealed"], "referral", row["id"])
        type_, value = stored["case"]
        named = ("case", stored["imposing_unit"], type_, normalised(value))
        self.case_ids[row["id"]] = self._hub.vault.view_id(self._unit, *named)
        frame = Frame.parse(stored.get("scope", row["scope"]))
        first = frame.grid.start_of(day_of(row["answered_at"]))
        for day, start, last in _windows(stored["words"], frame, first, until):
            yield Due(day, person, row["id"], start, last)

    async def over(self, due: Due) -> bool:
        """Whether every week is reported for this case, or treatment had ended before the first of them."""
        filed = await self._of_lane(due.patient, self._lane[due.referral])
        if filed.weeks.issuperset(range(due.first, due.last + 1, 7)):
            return True
        before = filed.before(due.first)
        ended = EnrolmentStatus.ENDED.value
        return before is not None and bool((await self._opened(before))["words"]["status"] == ended)

    async def _of_lane(self, person: str, lane: str) -> _Filed:
        if (person, lane) not in self._filed:
            rows = self._reports.get(person, [])
            if len(self._lanes[person]) > 1:  # else a report can be restricted to no other case
                rows = [row for row in rows if lane in (cases := (await self._opened(row))["cases"]) or not cases]
            self._filed[person, lane] = _Filed(rows)
        return self._filed[person, lane]

    async def _opened(self, row: Row) -> Any:
        if row["id"] not in self._words:
            stored = await self._reader.one(reports_due.WORDS, message=row["id"], unit=self._unit)
            sealed = stored["sealed"] if stored is not None else b""
            self._words[row["id"]] = self._hub.vault.open(sealed, row["patient_id"], row["id"], "message")
        return self._words[row["id"]]


def _windows(words: Any, frame: Frame, first: int, until: int) -> Iterator[tuple[int, int, int]]:
    """(due, first day, last day) of each report asked for by a day, from the window that begins on ``first``.

    A window is due on the day after it; a report for a hearing, of the whole weeks before it, on its day.
    """
    conditions = words["conditions"]
    if conditions["cadence"] == Cadence.PER_HEARING.value:
        hearing = _ordinal(words.get("court_appearance_date"))
        if hearing is not None and hearing <= until and monday(hearing) > first:
            yield hearing, first, monday(hearing) - 1
        return
    ends = _ordinal(conditions.get("end_date"))
    start = first
    while frame.grid.last_day(start) < until and (ends is None or start <= ends):
        last = frame.grid.last_day(start)
        yield last + 1, start, last
        start = last + 1


def _ordinal(day: str | None) -> int | None:
    return date.fromisoformat(day).toordinal() if day is not None else None
