"""Consents that expire while they are read, by clocks that pass the end, step over it, and step over it and back.

No act is acknowledged here: what ends a consent is its own date, by the database's clock above its stored floor. A
release reads that clock under the gate's lock, so what is recorded at an instant after the end is a fault, and so is
whatever a read that began after it was told or recorded. What read the clock before the end may still be committing;
how long that takes is reported.
"""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.resilience.race import Read
from tests.resilience.race_arena import Arena
from tests.resilience.race_lane import Lane, Person
from tests.resilience.race_verdict import Row, Told
from tests.storage.direct import change

CREW: Final = 2
"""Persons of each lane whose consents end together."""
HOUR_US: Final = 3_600_000_000
_STEPPING: Final = """
CREATE TABLE IF NOT EXISTS stepped (us bigint NOT NULL);
GRANT SELECT ON stepped TO PUBLIC;
DELETE FROM stepped;
INSERT INTO stepped VALUES (0);
CREATE OR REPLACE FUNCTION clock_us() RETURNS bigint LANGUAGE sql VOLATILE AS $$
  SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + (SELECT us FROM stepped) $$;
"""
PASSES, OVER, BACK = "expiry passes", "expiry stepped over", "expiry over and back"


@dataclass
class _End:
    """One consent that ended while it was read."""

    how: str
    round: int
    consent: str
    end: int
    """Microseconds since 1970, by the service's clock."""
    over: float
    """An instant of ``time.monotonic`` at which the clock had passed it."""
    stamp: datetime
    """The database server's own clock then."""
    reads: list[Read]


@dataclass
class Ends:
    """All of them."""

    ends: list[_End] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    """Milliseconds from the end to a commit of what had read the clock before it."""

    def judged(self, rows: Sequence[Row]) -> dict[str, Told]:
        """What came of them, by what the clock did."""
        by: dict[str, list[Row]] = {}
        for row in rows:
            by.setdefault(row.instrument, []).append(row)
        found: dict[str, Told] = {}
        for end in self.ends:
            own = by.get(end.consent, [])
            self._weigh(end, own, found.setdefault(end.how, Told()))
        for how, told in found.items():
            told.acts = len({end.round for end in self.ends if end.how == how})
        return found

    def _weigh(self, end: _End, own: Sequence[Row], told: Told) -> None:
        got = {row.request for row in own}
        racing = [read for read in end.reads if read.begun < end.over]
        late = [read for read in end.reads if read.begun >= end.over]
        won = sum(read.request in got for read in racing)
        told.races += 1
        told.won, told.lost, told.late = told.won + won, told.lost + len(racing) - won, told.late + len(late)
        told.after_acknowledgement += sum(row.at >= end.end for row in own)
        told.late_with_items += sum(read.request in got for read in late)
        self.lags += [1000 * (row.committed - end.stamp).total_seconds() for row in own if row.committed > end.stamp]

    def told(self) -> str:
        """What was committed after the end because it had read the clock before it."""
        longest = max(self.lags, default=0.0)
        return f"expiry: {len(self.lags)} disclosures were committing when the end was over, the last {longest:.1f} ms"

    def figures(self) -> dict[str, float]:
        """The same for a file."""
        return {"committing": len(self.lags), "longest_ms": max(self.lags, default=0.0)}


async def expire(lanes: Sequence[Lane], races: int) -> Ends:
    """At least so many consents that end while they are read, by each of the three clocks in turn."""
    arena, ends = lanes[0].arena, Ends()
    change(arena.url, _STEPPING)
    persons = [person for lane in lanes for person in [await lane.person() for _ in range(CREW)]]
    for number in range(max(3, -(-races // len(persons)))):
        await _round(arena, persons, (PASSES, OVER, BACK)[number % 3], number, ends)
    return ends


async def _step(arena: Arena, us: int) -> None:
    await arena.pool.execute("UPDATE stepped SET us = $1", us)


async def _round(arena: Arena, persons: Sequence[Person], how: str, number: int, ends: Ends) -> None:
    now: int = await arena.ask("SELECT as_of()")
    end = (now + HOUR_US) // 1_000_000 * 1_000_000
    until = {"at": datetime.fromtimestamp(end // 1_000_000, UTC).isoformat().replace("+00:00", "Z")}
    consents = [await person.sign(expiry=until) for person in persons]
    before: int = await arena.ask("SELECT us FROM stepped")
    soon = 1.5 * arena.pace.read(how)
    if how == PASSES:
        await _step(arena, before + end - int(await arena.ask("SELECT clock_us()")) - int(soon * 1_000_000))
    reading = [
        asyncio.create_task(_some_time(person, 1.3 * soon, stepped=how != PASSES))
        for person in persons
        for _ in range(2)
    ]
    if how == PASSES:
        while int(await arena.ask("SELECT as_of()")) < end:
            await asyncio.sleep(0.002)
    else:
        await asyncio.sleep(soon)
        await _step(arena, before + HOUR_US + 5_000_000)
    over, (stamp, _) = time.monotonic(), await arena.stamp(())
    if how == BACK:
        await asyncio.gather(*(person.looks(1)[0]() for person in persons[:1]))
        await _floor_above(arena, end)
        await _step(arena, before)
    late = await asyncio.gather(*(person.looks(1)[0]() for person in persons))
    seen = await asyncio.gather(*reading)
    arena.pace.note(how, seen, 0.0)
    for place, consent in enumerate(consents):
        reads = [*seen[2 * place : 2 * place + 2], late[place]]
        ends.ends.append(_End(how, number, consent, end, over, stamp, reads))


async def _some_time(person: Person, within: float, *, stepped: bool) -> Read:
    """A look at some moment; again if a step of an hour ended the pass of a read under way: it lasts half a minute."""
    await asyncio.sleep(random.uniform(0, within))
    look = person.looks(1)[0]
    try:
        return await look()
    except AssertionError as error:
        if not stepped or " 503 " not in str(error):
            raise
        return await look()


async def _floor_above(arena: Arena, end: int) -> None:
    """A release that was answered an hour ahead has raised the floor: no step back opens what was over."""
    deadline = time.monotonic() + 5
    while int(await arena.ask("SELECT at FROM clock_floor")) < end:
        assert time.monotonic() < deadline, "a release an hour ahead left the floor behind the end"
        await asyncio.sleep(0.01)
