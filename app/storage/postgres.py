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
ACQUIRE_SECONDS: Final = 6.0
"""How long is waited for a connection; longer than a narrowing write can take, for the same reason."""
STATEMENT_TIMEOUT_MS: Final = 10_000
ANSWER_SECONDS: Final = 12.0
"""How long the client waits for an answer to one statement: the server's own limits are no use if it stands still."""
_IDEMPOTENCY: Final = 1
_LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


class PostgresConnection:
    """One asyncpg connection seen as a Reader and, inside a transaction, as a Transaction."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._wrote = False

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
        changed = int(status.rpartition(" ")[2])
        self._wrote = self._wrote or changed > 0
        return changed

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
        release |= {"statement_timeout": str(STATEMENT_TIMEOUT_MS)}
        narrow = settings | {
            "statement_timeout": str(NARROWING_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(NARROWING_TIMEOUT_MS),
        }
        try:
            patient: dict[str, Any] = {"min_size": 1, "command_timeout": ANSWER_SECONDS, "timeout": ACQUIRE_SECONDS}
            serving = await asyncpg.create_pool(
                url, max_size=size, server_settings=release, reset=_leave_as_it_is, **patient
            )
            small = await asyncpg.create_pool(url, max_size=narrow_size, server_settings=narrow, **patient)
        except _LOST as error:
            raise Unavailable("no connection") from error
        return cls(serving, small)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresConnection]:
        """A connection in autocommit: each statement its own snapshot."""
        try:
            async with _acquired(self._serving) as connection:
                yield PostgresConnection(connection)
        except _LOST as error:
            raise Unavailable("read failed") from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the serving pool."""
        async with _transaction(self._serving) as transaction:
            yield transaction

    @asynccontextmanager
    async def narrowing(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the small pool."""
        async with _transaction(self._small) as transaction:
            yield transaction

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """One statement, one implicit transaction: locks, the conditional insert, the commit."""
        try:
            async with _acquired(self._serving) as connection, _durable(connection):
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
async def _acquired(pool: Any) -> AsyncIterator[Any]:
    async with pool.acquire(timeout=ACQUIRE_SECONDS) as connection, _dropped_if_silent(connection):
        yield connection


@asynccontextmanager
async def _dropped_if_silent(connection: Any) -> AsyncIterator[None]:
    """A connection on which an answer did not come in time is of no use to anybody: what was asked may still run."""
    try:
        yield
    except TimeoutError:
        connection.terminate()
        raise


@asynccontextmanager
async def _transaction(pool: Any) -> AsyncIterator[PostgresConnection]:
    try:
        # Dropped inside as well: else the transaction would send its ROLLBACK after what is not answered.
        async with (
            _acquired(pool) as connection,
            _durable(connection),
            connection.transaction(),
            _dropped_if_silent(connection),
        ):
            transaction = PostgresConnection(connection)
            yield transaction
            await transaction.settle()
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
