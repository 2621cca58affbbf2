"""What a polling court and unrelated writes cost: how long a revocation waits, how often a read is decided again."""

import asyncio
import contextlib
import itertools
import statistics
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from tests.resilience.patient import NAMES
from tests.resilience.race import Look, Read
from tests.resilience.race_arena import Arena
from tests.resilience.race_corrections import status
from tests.resilience.race_lane import MONITOR, Lane, Person
from tests.resilience.race_looks import asked, looking
from tests.resilience.test_revoke_under_load import Hammered, hammer, inside
from tests.service import Server
from tests.storage.direct import change, rows

READERS: Final = 64
READING: Final = 4
"""Readers of one person beside writes about others."""
_FIRST: Final = "  FOREACH k IN ARRAY p_locks LOOP"


@dataclass(frozen=True)
class Waits:
    """How long something took, in milliseconds."""

    count: int
    median: float
    p99: float
    longest: float

    @classmethod
    def of(cls, several: Sequence[float]) -> "Waits":
        """Of so many durations in milliseconds."""
        ordered = sorted(several)
        return cls(len(ordered), statistics.median(ordered), ordered[-(-99 * len(ordered) // 100) - 1], ordered[-1])

    def told(self) -> str:
        """In words."""
        return f"median {self.median:.0f} ms, p99 {self.p99:.0f} ms, longest {self.longest:.0f} ms"


async def poll(server: Server, parties: dict[str, dict[str, object]], rounds: int) -> tuple[Hammered, Waits, Waits]:
    """So many revocations by one patient whom 64 readers poll: what was seen, and the waits at client and service."""
    limits = httpx.Limits(max_connections=READERS + 8, keepalive_expiry=2)
    before = len(inside(server))
    async with httpx.AsyncClient(base_url=server.base_url, limits=limits, timeout=60) as http:
        both = [Party(http, parties[name], f"{server.base_url}/oauth/token") for name in NAMES]
        seen = await hammer(server, both, READERS, rounds)
    served = Waits.of(inside(server)[before:])
    return seen, Waits.of([wait * 1000 for wait in seen.waits]), served


@contextlib.contextmanager
def counting(url: str) -> Iterator[None]:
    """Meanwhile the record function counts how often it is called, also where it adds nothing."""
    ((source,),) = rows(url, "SELECT pg_get_functiondef('record_release'::regproc)")
    assert _FIRST in source
    change(url, "CREATE SEQUENCE attempts")
    change(url, source.replace(_FIRST, f"  PERFORM nextval('attempts');\n{_FIRST}"))
    yield
    change(url, source)
    change(url, "DROP SEQUENCE attempts")


async def attempts(arena: Arena) -> int:
    """How often it was called."""
    found: int = await arena.ask("SELECT last_value - (NOT is_called)::int FROM attempts")
    return found


async def read_beside(own: Lane, other: Lane, count: int) -> tuple[list[Read], int]:
    """So many reads about one person while the clinic and two courts write about others: the reads, those writes."""
    person, stop, writes = await own.person(), asyncio.Event(), itertools.count()
    await person.sign()
    # Of the same clinic: one more in the same court, three in another.
    others = [await own.person(), *[await other.person() for _ in range(3)]]
    acts = [*(_change_mind(one) for one in others), _correct(others[1]), *(_work(lane) for lane in (own, other))]

    async def write_on(act: AsyncIterator[None]) -> None:
        async for _ in act:
            next(writes)
            if stop.is_set():
                return

    async def read_on() -> list[Read]:
        return [await look() for look in _looks(person, count // READING)]

    writing = [asyncio.create_task(write_on(act)) for act in acts]
    try:
        found = await asyncio.gather(*(read_on() for _ in range(READING)))
    finally:
        stop.set()
        await asyncio.gather(*writing)
    return [read for several in found for read in several], next(writes)


def _looks(person: Person, count: int) -> list[Look]:
    kinds = ("read", "report")
    ask = [asked(kinds[n % 2], person.cases[person.lane.court], MONITOR) for n in range(count)]
    return [looking(person.lane.judge, *one) for one in ask]


async def _change_mind(person: Person) -> AsyncIterator[None]:
    while True:
        await person.sign()
        yield
        await person.revoke()
        yield


async def _correct(person: Person) -> AsyncIterator[None]:
    message = person.filed
    for number in itertools.count():
        outcomes = ("attended", ("attended", "missed")[number % 2])
        body = status(person, outcomes, supersedes=message)
        message = (await must(await person.lane.arena.clinic.post("/v1/treatment-statuses", body), 201))["id"]
        yield


async def _work(lane: Lane) -> AsyncIterator[None]:
    """Cases are registered, people referred, accepted, reported on; cases are disposed of."""
    while True:
        person = await lane.person()
        yield
        await steps.happened(lane.judge, person.cases[lane.court], "final_disposition")
        yield
