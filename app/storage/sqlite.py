"""SQLite through ``sqlite3``: reads inline on one connection, every write on the single writer (design 3, 9).

Point reads take some 15 µs, less than a thread hand-off; commits of releases are grouped, so that the flush is shared.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from app.storage import hot_sqlite as hot
from app.storage.database import BusyElsewhere, GateKey, Recording, Row, Unavailable
from app.storage.statement import Statement

PATIENCE_SECONDS: Final = 8.0
"""How long a write waits for its turn in this process and for the file's lock, which another one may hold."""
_PAUSE_SECONDS: Final = 0.002
_MOST_PAUSE_SECONDS: Final = 0.02
_Work = Callable[[sqlite3.Connection], bool]
_Waiting = tuple[_Work, "asyncio.Future[bool]"]


class SqliteConnection:
    """One sqlite3 connection seen as a Reader and, between BEGIN and COMMIT, as a Transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        text, arguments = statement.named("sqlite", values)
        return self._connection.execute(text, arguments).fetchall()

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        text, arguments = statement.named("sqlite", values)
        row: Row | None = self._connection.execute(text, arguments).fetchone()
        return row

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name."""
        return hot.SQLITE[name](self._connection, *values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed."""
        text, arguments = statement.named("sqlite", values)
        return self._connection.execute(text, arguments).rowcount

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows."""
        text = statement.named("sqlite", {})[0]
        self._connection.executemany(text, [statement.named("sqlite", row)[1] for row in rows])

    async def now(self) -> int:
        """The clock above its floor, in microseconds."""
        instant: int = self._connection.execute(f"SELECT {hot.SQLITE_AS_OF}").fetchone()[0]
        return instant

    async def narrow(self, keys: Sequence[GateKey]) -> None:
        """The writer is alone: no lock but BEGIN IMMEDIATE is needed."""
        for name in sorted({key.name for key in keys}):
            self._connection.execute(hot.SQLITE_BUMP, (name,))
        self._connection.execute(hot.SQLITE_FLOOR)

    async def hold(self, keys: Sequence[GateKey]) -> None:
        """The writer is alone: nothing can commit while this transaction runs."""

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """The conditional insert, as a part of this transaction; the writer is alone either way."""
        return hot.record_sqlite(self._connection, recording)

    async def try_lock(self, name: str) -> None:
        """Writers are serial: whoever runs holds every name."""
        if not self._connection.in_transaction:
            raise BusyElsewhere(name)

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """SAVEPOINT; they do not nest here."""
        self._connection.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:  # some errors end the whole transaction
                self._connection.execute("ROLLBACK TO part")
                self._connection.execute("RELEASE part")
            raise
        self._connection.execute("RELEASE part")


class SqliteDatabase:
    """One database file; one writer at a time in this process and, by the file's own lock, in all."""

    dialect = "sqlite"

    def __init__(self, reader: sqlite3.Connection, writer: sqlite3.Connection) -> None:
        self._reader = reader
        self._writer = writer
        self._turn = asyncio.Lock()
        self._waiting: list[_Waiting] = []
        self._committer: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Open an existing, migrated file."""
        try:
            writer = connect(path)
            writer.execute("PRAGMA busy_timeout=0")  # waited for in ``_begin``: here it would stop every request
            return cls(connect(path), writer)
        except sqlite3.Error as error:
            raise Unavailable("cannot open the database file") from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[SqliteConnection]:
        """The reading connection, in autocommit."""
        try:
            yield SqliteConnection(self._reader)
        except sqlite3.Error as error:
            raise Unavailable("read failed") from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[SqliteConnection]:
        """A transaction on the single writer."""
        ends = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        try:
            async with asyncio.timeout_at(ends):
                await self._turn.acquire()
        except TimeoutError as error:
            raise Unavailable("the writer is not free") from error
        try:
            await self._begin(ends)
            yield SqliteConnection(self._writer)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            raise Unavailable("write failed") from error
        finally:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            self._turn.release()

    narrowing = write

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """Join the next group commit; resolves after it is durable."""
        return await self.grouped(lambda writer: hot.record_sqlite(writer, recording))

    async def grouped(self, work: _Work) -> bool:
        """What ``work`` gives on the writer, in the next group commit; resolves after it is durable."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((work, future))
        if self._committer is None or self._committer.done():
            self._committer = asyncio.create_task(self._commit_groups())
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await future
        except TimeoutError as error:  # the future is cancelled: if it is not begun, it never is
            raise Unavailable("the writer is not free") from error

    async def _begin(self, ends: float) -> None:
        """BEGIN IMMEDIATE, again and again until another process lets go of the file; others are served meanwhile."""
        loop, pause = asyncio.get_running_loop(), _PAUSE_SECONDS
        while True:
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or loop.time() + pause > ends:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, _MOST_PAUSE_SECONDS)

    async def _commit_groups(self) -> None:
        while self._waiting:
            async with self._turn:
                group, self._waiting = [one for one in self._waiting if not one[1].cancelled()], []
                try:
                    outcomes = await self._commit(group)
                except Exception as error:  # whatever failed, every waiter must hear of it
                    _settle(group, [Unavailable("record failed")] * len(group), error)
                else:
                    _settle(group, outcomes, None)

    async def _commit(self, group: list[_Waiting]) -> list[bool]:
        try:
            await self._begin(asyncio.get_running_loop().time() + PATIENCE_SECONDS)
            outcomes = [work(self._writer) for work, _ in group]
            await asyncio.to_thread(self._writer.execute, "COMMIT")
            return outcomes
        finally:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")

    def behind(self, proof: str | None) -> "SqliteDatabase":
        """The same: a file has no roles, so nothing stands between a caller's statement and every row."""
        return self

    async def check(self) -> None:
        """Refuse a file that does not keep what it acknowledged."""
        async with self.read() as connection:
            (row,) = await connection.raw("setting", "synchronous")
            if row["synchronous"] < 2:
                raise Unavailable("SQLite has synchronous below FULL")

    async def close(self) -> None:
        """Finish the group in hand, then close."""
        if self._committer is not None:
            await self._committer
        self._reader.close()
        self._writer.close()


def _settle(group: list[_Waiting], outcomes: Sequence[bool | Exception], cause: Exception | None) -> None:
    for (_, future), outcome in zip(group, outcomes, strict=True):
        if future.cancelled():
            continue
        if isinstance(outcome, Exception):
            outcome.__cause__ = cause
            future.set_exception(outcome)
        else:
            future.set_result(outcome)


def connect(path: Path) -> sqlite3.Connection:
    """A connection with the driver's transaction control off, WAL and a full flush at each commit."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # what is deleted or overwritten is zeros, not free space
    connection.execute("PRAGMA recursive_triggers=ON")  # or INSERT OR REPLACE removes an append-only row unseen
    connection.execute("PRAGMA busy_timeout=5000")
    return connection
