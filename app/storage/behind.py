"""A justice caller's side of PostgreSQL: another role, its own pools, and the caller's pass with every statement.

Hot statements are functions that take the pass; whatever else is asked runs in a transaction that carries it and that
takes it along when it ends. So there is nothing that the next caller on the same connection could inherit.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from app.storage import hot
from app.storage.connection import PostgresConnection
from app.storage.database import GateKey, Recording, Row, Unavailable
from app.storage.gate import locks
from app.storage.pools import LOST, Pools, acquired, durable, transaction
from app.storage.statement import BEHIND, Statement

_CARRY: Final = "SELECT set_config('throughcare.pass', $1, true)"
"""For the transaction alone: at its end the setting is what it was before, nothing."""
_CARRY_DURABLY: Final = f"{_CARRY} WHERE {hot.DURABLE}"
"""No row where the session is not fit to write."""


class PassingConnection(PostgresConnection):
    """A connection that shows a pass. Outside a transaction (``alone``) each cold statement has one of its own."""

    said_as = BEHIND

    def __init__(self, connection: Any, proof: str, *, alone: bool) -> None:
        super().__init__(connection)
        self._proof = proof
        self._alone = alone

    @asynccontextmanager
    async def _carried(self) -> AsyncIterator[None]:
        if not self._alone:
            yield
            return
        async with self._connection.transaction():
            await self._connection.execute(_CARRY, self._proof)
            yield

    async def all(self, statement: Statement, /, **values: Any) -> Sequence[Row]:
        """Every row."""
        async with self._carried():
            return await super().all(statement, **values)

    async def one(self, statement: Statement, /, **values: Any) -> Row | None:
        """The first row or None."""
        async with self._carried():
            return await super().one(statement, **values)

    async def run(self, statement: Statement, /, **values: Any) -> int:
        """Execute and give the number of rows changed."""
        async with self._carried():
            return await super().run(statement, **values)

    async def run_each(self, statement: Statement, rows: Sequence[Mapping[str, Any]], /) -> None:
        """Execute for each of the rows, sent one after another without waiting."""
        async with self._carried():
            await super().run_each(statement, rows)

    async def raw(self, name: str, *values: Any) -> Sequence[Row]:
        """Run a hot statement by name: unit and client are those of the pass, whatever the caller says they are."""
        own = values[2:] if name == "facts" else values
        given = (hot.array(value) if isinstance(value, list | tuple) else value for value in own)
        rows: Sequence[Row] = await self._connection.fetch(hot.BEHIND[name], self._proof, *given)
        return rows

    async def narrow(self, keys: Sequence[GateKey]) -> None:
        """Exclusive locks in ascending order, then the epochs, of cases that the unit imposed."""
        self._wrote = self._wrote or len(keys) > 0
        names = sorted({key.name for key in keys})
        await self._connection.execute(hot.BEHIND_NARROW, self._proof, locks(keys), names)

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """The record function, as a part of this transaction."""
        held = await recorded(self._connection, self._proof, recording, exclusive=exclusive)
        self._wrote = self._wrote or held
        return held


async def recorded(connection: Any, proof: str, recording: Recording, *, exclusive: bool) -> bool:
    """Whether the record function wrote the record; of the unit of the pass."""
    values = hot.own_arguments(recording)
    held: bool | None = await connection.fetchval(hot.BEHIND_RECORD, proof, not exclusive, *values)
    if held is None:
        raise _dropped(connection)
    return held


def _dropped(connection: Any) -> Unavailable:
    connection.terminate()
    return Unavailable("the session was altered: a commit in it may not be durable")


class PostgresBehind:
    """One PostgreSQL database for one justice caller."""

    dialect = "postgresql"

    def __init__(self, pools: Pools | None, proof: str | None) -> None:
        if pools is None or proof is None:  # a command, which answers nobody, or a caller without a pass
            raise Unavailable("no connection for a justice caller")
        self._pools = pools
        self._proof = proof

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PassingConnection]:
        """A connection in autocommit: each statement its own snapshot."""
        try:
            async with acquired(self._pools.serving) as connection:
                yield PassingConnection(connection, self._proof, alone=True)
        except LOST as error:
            raise Unavailable("read failed") from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[PassingConnection]:
        """A transaction from the serving pool of this side."""
        async with transaction(self._pools.serving, self._passing) as connection:
            yield connection

    @asynccontextmanager
    async def narrowing(self) -> AsyncIterator[PassingConnection]:
        """A transaction from the small pool of this side."""
        async with transaction(self._pools.small, self._passing) as connection:
            yield connection

    async def _passing(self, connection: Any) -> PassingConnection:
        if await connection.fetchval(_CARRY_DURABLY, self._proof) is None:
            raise _dropped(connection)
        return PassingConnection(connection, self._proof, alone=False)

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """One statement, one implicit transaction: locks, the conditional insert, the commit."""
        try:
            async with acquired(self._pools.serving) as connection, durable(connection):
                return await recorded(connection, self._proof, recording, exclusive=exclusive)
        except LOST as error:
            raise Unavailable("record failed") from error

    def behind(self, proof: str | None) -> "PostgresBehind":
        """The same for another caller."""
        return PostgresBehind(self._pools, proof)

    async def check(self) -> None:
        """Nothing: the whole was checked when it was opened."""

    async def close(self) -> None:
        """Nothing: the pools are everybody's."""
