"""The unit of work: nothing is answered before its commit. Routers never see a transaction (design 3)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from app.exchange.hub import Hub
from app.storage.database import Reader, Recording, Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Committed(Generic[T]):
    """A value whose record is durable. Response builders accept nothing else."""

    value: T


async def write(hub: Hub, flow: Callable[[Transaction], Awaitable[T]]) -> Committed[T]:
    """Run a flow that can narrow no answer, commit, and give its value."""
    async with hub.database.write() as transaction:
        value = await flow(transaction)
    return Committed(value)


async def narrow(hub: Hub, flow: Callable[[Transaction], Awaitable[T]]) -> Committed[T]:
    """Run a narrowing flow from its own small pool, commit, and give its value."""
    async with hub.database.narrowing() as transaction:
        value = await flow(transaction)
    return Committed(value)


async def record(hub: Hub, recording: Recording, value: T, *, exclusive: bool) -> Committed[T] | None:
    """Record and commit a release; None if what it was decided on no longer holds."""
    held = await hub.database.record(recording, exclusive=exclusive)
    return Committed(value) if held else None


async def read(hub: Hub, flow: Callable[[Reader], Awaitable[T]]) -> Committed[T]:
    """Run a flow that reads only what is the caller's own or public; there is nothing to commit."""
    async with hub.database.read() as reader:
        value = await flow(reader)
    return Committed(value)


def published(value: T) -> Committed[T]:
    """A constant of this version, the same for every caller: nothing was read, so nothing is to be recorded."""
    return Committed(value)


def unwrapped(committed: Committed[tuple[int, T]]) -> Committed[T]:
    """The body of a committed (status, body)."""
    return Committed(committed.value[1])
