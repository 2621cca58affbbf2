"""PostgreSQL through asyncpg: one pool to serve, a small one for narrowing writes (design 3, 9)."""

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from app.storage import hot
from app.storage.database import BusyElsewhere, GateKey, Recording, Row, Unavailable
from app.storage.gate import locks
from app.storage.statement import Statement

NARROWING_TIMEOUT_MS: Final = 5_000
RELEASE_LOCK_TIMEOUT_MS: Final = 8_000
"""Exceeds the narrowing writes' timeout, or a 503 would tell that someone is changing this patient's consent."""
_IDEMPOTENCY: Final = 1
_LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class PostgresConnection:
    """One asyncpg connection seen as a Reader and, inside a transaction, as a Transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        text, arguments = statement.positional("postgresql", values)
        rows: Sequence[Row] = await self._connection.fetch(text, *arguments)
        return rows

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        text, arguments = statement.positional("postgresql", values)
        row: Row | None = await self._connection.fetchrow(text, *arguments)
        return row

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name."""
        values = tuple(hot.array(value) if isinstance(value, list | tuple) else value for value in values)
        rows: Sequence[Row] = await self._connection.fetch(hot.POSTGRESQL[name], *values)
        return rows

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed."""
        text, arguments = statement.positional("postgresql", values)
        status: str = await self._connection.execute(text, *arguments)
        return int(status.rpartition(" ")[2])

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows, sent one after another without waiting."""
        text = statement.positional("postgresql", {})[0]
        await self._connection.executemany(text, [statement.positional("postgresql", row)[1] for row in rows])

    async def now(self) -> int:
        """The clock above its floor, in microseconds."""
        instant: int = await self._connection.fetchval("SELECT as_of()")
        return instant

    async def narrow(self, keys: Sequence[GateKey]) -> None:
        """Exclusive locks in ascending order, then the epochs."""
        names = sorted({key.name for key in keys})
        await self._connection.execute("SELECT narrow_gate($1::bigint[], $2::text[])", locks(keys), names)

    async def hold(self, keys: Sequence[GateKey]) -> None:
        """Shared locks in ascending order, one after the other."""
        await self._connection.execute(hot.HOLD, hot.array(locks(keys)))

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """The record function, as a part of this transaction."""
        recorded: bool = await self._connection.fetchval(hot.RECORD, not exclusive, *hot.record_arguments(recording))
        return recorded

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


class PostgresDatabase:
    """Pools of one PostgreSQL database."""

    dialect = "postgresql"

    def __init__(self, serving: Any, small: Any) -> None:
        self._serving = serving
        self._small = small

    @classmethod
    async def open(cls, url: str, *, size: int = 12, narrow_size: int = 3) -> "PostgresDatabase":
        """Connect; sizes are connections in this process."""
        settings = {"application_name": "throughcare", "default_transaction_isolation": "read committed"}
        # Every statement is a look-up by key: planning it again for each value costs more than running it.
        settings["plan_cache_mode"] = "force_generic_plan"
        release = settings | {"lock_timeout": str(RELEASE_LOCK_TIMEOUT_MS)}
        narrow = settings | {
            "statement_timeout": str(NARROWING_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(NARROWING_TIMEOUT_MS),
        }
        try:
            serving = await asyncpg.create_pool(
                url, min_size=1, max_size=size, server_settings=release, reset=_leave_as_it_is
            )
            small = await asyncpg.create_pool(url, min_size=1, max_size=narrow_size, server_settings=narrow)
        except _LOST as error:
            raise Unavailable("no connection") from error
        return cls(serving, small)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresConnection]:
        """A connection in autocommit: each statement its own snapshot."""
        try:
            async with self._serving.acquire() as connection:
                yield PostgresConnection(connection)
        except _LOST as error:
            raise Unavailable("read failed") from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the serving pool."""
        async with _transaction(self._serving) as connection:
            yield PostgresConnection(connection)

    @asynccontextmanager
    async def narrowing(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the small pool."""
        async with _transaction(self._small) as connection:
            yield PostgresConnection(connection)

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """One statement, one implicit transaction: locks, the conditional insert, the commit."""
        try:
            async with self._serving.acquire() as connection, _durable(connection):
                recorded: bool = await connection.fetchval(hot.RECORD, not exclusive, *hot.record_arguments(recording))
                return recorded
        except _LOST as error:
            raise Unavailable("record failed") from error

    async def check(self) -> None:
        """Refuse a server that does not keep what it acknowledged."""
        async with self.read() as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                row = (await connection.raw("setting", name))[0]
                if row["value"] == "off":
                    raise Unavailable(f"PostgreSQL has {name} off")

    async def close(self) -> None:
        """Close both pools."""
        await self._serving.close()
        await self._small.close()


async def _leave_as_it_is(_: Any) -> None:
    """On return a connection is rolled back if need be; no statement here sets, listens or locks for a session.

    The driver's own reset is a round trip to undo such things, three times in each gated read.
    """


@asynccontextmanager
async def _transaction(pool: Any) -> AsyncIterator[Any]:
    try:
        async with pool.acquire() as connection, _durable(connection), connection.transaction():
            yield connection
    except _LOST as error:
        raise Unavailable("write failed") from error


@asynccontextmanager
async def _durable(connection: Any) -> AsyncIterator[None]:
    """A COMMIT that returns a warning (a cancelled wait for a standby) is not durable: drop the connection."""
    warnings: list[Any] = []

    def listen(_: Any, message: Any) -> None:
        if getattr(message, "severity_en", None) == "WARNING":
            warnings.append(message)

    connection.add_log_listener(listen)
    try:
        yield
    finally:
        if not connection.is_closed():
            connection.remove_log_listener(listen)
    if warnings:
        connection.terminate()
        raise Unavailable("the commit is not known to be durable")
