"""One race: reads in flight at a random phase, an act that narrows what they may see, and what is over once it is told.

What is over is named by what the record says of a disclosure (instrument, unit, client, purpose, elements) or, where a
value is put right, by the reads that told the old value. Nothing is concluded from how long anything took.
"""

import asyncio
import random
import statistics
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass
class Read:
    """One read as its reader has it. Instants are those of ``time.monotonic``."""

    request: str
    """Its X-Request-Id, which its consultation bears."""
    begun: float
    ended: float = 0.0
    status: int = 0
    items: Counter[str] = field(default_factory=Counter)
    """What the body held, spelt as the record spells it (``race_looks.spelt``)."""
    told: bool = False
    """Whether the body told the value that the act takes away."""


Look = Callable[[], Awaitable[Read]]


@dataclass(frozen=True)
class Narrowed:
    """What an act ends: disclosures that meet everything that is named here (None: whatever it is)."""

    instruments: frozenset[str] | None = None
    units: frozenset[str] | None = None
    client: str | None = None
    purposes: frozenset[str] | None = None
    elements: frozenset[str] | None = None
    told: bool = False
    """Only disclosures of a read that told the value taken away."""


@dataclass
class Part:
    """One person whom an act touches: what it ends, who looks before it is told and who looks after."""

    narrowed: Narrowed
    looks: Sequence[Look]
    late: Sequence[Look]


@dataclass
class Race:
    """What one act did to one person's reads."""

    writer: str
    act: int
    """Which act it was; one that touches many persons is so many races."""
    narrowed: Narrowed
    reads: list[Read]
    sent: float
    acknowledged: float
    stamp: datetime
    """The database server's clock once the acknowledgement had arrived."""
    committed: datetime | None
    """When the act itself committed, where its gate rows are known."""
    until: datetime | None = None
    """From when on the same may be disclosed again; None: never."""
    void: bool = False
    """The act came too late to end anything (a transfer was fetched first)."""

    @property
    def racing(self) -> list[Read]:
        """Reads that were sent before the acknowledgement."""
        return [read for read in self.reads if read.begun < self.acknowledged]

    @property
    def late(self) -> list[Read]:
        """Reads that began after it."""
        return [read for read in self.reads if read.begun >= self.acknowledged]


class Clocked(Protocol):
    """Who can say what time the database server has."""

    async def stamp(self, gates: Sequence[str]) -> tuple[datetime, datetime | None]:
        """Its clock now, and when the newest of these gate rows was committed."""


class Pace:
    """When reads and act begin, so that they meet: over the time that such reads and such an act have lately taken."""

    def __init__(self) -> None:
        self._reads: dict[str, deque[float]] = {}
        self._acts: dict[str, deque[float]] = {}

    def note(self, writer: str, reads: Sequence[Read], act: float) -> None:
        """Learn from what ended; in seconds."""
        kept = self._reads.setdefault(writer, deque(maxlen=60))
        kept += [read.ended - read.begun for read in reads]
        self._acts.setdefault(writer, deque(maxlen=20)).append(act)

    def read(self, writer: str) -> float:
        """How long a read takes while such an act is under way, in seconds."""
        return statistics.median(self._reads.get(writer, (0.03,)))

    async def before_act(self, writer: str) -> None:
        """About as long as a read takes."""
        await asyncio.sleep(random.uniform(0.5, 1.5) * self.read(writer))

    async def before_read(self, writer: str) -> None:
        """Some of the time until the act will have been acknowledged."""
        act = statistics.median(self._acts.get(writer, (0.03,)))
        await asyncio.sleep(random.uniform(0, self.read(writer) + act))


_ACTS = iter(range(1 << 62))


async def confront(
    clocked: Clocked,
    pace: Pace,
    writer: str,
    parts: Sequence[Part],
    act: Callable[[], Awaitable[object]],
    gates: Sequence[str] = (),
) -> list[Race]:
    """Run the reads against the act; one race a part."""

    async def some_time(look: Look) -> Read:
        await pace.before_read(writer)
        return await look()

    racing = [[asyncio.create_task(some_time(look)) for look in part.looks] for part in parts]
    await pace.before_act(writer)
    sent = time.monotonic()
    await act()
    acknowledged = time.monotonic()
    late = [asyncio.gather(*(look() for look in part.late)) for part in parts]
    stamp, committed = await clocked.stamp(gates)
    number, races = next(_ACTS), []
    for part, before, after in zip(parts, racing, late, strict=True):
        reads = [*await asyncio.gather(*before), *await after]
        races.append(Race(writer, number, part.narrowed, reads, sent, acknowledged, stamp, committed))
        pace.note(writer, reads, acknowledged - sent)
    return races
