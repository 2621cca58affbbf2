"""One asyncpg connection, as the flows ask it."""

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from app.storage import hot
from app.storage.database import BusyElsewhere, GateKey, Recording, Row
from app.storage.gate import locks
from app.storage.statement import Statement

_IDEMPOTENCY: Final = 1


class PostgresConnection:
    """One asyncpg connection seen as a Reader and, inside a transaction, as a Transaction."""

    said_as = "postgresql"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._wrote = False

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        text, arguments = statement.positional(self.said_as, values)
        rows: Sequence[Row] = await self._connection.fetch(text, *arguments)
        return rows

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        text, arguments = statement.positional(self.said_as, values)
        row: Row | None = await self._connection.fetchrow(text, *arguments)
        return row

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name."""
        values = tuple(hot.array(value) if isinstance(value, list | tuple) else value for value in values)
        rows: Sequence[Row] = await self._connection.fetch(hot.POSTGRESQL[name], *values)
        return rows

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed."""
        text, arguments = statement.positional(self.said_as, values)
        status: str = await self._connection.execute(text, *arguments)
        changed = int(status.rpartition(" ")[2])
        self._wrote = self._wrote or changed > 0
        return changed

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows, sent one after another without waiting."""
        text = statement.positional(self.said_as, {})[0]
        await self._connection.executemany(text, [statement.positional(self.said_as, row)[1] for row in rows])

    async def now(self) -> int:
        """The clock above its floor, in microseconds."""
        instant: int = await self._connection.fetchval("SELECT as_of()")
        return instant

    async def narrow(self, keys: Sequence[GateKey]) -> None:
        """Exclusive locks in ascending order, then the epochs."""
        self._wrote = self._wrote or len(keys) > 0
        names = sorted({key.name for key in keys})
        await self._connection.execute("SELECT narrow_gate($1::bigint[], $2::text[])", locks(keys), names)

    async def hold(self, keys: Sequence[GateKey]) -> None:
        """Shared locks in ascending order, one after the other."""
        await self._connection.execute(hot.HOLD, hot.array(locks(keys)))

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """The record function, as a part of this transaction."""
        recorded: bool = await self._connection.fetchval(hot.RECORD, not exclusive, *hot.record_arguments(recording))
        self._wrote = self._wrote or recorded
        return recorded

    async def settle(self) -> None:
        """Have the commit wait for a standby whether or not this transaction changed a row.

        A repeated write that only finds the first one's rows changes none, and PostgreSQL then waits for nobody. But
        the first one's wait may have been interrupted: its rows are here and nowhere else.
        """
        if not self._wrote:
            await self._connection.execute("SELECT pg_logical_emit_message(true, 'throughcare', '')")

    async def try_lock(self, name: str) -> None:
        """The (int4, int4) form, apart from the gate's bigint locks."""
        number = zlib.crc32(name.encode()) - 2**31
        held = await self._connection.fetchval("SELECT pg_try_advisory_xact_lock($1, $2)", _IDEMPOTENCY, number)
        if not held:
            raise BusyElsewhere(name)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """A transaction inside one is a savepoint to the driver."""
        async with self._connection.transaction():
            yield
