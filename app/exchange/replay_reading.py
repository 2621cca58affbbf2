"""What was ever known of one case to one unit, each piece with the instant from which on it was known.

Everything here is dated or only ever added: nothing of it has to be remembered for the sake of an explanation. What an
erasure destroyed is not there any more, and cannot be explained.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.exchange.hub import Hub
from app.exchange.restriction_rows import said_of
from app.exchange.suspensions import VOID_IF_UPHELD
from app.storage import cases, pending, replay, restrictions
from app.storage.database import Reader, Row

Span = tuple[int, int | None]
"""From when until before when (microseconds); None is open."""


@dataclass(frozen=True, slots=True)
class StoredInstrument:
    """One instrument: its row and every dated thing that narrows it."""

    row: Row
    revocations: tuple[tuple[int, int, str], ...]
    """(entered at, requested at, selection)."""
    suspensions: tuple[Span, ...]
    entered_in_error_at: int | None


@dataclass(frozen=True, slots=True)
class StoredRestriction:
    """One restriction: what it takes, since when it binds, and how it ended."""

    patient: str
    elements: str
    unit: str | None
    bound: Span
    noticed: tuple[int, int] | None
    """When it was ended by notice, and the last day (ordinal) that it still covers."""


@dataclass(frozen=True, slots=True)
class History:
    """All of it. ``view`` is None for a case that the unit does not have."""

    view: Row | None
    instruments: tuple[StoredInstrument, ...]
    restrictions: tuple[StoredRestriction, ...]
    events: tuple[tuple[int, str, int], ...]
    """(received at, code, occurred at)."""
    assignments: tuple[tuple[str, int, int | None], ...]
    profiles: dict[str, tuple[tuple[int, str], ...]]
    """Unit -> (since, profile), oldest first."""

    def moments(self) -> set[int]:
        """Every instant at which something became known."""
        spans = [span for one in self.instruments for span in one.suspensions]
        spans += [one.bound for one in self.restrictions]
        spans += [(since, until) for _, since, until in self.assignments]
        found = {at for span in spans for at in span if at is not None}
        found |= {at for at, _, _ in self.events} | {since for own in self.profiles.values() for since, _ in own}
        found |= {one.noticed[0] for one in self.restrictions if one.noticed is not None}
        for one in self.instruments:
            dated = ("activated_at", "superseded_at", "closed_at", "ended_at", "discloser_closed_at")
            found |= {one.row[name] for name in dated if one.row[name] is not None}
            found |= {at for at, _, _ in one.revocations} | {one.entered_in_error_at or 0}
        return found


async def history_of(reader: Reader, hub: Hub, unit: str, case_id: str, until: int) -> History:
    """What is stored of a case as the unit names it; of profiles only those of before ``until`` (microseconds)."""
    view = await reader.one(replay.VIEW, unit=unit, case_id=case_id)
    if view is None:
        return History(None, (), (), (), (), {unit: await _profiles(reader, unit, until)})
    key = view["case_key"]
    rows = await reader.all(replay.INSTRUMENTS, unit=unit, key=key, since=view["since"])
    units = sorted({unit, *(row["unit_id"] for row in rows)})
    assigned = await reader.all(replay.ASSIGNMENTS, unit=unit, key=key)
    return History(
        view,
        tuple([await _instrument(reader, row) for row in rows]),
        tuple(
            [one for patient in sorted({r["patient_id"] for r in rows}) for one in await _bound(reader, hub, patient)]
        ),
        tuple((e["received_at"], e["code"], e["occurred_at"]) for e in await reader.all(cases.EVENTS, key=key)),
        tuple((row["person"], row["from_at"], row["until_at"]) for row in assigned),
        {one: await _profiles(reader, one, until) for one in units},
    )


async def _profiles(reader: Reader, unit: str, until: int) -> tuple[tuple[int, str], ...]:
    rows = await reader.all(replay.PROFILES, unit=unit, at=until)
    return tuple((row["since"], row["profile"]) for row in rows)


async def _instrument(reader: Reader, row: Row) -> StoredInstrument:
    entered = await reader.all(pending.ENTERED, consent=row["id"])
    taken = tuple((one["created_at"], one["requested_at"], one["selection"]) for one in entered)
    doubts = await reader.all(replay.SUSPENSIONS, consent=row["id"])
    spans = tuple(dict.fromkeys((one["from_at"], one["until_at"]) for one in doubts))
    return StoredInstrument(row, taken, spans, _error(doubts) if row["entered_in_error"] else None)


def _error(doubts: Sequence[Row]) -> int:
    """When the second person upheld the doubt: one that was not upheld was lifted then. 0 if that cannot be told."""
    decided = [one for one in doubts if one["closed_at"] is not None and one["cause"] in VOID_IF_UPHELD]
    standing = [one["closed_at"] for one in decided if one["until_at"] is None]
    return min(standing or [one["closed_at"] for one in decided], default=0)


async def _bound(reader: Reader, hub: Hub, patient: str) -> list[StoredRestriction]:
    rows = await reader.all(restrictions.OF_PATIENT, patient=patient)
    return [_restriction(row, said_of(hub, row)) for row in rows if row["agreed_at"] is not None]


def _restriction(row: Row, said: dict[str, Any]) -> StoredRestriction:
    """A copy beside another record of the person binds since it was made (``restriction_rows.share``)."""
    lifted = row["lifted_day"]
    noticed = said.get("noticed") if lifted is None else (row["ended_at"], lifted)
    bound = (max(row["agreed_at"], said.get("copied_at", 0)), row["ended_at"] if lifted is None else None)
    first = (noticed[0], noticed[1]) if noticed is not None else None
    return StoredRestriction(row["patient_id"], row["elements"], row["recipient_unit"], bound, first)


def elements_of(one: StoredRestriction) -> list[str]:
    """What it takes, by name."""
    found: list[str] = orjson.loads(one.elements)
    return found
