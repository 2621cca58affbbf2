"""How long the technical log is kept: what released nothing goes when every law concerned lets go of it.

The disclosure ledger is another thing with another life: nothing of it is deleted (docs/decisions/0037).
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from functools import partial
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import orjson

from app.consent.local_time import end_of_day, local_day, start_of_day, zone_of
from app.consent.profile import Profile
from app.exchange.entries import ASKED
from app.exchange.hub import Hub
from app.exchange.unit import read, write
from app.storage import retention
from app.storage.database import Reader, Row, Transaction

BATCH: Final = 500
"""Consultations looked at in one transaction, so that whoever waits for the writer waits for a moment."""
OUTCOMES: Final = ("deleted", "kept_by_law", "kept_by_hold", "law_unknown")
_Laws = Mapping[str, frozenset[str]]


class _Log(NamedTuple):
    """What is one unit's of the technical log, and the profiles of all units, by unit."""

    unit: str
    zone: ZoneInfo
    laws: _Laws


class _Place(NamedTuple):
    """Behind which consultation the next batch begins."""

    at: int = -1
    id: str = ""


async def retain(hub: Hub) -> dict[str, int]:
    """Delete what may go, unit by unit in batches; how many went, and how many older than a year stayed, by why.

    A second run that meets a first one, or one that was stopped, does no harm: each batch is whole.
    """
    counts = Counter(dict.fromkeys(OUTCOMES, 0))
    for log in (await read(hub, _logs)).value:
        place: _Place | None = _Place()
        while place is not None:
            found, place = (await write(hub, partial(_batch, hub.profiles, log, place))).value
            counts += Counter(found)
    return {outcome: counts[outcome] for outcome in OUTCOMES}


def kept_until(at: int, period: str, zone: ZoneInfo) -> int:
    """The instant (microseconds) from which an entry of ``at`` is kept no longer, by the days of ``zone``.

    ``period`` is a value of the setting ``log_retention``: ``6y`` ends with the day six years later, that of 29
    February with 1 March; ``end_of_next_year`` with the calendar year after (BDSG 76(4)). Never under 365 days.
    """
    day = local_day(at, zone)
    if period == "end_of_next_year":
        ends = start_of_day(date(day.year + 2, 1, 1), zone)
    else:
        ends = end_of_day(_years_later(day, int(period.removesuffix("y"))), zone)
    return max(ends, at + retention.LEAST_US)


def _years_later(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


async def _logs(reader: Reader) -> list[_Log]:
    laws: dict[str, set[str]] = {}
    for row in await reader.all(retention.PROFILES):
        laws.setdefault(row["id"], set()).add(row["profile"])
    frozen = {unit: frozenset(profiles) for unit, profiles in laws.items()}
    return [_Log(row["id"], zone_of(row["time_zone"]), frozen) for row in await reader.all(retention.UNITS)]


async def _batch(
    profiles: Mapping[str, Profile], log: _Log, place: _Place, tx: Transaction
) -> tuple[Counter[str], _Place | None]:
    now = await tx.now()
    page = await tx.all(
        retention.PAGE,
        unit=log.unit,
        until=now - retention.LEAST_US,
        after_at=place.at,
        after_id=place.id,
        most=BATCH,
    )
    found: Counter[str] = Counter()
    for row in page:
        outcome = await _outcome(profiles, log, row, now, tx)
        if outcome != "deleted":
            found[outcome] += 1
        else:
            found[outcome] += await tx.run(retention.DELETE, id_=row["id"])
    return found, _Place(page[-1]["at"], page[-1]["id"]) if len(page) == BATCH else None


async def _outcome(profiles: Mapping[str, Profile], log: _Log, row: Row, now: int, reader: Reader) -> str:
    entry: dict[str, Any] = orjson.loads(row["entry"])
    subject = await reader.one(retention.SUBJECT, subject=entry["subject"]) if entry.get("subject") else None
    if subject is not None and subject["held"]:
        return "kept_by_hold"
    concerned = log.laws[subject["unit_id"]] if subject is not None else _decided_under(entry)
    # A miss says of nobody whose patient was looked for: then whichever law keeps it longest may be theirs.
    names = log.laws[log.unit] | concerned if concerned else frozenset[str]().union(*log.laws.values())
    laws = [profiles.get(name) for name in names]
    periods = {law.settings["log_retention"] for law in laws if law is not None}
    if None in laws:
        return "law_unknown"
    ends = max(kept_until(row["at"], period, log.zone) for period in periods)
    return "deleted" if now >= ends else "kept_by_law"


def _decided_under(entry: Mapping[str, Any]) -> frozenset[str]:
    """The profiles of all whose consents were looked at; none if in some case there was no consent to look at.

    With no consent there is no reason either. Of several cases one entry does not say in which of them there was one.
    """
    one = entry.get(ASKED, {}).get("cases") == 1
    return frozenset(entry["profiles"]) if one and (entry["reasons"] or entry["outcome"] == "permit") else frozenset()
