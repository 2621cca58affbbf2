"""What a flow may ask of a database: read, write, narrow, record. Two implementations, no third (design 3, 9)."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from app.storage.statement import Statement

Row = Mapping[str, Any]


class Unavailable(Exception):
    """The database could not answer, or a commit is not known to be durable: 503 for all alike."""


class BusyElsewhere(Exception):
    """Another request holds this idempotency key."""


class Reader(Protocol):
    """One connection that can be asked."""

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""

    async def now(self) -> int:
        """The database's clock, never before the stored floor, in microseconds."""

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run the dialect's own text for a named hot statement (``storage/hot.py``)."""


class Transaction(Reader, Protocol):
    """A read-committed transaction; leaving its context normally commits, durably, before anything is answered."""

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed."""

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows, in one go."""

    async def narrow(self, keys: Sequence["GateKey"]) -> None:
        """Take the gate locks exclusively, in order, then bump each epoch. Last, after all rows are written."""

    async def hold(self, keys: Sequence["GateKey"]) -> None:
        """Take the gate locks shared, in order, until the end: nothing that narrows can commit meanwhile."""

    async def record(self, recording: "Recording", *, exclusive: bool) -> bool:
        """Record a release as a part of this transaction, or add nothing and say False if the gate moved."""

    async def try_lock(self, name: str) -> None:
        """Hold a lock of this name until the end of the transaction.

        Raises:
            BusyElsewhere: another transaction holds it.
        """

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """A part of this transaction that an exception undoes alone; what came before it stands."""


@dataclass(frozen=True, slots=True, order=True)
class GateKey:
    """One mutable gate row: ``lock_unit`` and ``name`` fix the advisory lock, ``name`` the row."""

    name: str
    lock_unit: str


@dataclass(frozen=True, slots=True)
class Recording:
    """One consultation with its disclosures, conditional on the epochs that the decision read."""

    gates: tuple[tuple[GateKey, int], ...]
    as_of: int
    valid_until: int
    consultation_id: str
    unit_id: str
    entry: bytes
    request: str
    """Id of the request that was answered, for the operator's ``explain``."""
    disclosures: tuple[tuple[str, str, str, bytes, bytes], ...]
    """(id, subject pseudonym, instrument id, canonical entry, sealed openings) each."""


class Database(Protocol):
    """A pool of connections to one database."""

    dialect: str

    def read(self) -> AbstractAsyncContextManager[Reader]:
        """A connection in autocommit."""

    def write(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction that cannot narrow any answer."""

    def narrowing(self) -> AbstractAsyncContextManager[Transaction]:
        """A transaction from the small pool of narrowing writes."""

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """Record a release and commit, or add nothing and say False if the gate moved or time ran out."""

    def behind(self, proof: str | None) -> "Database":
        """The same database as a justice caller reaches it, whose pass is ``proof``; SQLite has no such wall."""

    async def check(self) -> None:
        """Raise Unavailable unless it answers and keeps what it acknowledged."""

    async def close(self) -> None:
        """Give every connection back."""
