"""PostgreSQL through asyncpg, as the role that serves; what a justice caller asks goes through ``behind``."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.storage import hot
from app.storage.behind import PostgresBehind
from app.storage.connection import PostgresConnection
from app.storage.database import Recording, Unavailable
from app.storage.pools import LOST, Pools, acquired, durable, transaction


class PostgresDatabase:
    """One PostgreSQL database: as the serving role and, behind the wall, as that of the justice callers."""

    dialect = "postgresql"

    def __init__(self, pools: Pools, justice: Pools | None = None) -> None:
        self.pools = pools
        self.justice = justice

    @classmethod
    async def open(
        cls, url: str, justice_url: str | None = None, *, size: int = 12, narrow_size: int = 3
    ) -> "PostgresDatabase":
        """Connect; sizes are connections of each role in this process. A process that serves no justice caller has
        no ``justice_url``.
        """
        pools = await Pools.open(url, size=size, narrow_size=narrow_size)
        if justice_url is None:
            return cls(pools)
        try:
            return cls(pools, await Pools.open(justice_url, size=size, narrow_size=narrow_size))
        except Unavailable:
            await pools.close()
            raise

    @asynccontextmanager
    async def read(self) -> AsyncIterator[PostgresConnection]:
        """A connection in autocommit: each statement its own snapshot."""
        try:
            async with acquired(self.pools.serving) as connection:
                yield PostgresConnection(connection)
        except LOST as error:
            raise Unavailable("read failed") from error

    @asynccontextmanager
    async def write(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the serving pool."""
        async with transaction(self.pools.serving, _plain) as connection:
            yield connection

    @asynccontextmanager
    async def narrowing(self) -> AsyncIterator[PostgresConnection]:
        """A transaction from the small pool."""
        async with transaction(self.pools.small, _plain) as connection:
            yield connection

    async def record(self, recording: Recording, *, exclusive: bool) -> bool:
        """One statement, one implicit transaction: locks, the conditional insert, the commit."""
        try:
            async with acquired(self.pools.serving) as connection, durable(connection):
                recorded: bool = await connection.fetchval(hot.RECORD, not exclusive, *hot.record_arguments(recording))
                return recorded
        except LOST as error:
            raise Unavailable("record failed") from error

    def behind(self, proof: str | None) -> PostgresBehind:
        """The same database as the role that holds no content, for one caller."""
        return PostgresBehind(self.justice, proof)

    async def check(self) -> None:
        """Refuse a server that does not keep what it acknowledged."""
        async with self.read() as connection:
            for name in ("fsync", "full_page_writes", "synchronous_commit"):
                row = (await connection.raw("setting", name))[0]
                if row["value"] == "off":
                    raise Unavailable(f"PostgreSQL has {name} off")

    async def close(self) -> None:
        """Give every connection back."""
        for pools in (self.pools, self.justice):
            if pools is not None:
                await pools.close()


async def _plain(connection: Any) -> PostgresConnection:
    return PostgresConnection(connection)
