"""A database that is watched: the real one does all the work, and each commit is written down."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

from app.storage.database import Database, Reader, Recording, Transaction


async def nothing(_: bool) -> None:
    """Let it go on at once."""


@dataclass
class Witness:
    """Passes everything on. ``before_record`` runs between the decision and its record, with ``exclusive``."""

    inner: Database
    events: list[str] = field(default_factory=list)
    before_record: Callable[[bool], Awaitable[None]] = nothing

    dialect: str = field(init=False)

    def __post_init__(self) -> None:
        self.dialect = self.inner.dialect

    def read(self) -> AbstractAsyncContextManager[Reader]:
        """A connection in autocommit."""
        return self.inner.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """A transaction, noted once it is committed."""
        async with self.inner.write() as transaction:
            yield transaction
        self.events.append("commit")

    @asynccontextmanager
    async def narrowing(self) -> AsyncIterator[Transaction]:
        """A narrowing transaction, noted once it is committed."""
        async with self.inner.narrowing() as transaction:
            yield transaction
        self.events.append("commit")

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """A record, noted with the lock it asked for and what became of it."""
        await self.before_record(exclusive)
        held = await self.inner.record(recording, exclusive=exclusive)
        self.events.append(f"{'exclusive' if exclusive else 'shared'} {'commit' if held else 'moved'}")
        return held

    def behind(self, proof: str | None) -> "Witness":
        """The same for one justice caller: what it commits is written down in the same place."""

        async def before_record(exclusive: bool) -> None:
            await self.before_record(exclusive)

        return Witness(self.inner.behind(proof), self.events, before_record)

    async def check(self) -> None:
        """Whether it keeps what it acknowledged."""
        await self.inner.check()

    async def close(self) -> None:
        """Close the real one."""
        await self.inner.close()
