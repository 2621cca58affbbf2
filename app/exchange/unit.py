"""The unit of work: nothing is answered before its commit. Routers never see a transaction (design 3)."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from app.exchange.hub import Hub
from app.storage.database import GateKey, Reader, Recording, Row, Transaction, Unavailable
from app.storage.sealing import Unsealable
from app.storage.statement import Statement

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A value whose record is durable. Response builders accept nothing else."""

    value: T


async def write(hub: Hub, flow: Callable[[Transaction], Awaitable[T]]) -> Committed[T]:
    """Run a flow that can narrow no answer, commit, and give its value."""
    with _or_unavailable():
        async with hub.database.write() as transaction:
            value = await flow(transaction)
    return Committed(value)


async def narrow(hub: Hub, flow: Callable[[Transaction], Awaitable[T]]) -> Committed[T]:
    """Run a narrowing flow from its own small pool, commit, and give its value."""
    with _or_unavailable():
        async with hub.database.narrowing() as transaction:
            value = await flow(transaction)
    return Committed(value)


@contextmanager
def _or_unavailable() -> Iterator[None]:
    """What does not open at this moment may at the next, or is nobody's then: an erasure or a rotation came between."""
    try:
        yield
    except Unsealable as error:
        raise Unavailable("sealed bytes do not open") from error


@dataclass(frozen=True, slots=True)
class Made(Generic[T]):
    """What a release would answer, its record, and rows that say what it settles."""

    recording: Recording
    value: T
    also: Sequence[tuple[Statement, Row]] = ()


async def record(hub: Hub, made: Made[T]) -> Committed[T] | None:
    """Record and commit a release; None if what it was decided on no longer holds."""
    if not made.also:
        held = await hub.database.record(made.recording, exclusive=False)
        return Committed(made.value) if held else None
    async with hub.database.write() as transaction:
        held = await _recorded(transaction, made)
    return Committed(made.value) if held else None


async def insist(
    hub: Hub, gates: Sequence[tuple[GateKey, int]], make: Callable[[Reader], Awaitable[Made[T]]]
) -> Committed[T]:
    """Hold what moved before, then decide and record: what narrows waits for as long as one decision takes.

    Raises:
        Unavailable: something moved that was not among ``gates``.
    """
    async with hub.database.write() as transaction:
        await transaction.hold([key for key, _ in gates])
        made = await make(transaction)
        if not await _recorded(transaction, made):
            raise Unavailable("the gate kept moving")
    return Committed(made.value)


async def _recorded(transaction: Transaction, made: Made[T]) -> bool:
    held = await transaction.record(made.recording, exclusive=False)
    for statement, row in made.also if held else ():
        await transaction.run(statement, **row)
    return held


async def read(hub: Hub, flow: Callable[[Reader], Awaitable[T]]) -> Committed[T]:
    """Run a flow that reads only what is the caller's own or public; there is nothing to commit."""
    with _or_unavailable():
        async with hub.database.read() as reader:
            value = await flow(reader)
    return Committed(value)


def published(value: T) -> Committed[T]:
    """A constant of this version, the same for every caller: nothing was read, so nothing is to be recorded."""
    return Committed(value)


def unwrapped(committed: Committed[tuple[int, T]]) -> Committed[T]:
    """The body of a committed (status, body)."""
    return Committed(committed.value[1])


def mapped(committed: Committed[T], shape: Callable[[T], U]) -> Committed[U]:
    """Another form of what is committed."""
    return Committed(shape(committed.value))


def results_of(parts: Sequence[Committed[tuple[int, dict[str, Any]]]]) -> Committed[list[dict[str, Any]]]:
    """The results in the bodies of several committed (status, body), one after another."""
    return Committed([result for part in parts for result in part.value[1]["results"]])


def opened(committed: Committed[tuple[T, ...]], place: int) -> Committed[T]:
    """One of several committed values."""
    return Committed(committed.value[place])
