"""The worker: sequences the disclosure log and looks at events that were entered late.

Any number may run; none is needed for a consent to end.
"""

import asyncio
from typing import Final

from app.exchange import late_events
from app.exchange.hub import Hub
from app.exchange.sequencing import Verdict, audit, sequence
from app.instance import open_hub
from app.settings import Settings
from app.storage.database import Unavailable

IDLE_SECONDS: Final = 2.0


async def work(settings: Settings, *, once: bool) -> None:
    """Sequence until stopped, or, with ``once``, until nothing is left."""
    hub = await open_hub(settings, justice=False)
    try:
        while True:
            if await _placed(hub) == 0:
                if once:
                    return
                await asyncio.sleep(IDLE_SECONDS)
    finally:
        await hub.database.close()


async def _placed(hub: Hub) -> int:
    try:
        return await sequence(hub) + await late_events.judge(hub)
    except Unavailable:  # another worker was first, or the database is away: what is left is found again
        await asyncio.sleep(IDLE_SECONDS)
        return 1


async def verify(settings: Settings) -> Verdict:
    """Audit the whole log."""
    hub = await open_hub(settings, justice=False)
    try:
        return await audit(hub)
    finally:
        await hub.database.close()
