"""How many requests a client may send in a minute. Counted in the database, leased to each worker in batches.

Counted by client and clock alone, never by person, case or answer: whoever is refused learns nothing but its own pace
(design 6). A worker writes once a batch, so the count costs next to nothing; what it leased and did not use is lost to
the client when the minute ends.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from app.errors import TooMany
from app.storage import allowances
from app.storage.database import Database, Unavailable

WINDOW_SECONDS: Final = 60
BATCH: Final = 50
EACH_AT_ONCE: Final = 128
"""Requests of one client that one process serves at a time: half of all, so that none keeps the others out."""
_REMEMBERED: Final = 4096


@dataclass(slots=True)
class _Lease:
    window: int = -1
    left: int = 0
    over: bool = False
    """Nothing is left of the whole allowance of this window: no need to ask again."""
    failed: int = 0
    """How often it could not be counted."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


class Allowances:
    """The leases of this process. ``per_minute`` 0 sets no limit."""

    def __init__(self, per_minute: int) -> None:
        self._most = per_minute
        self._batch = max(1, min(BATCH, per_minute // 20))
        self._leases: dict[str, _Lease] = {}
        self.under_way: Counter[str] = Counter()
        """Requests that are served at this moment, by client; none of a client that has none."""

    async def spend(self, database: Database, client: str, now: int) -> None:
        """Count one request of an authenticated client. ``now`` in whole seconds since 1970.

        Raises:
            TooMany: the allowance of this minute is used up.
            Unavailable: it cannot be counted.
        """
        if not self._most:
            return
        window = now // WINDOW_SECONDS
        lease = self._lease(client, window)
        if lease.window != window or not lease.left:
            failed = lease.failed
            async with lease.turn:  # one of the client's requests asks for all that wait
                if lease.failed != failed:  # also in vain, or their waits would add up
                    raise Unavailable("requests cannot be counted")
                if lease.window != window or not (lease.left or lease.over):
                    await self._renew(database, client, lease, window)
        if not lease.left:
            raise TooMany(WINDOW_SECONDS - now % WINDOW_SECONDS)
        lease.left -= 1

    def enter(self, client: str) -> Callable[[], None]:
        """Take a place for a request of an authenticated client; what is returned gives it back, and is called once.

        Raises:
            Unavailable: the client has as many requests under way as it may.
        """
        if self.under_way[client] >= EACH_AT_ONCE:
            raise Unavailable("too many requests of one client at once")
        self.under_way[client] += 1

        def leave() -> None:
            self.under_way[client] -= 1
            if not self.under_way[client]:
                del self.under_way[client]

        return leave

    def _lease(self, client: str, window: int) -> _Lease:
        if len(self._leases) > _REMEMBERED:
            self._leases = {name: one for name, one in self._leases.items() if one.window == window}
        return self._leases.setdefault(client, _Lease())

    async def _renew(self, database: Database, client: str, lease: _Lease, window: int) -> None:
        asked = {"client_id": client, "window": window, "used": self._batch, "most": self._most}
        try:
            async with database.write() as transaction:
                row = await transaction.one(allowances.LEASE, **asked)
        except Unavailable:
            lease.failed += 1
            raise
        beyond = max(0, row["used"] - self._most) if row is not None else self._batch
        lease.window, lease.left, lease.over = window, self._batch - beyond, beyond > 0
