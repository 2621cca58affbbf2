"""Pools of PostgreSQL connections: one to serve, a small one for narrowing writes (design 3, 9)."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import asyncpg

from app.storage.database import Unavailable

NARROWING_TIMEOUT_MS: Final = 5_000
RELEASE_LOCK_TIMEOUT_MS: Final = 8_000
"""Exceeds the narrowing writes' timeout, or a 503 would tell that someone is changing this patient's consent."""
ACQUIRE_SECONDS: Final = 6.0
"""How long is waited for a connection; longer than a narrowing write can take, for the same reason."""
STATEMENT_TIMEOUT_MS: Final = 10_000
ANSWER_SECONDS: Final = 12.0
"""How long the client waits for an answer to one statement: the server's own limits are no use if it stands still."""
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
async def acquired(pool: Any) -> AsyncIterator[Any]:
    """A connection, waited for so long and no longer."""
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


class Settling(Protocol):
    """What a transaction is seen as; told before its commit."""

    async def settle(self) -> None:
        """Have the commit wait for a standby whether or not this transaction changed a row."""


S = TypeVar("S", bound=Settling)


@asynccontextmanager
async def transaction(pool: Any, seen_as: Callable[[Any], Awaitable[S]]) -> AsyncIterator[S]:
    """A transaction on a connection of its own; leaving it commits, durably."""
    try:
        # Dropped inside as well: else the transaction would send its ROLLBACK after what is not answered.
        async with (
            acquired(pool) as connection,
            durable(connection),
            connection.transaction(),
            _dropped_if_silent(connection),
        ):
            seen = await seen_as(connection)
            yield seen
            await seen.settle()
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
