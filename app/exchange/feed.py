"""The event feed by pull: which of its own cases a justice unit may read something new of (design 6).

An entry is due iff the view says something that the reader was not yet told; it is numbered in the transaction that
records its release. Entries whose view is empty today are left out, their numbers never used again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.consent.minimise import Parcel, minimise, pointers
from app.errors import Forbidden, Gone
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.entries import recording
from app.exchange.feed_views import View, has_news, name_of, packed, question_of, unpacked, view_of, week_ends
from app.exchange.hub import Hub
from app.exchange.release import ATTEMPTS, granted
from app.exchange.unit import Committed, write
from app.storage import feed, restored
from app.storage.database import GateKey, Row, Transaction, Unavailable
from app.vocabulary import PURPOSES_OF_ROLE, MessageKind, Purpose
from app.vocabulary.calendar import DAY_US, day_of

KEPT_DAYS: Final = 30
_CHUNK: Final = 50
_View = tuple[str, Purpose]


@dataclass(frozen=True, slots=True)
class Told:
    """A page of news and the number it reaches to."""

    entries: tuple[dict[str, Any], ...]
    reached: int


class _Moved(Exception):
    """The gate moved between decision and record: what it moved about is decided again."""


async def pull(hub: Hub, caller: Caller, after: str | None, limit: int) -> Committed[tuple[Told, str]]:
    """News after a place in the reader's own feed, and the cursor to ask after next.

    Raises:
        Forbidden: the role reads for no purpose.
        Gone: the cursor is older than what the feed keeps.
        Unavailable: the record cannot be written; then nothing leaves and nothing is numbered.
    """
    require_reader(caller)

    async def flow(tx: Transaction) -> tuple[Told, str]:
        now = await tx.now()
        life = await restored.life(tx)
        page = await _Pull(hub, caller, tx, now).page(_place(hub, caller, after, now, life), limit)
        return page, hub.vault.cursor(caller.unit, caller.client, [*_reader(caller), page.reached, day_of(now), life])

    return await write(hub, flow)


def require_reader(caller: Caller) -> None:
    """Refuse a role that reads for no purpose: it has no feed."""
    if not PURPOSES_OF_ROLE[caller.role]:
        raise Forbidden("purpose_not_for_role", "This role may not state this purpose, whoever it is about.")


def _reader(caller: Caller) -> list[str]:
    return ["feed", caller.role.value, caller.person or ""]


def _place(hub: Hub, caller: Caller, after: str | None, now: int, life: int) -> int:
    if after is None:
        return 0
    number, day, *lives = place_in(hub, caller, after, _reader(caller))
    if day_of(now) - day > KEPT_DAYS or (*lives, 0)[0] != life:
        raise _gone()
    return int(number)


def _gone() -> Gone:
    """Also of a place that was given in a life of the database that is lost: its number means something else now."""
    detail = "News is kept for 30 days. Read every case once (POST …/search), then ask here without after."
    return Gone("cursor_too_old", detail)


class _Pull:
    """One pull of one reader: a unit in a role, and a person where one acts."""

    def __init__(self, hub: Hub, caller: Caller, tx: Transaction, now: int) -> None:
        self._hub = hub
        self._caller = caller
        self._tx = tx
        self._now = now
        self._reader = name_of(caller.unit, caller.role, caller.person)
        self._purposes = sorted(PURPOSES_OF_ROLE[caller.role])
        self._parcels: dict[_View, Parcel] = {}

    async def page(self, after: int, limit: int) -> Told:
        """Number what is due, list what stands after ``after`` and may be read today, and record that it was told.

        What somebody else's act moves meanwhile is decided again alone, with the gate held, so that a busy clinic can
        neither undo the rest nor keep the reader from it.
        """
        await self._tx.run(feed.ENTER, reader=self._reader, case_id="", mark=0, due_at=0)
        await self._tx.run(feed.HOLD, of=self._reader)
        for _ in range(ATTEMPTS):
            try:
                async with self._tx.savepoint():
                    return await self._told(after, limit)
            except _Moved:
                await self._tx.hold([key for key, _ in self._gates()])
                await self._forget_moved()
        raise Unavailable("the gate kept moving")

    async def _told(self, after: int, limit: int) -> Told:
        await self._number(limit, after)
        rows = await self._list(after, limit)
        if not self._parcels:
            await self._open([""])
        shown = [
            pointers(parcel, {row["kind"] for row in rows if (row["case_id"], row["purpose"]) == view})
            for view, parcel in self._parcels.items()
        ]
        cases = sorted({case_id for case_id, _ in self._parcels})
        if not await self._tx.record(recording(shown, self._caller, self._hub.vault, cases), exclusive=False):
            raise _Moved
        return Told(tuple(_entry(row) for row in rows), rows[-1]["number"] if rows else after)

    def _gates(self) -> list[tuple[GateKey, int]]:
        read = {gate for parcel in self._parcels.values() for gate in parcel.verdict.facts.gates}
        return [(GateKey(name, lock_unit), epoch) for name, lock_unit, epoch in sorted(read)]

    async def _forget_moved(self) -> None:
        gates = self._gates()
        rows = await self._tx.raw("epochs", [key.name for key, _ in gates])
        epochs = {row["key"]: row["epoch"] for row in rows}
        moved = {key.name for key, epoch in gates if epochs.get(key.name, 0) != epoch}
        now = await self._tx.now()
        self._parcels = {
            view: parcel
            for view, parcel in self._parcels.items()
            if now < parcel.verdict.valid_until and moved.isdisjoint(name for name, _, _ in parcel.verdict.facts.gates)
        }

    async def _open(self, cases: Sequence[str]) -> None:
        """Decide and read the views of these cases, for every purpose of the role."""
        wanted = [
            (case, purpose) for case in cases for purpose in self._purposes if (case, purpose) not in self._parcels
        ]
        if wanted:
            rows = await granted(self._hub, self._tx, [question_of(self._caller, *view) for view in wanted])
            self._parcels |= {view: minimise(one) for view, one in zip(wanted, rows, strict=True)}

    async def _number(self, limit: int, reached: int) -> None:
        last = await self._tx.one(feed.LAST, reader=self._reader)
        number, due, after = (last["number"] if last is not None else 0), 0, ""
        if reached > number:  # what is numbered now would be passed over by its reader
            raise _gone()
        asked = {"reader": self._reader, "unit": self._caller.unit, "now": self._now, "most": _CHUNK}
        while due < limit:
            found = await self._tx.all(feed.CANDIDATES, after_case=after, **asked)
            await self._open([row["case_id"] for row in found])
            for row in found:
                if due >= limit:
                    return
                news = await self._settle(row, number)
                number, due, after = number + news, due + news, row["case_id"]
            if len(found) < _CHUNK:
                return

    async def _settle(self, case: Row, number: int) -> int:
        """Compare the views of one case with what was told of them, and keep what they say now; how many had news."""
        rows = await self._tx.all(feed.VIEWS, reader=self._reader, case_id=case["case_id"])
        kept = {(row["kind"], row["purpose"]): row for row in rows}
        news, until = 0, week_ends(self._now)
        for purpose in self._purposes:
            parcel = self._parcels[case["case_id"], purpose]
            until = min(until, parcel.verdict.valid_until)
            for kind in MessageKind:
                place = {"case_id": case["case_id"], "kind": kind.value, "purpose": purpose.value}
                view = view_of(self._hub.vault, parcel, kind)
                news += await self._compare(place, view, kept.get((kind.value, purpose.value)), number + news)
        seen = {"reader": self._reader, "case_id": case["case_id"]}
        if case["named"]:
            await self._tx.run(feed.SEE, mark=case["mark"], due_at=until, **seen)
        else:
            await self._tx.run(feed.FORGET, **seen)
        return news

    async def _compare(self, place: dict[str, str], view: View, kept: Row | None, number: int) -> int:
        before = unpacked(kept["digest"]) if kept is not None else {}
        if has_news(before, view):
            await self._keep(place, packed(view), number + 1, self._now)
            return 1
        if kept is not None and packed(view) != kept["digest"]:
            await self._keep(place, packed(view), kept["number"], kept["created_at"])
        return 0

    async def _keep(self, place: dict[str, str], digest: str, number: int, at: int) -> None:
        await self._tx.run(feed.TELL, reader=self._reader, digest=digest, number=number, created_at=at, **place)

    async def _list(self, after: int, limit: int) -> list[Row]:
        """Full until the last: what may not be read today is passed over, not left as a gap in the page."""
        shown: list[Row] = []
        since = self._now - KEPT_DAYS * DAY_US
        while True:
            rows = await self._tx.all(feed.PAGE, reader=self._reader, after=after, since=since, most=limit)
            await self._open(sorted({row["case_id"] for row in rows}))
            for row in rows:
                if await self._is_open(row):
                    shown.append(row)
                if len(shown) == limit:
                    return shown
            if len(rows) < limit:
                return shown
            after = rows[-1]["number"]

    async def _is_open(self, row: Row) -> bool:
        """Whether an entry may be told; one that is passed over is forgotten, so that what is allowed again is news."""
        parcel = self._parcels[row["case_id"], Purpose(row["purpose"])]
        if view_of(self._hub.vault, parcel, MessageKind(row["kind"])).open:
            return True
        if row["digest"]:
            place = {name: row[name] for name in ("case_id", "kind", "purpose")}
            await self._keep(place, "", row["number"], row["created_at"])
        return False


def _entry(row: Row) -> dict[str, Any]:
    asked = f"purpose={row['purpose']}"
    read = {
        MessageKind.REFERRAL.value: f"/v1/cases/{row['case_id']}/report?{asked}",
        MessageKind.ASSESSMENT.value: f"/v1/assessments?case={row['case_id']}&{asked}",
        MessageKind.TREATMENT_STATUS.value: f"/v1/treatment-statuses?case={row['case_id']}&{asked}",
    }
    shown = {name: row[name] for name in ("number", "case_id", "kind", "purpose")}
    return shown | {"read": read[row["kind"]]}
