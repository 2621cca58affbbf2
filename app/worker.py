"""The worker: sequences the disclosure log. Any number may run; none is needed for a consent to end."""

import asyncio
import time
from typing import Final

from app.exchange.hub import Hub
from app.exchange.idempotent import forget_answers
from app.exchange.sequencing import Verdict, audit, sequence
from app.instance import keep_no_core, open_hub, ready_hub
from app.settings import Settings
from app.storage.database import Unavailable

IDLE_SECONDS: Final = 2.0
FORGET_SECONDS: Final = 3600.0
"""How often answers that were kept for a repeated request are forgotten, whether or not anybody sends one."""


async def work(settings: Settings, *, once: bool) -> None:
    """Sequence until stopped, or, with ``once``, until nothing is left."""
    keep_no_core()
    hub = await ready_hub(settings)
    forgotten = -FORGET_SECONDS
    try:
        while True:
            if time.monotonic() - forgotten >= FORGET_SECONDS:
                await _forget(hub)
                forgotten = time.monotonic()
            if await _placed(hub) == 0:
                if once:
                    return
                await asyncio.sleep(IDLE_SECONDS)
    finally:
        await hub.database.close()


async def _forget(hub: Hub) -> None:
    try:
        await forget_answers(hub)
    except Unavailable:  # it is tried again in an hour, and whoever sends a key does the same
        await asyncio.sleep(IDLE_SECONDS)


async def _placed(hub: Hub) -> int:
    try:
        return await sequence(hub)
    except Unavailable:  # another worker was first, or the database is away: what is left is found again
        await asyncio.sleep(IDLE_SECONDS)
        return 1


async def verify(settings: Settings) -> Verdict:
    """Audit the whole log."""
    hub = await open_hub(settings)
    try:
        return await audit(hub)
    finally:
        await hub.database.close()
