"""Pools of PostgreSQL connections: one to serve, a small one for narrowing writes (design 3, 9)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from app.storage.database import Unavailable

NARROWING_TIMEOUT_MS: Final = 5_000
RELEASE_LOCK_TIMEOUT_MS: Final = 8_000
"""Exceeds the narrowing writes' timeout, or a 503 would tell that someone is changing this patient's consent."""
LOST: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError)


@dataclass(frozen=True, slots=True)
class Pools:
    """The connections of one role: many to serve, a few for narrowing writes."""

    serving: Any
    small: Any

    @classmethod
    async def open(cls, url: str, *, size: int = 12, narrow_size: int = 3) -> "Pools":
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
        except LOST as error:
            raise Unavailable("no connection") from error
        return cls(serving, small)

    async def close(self) -> None:
        """Give every connection back."""
        await self.serving.close()
        await self.small.close()


async def _leave_as_it_is(_: Any) -> None:
    """On return a connection is rolled back if need be; no statement here sets, listens or locks for a session.

    The driver's own reset is a round trip to undo such things, three times in each gated read.
    """


@asynccontextmanager
async def transaction(pool: Any) -> AsyncIterator[Any]:
    try:
        async with pool.acquire() as connection, durable(connection), connection.transaction():
            yield connection
    except LOST as error:
        raise Unavailable("write failed") from error


@asynccontextmanager
async def durable(connection: Any) -> AsyncIterator[None]:
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
