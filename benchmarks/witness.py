"""What one gated read asks of its database and records: learned from the shipped flow itself, by standing beside it."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Any

from app.exchange.hub import Hub
from app.storage.database import Database, Reader, Recording, Row, Transaction
from app.storage.statement import Statement


class WitnessReader:
    """A reader that remembers the values of the named statements that pass through it."""

    def __init__(self, reader: Reader, asked: dict[str, tuple[Any, ...]]) -> None:
        self._reader = reader
        self._asked = asked

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name."""
        self._asked[name] = values
        return await self._reader.raw(name, *values)

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        return await self._reader.all(statement, **values)

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        return await self._reader.one(statement, **values)

    async def now(self) -> int:
        """The clock above its floor."""
        return await self._reader.now()


class Witness:
    """The real database, with its reads and records remembered: ``asked`` by statement name, ``recorded`` last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.dialect = database.dialect
        self.asked: dict[str, tuple[Any, ...]] = {}
        self.recorded: Recording | None = None

    def of(self, hub: Hub) -> Hub:
        """The same service on the watched database."""
        return replace(hub, database=self)

    def remember(self, recording: Recording) -> None:
        """Keep the last record."""
        self.recorded = recording

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reader]:
        """A connection in autocommit."""
        async with self._database.read() as reader:
            yield WitnessReader(reader, self.asked)

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that cannot narrow any answer."""
        return self._database.write()

    def narrowing(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction of the narrowing pool."""
        return self._database.narrowing()

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """Record a release and commit."""
        self.remember(recording)
        return await self._database.record(recording, exclusive=exclusive)

    def behind(self, proof: str | None) -> "Witness":
        """The same for one justice caller, remembered here."""
        return _Behind(self, self._database.behind(proof))

    async def check(self) -> None:
        """Raise Unavailable unless it keeps what it acknowledged."""
        await self._database.check()

    async def close(self) -> None:
        """Give every connection back."""
        await self._database.close()


class _Behind(Witness):
    """The database of one caller; what passes is remembered by the witness of all."""

    def __init__(self, of: Witness, database: Database) -> None:
        super().__init__(database)
        self.asked = of.asked
        self._of = of

    def remember(self, recording: Recording) -> None:
        """Keep the last record."""
        self._of.remember(recording)
