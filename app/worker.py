"""The worker: sequences the log, rings doorbells, looks at events that were entered late and at cases that moved.

Any number may run; none is needed for a consent to end.
"""

import asyncio
import contextlib
import time
from typing import Final

from app.delivery.sender import Sender
from app.exchange import case_move_reviews, high_water, late_events
from app.exchange.hub import Hub
from app.exchange.idempotent import forget_answers
from app.exchange.ringing import ring
from app.exchange.sequencing import Verdict, audit, sequence
from app.instance import open_hub, ready_hub
from app.log import log
from app.settings import Settings
from app.storage.database import Unavailable

IDLE_SECONDS: Final = 2.0
FORGET_SECONDS: Final = 3600.0
"""How often answers that were kept for a repeated request are forgotten, whether or not anybody sends one."""


async def work(settings: Settings, *, once: bool) -> None:
    """Sequence and ring until stopped, or, with ``once``, until nothing is left and what is due was rung once."""
    hub = await ready_hub(settings, justice=False)
    sender = Sender(sandbox=settings.sandbox)
    try:
        await high_water.require(hub, settings.keys)  # or an older copy would get another tree than was signed once
        async with asyncio.TaskGroup() as both:  # neither waits for the other: a receiver is slow, a batch is large
            both.create_task(_sequence(hub, settings, once=once))
            both.create_task(ring(hub, sender, once=once))
    finally:
        await sender.close()
        await hub.database.close()


async def _sequence(hub: Hub, settings: Settings, *, once: bool) -> None:
    forgotten = -FORGET_SECONDS
    while True:
        if time.monotonic() - forgotten >= FORGET_SECONDS:
            await _forget(hub)
            forgotten = time.monotonic()
        placed = await _placed(hub)
        await _keep_mark(hub, settings)
        if placed == 0:
            if once:
                return
            await asyncio.sleep(IDLE_SECONDS)


async def _keep_mark(hub: Hub, settings: Settings) -> None:
    """A disk that takes no mark keeps nothing else from being done: only a later restore is then noticed less well."""
    with contextlib.suppress(Unavailable):
        try:
            await high_water.keep(hub, settings.keys)
        except OSError as error:
            log("mark_not_kept", level="error", error_class=type(error).__name__)


async def _forget(hub: Hub) -> None:
    try:
        await forget_answers(hub)
    except Unavailable:  # it is tried again in an hour, and whoever sends a key does the same
        await asyncio.sleep(IDLE_SECONDS)


async def _placed(hub: Hub) -> int:
    try:
        return await sequence(hub) + await late_events.judge(hub) + await case_move_reviews.judge(hub)
    except Unavailable:  # another worker was first, or the database is away: what is left is found again
        await asyncio.sleep(IDLE_SECONDS)
        return 1


async def accept_restore(settings: Settings) -> int:
    """Accept an older copy of the database as what it is from now on; how many disclosures its tree has."""
    hub = await open_hub(settings, justice=False)
    try:
        return (await high_water.accept(hub, settings.keys)).size
    finally:
        await hub.database.close()


async def verify(settings: Settings) -> Verdict:
    """Audit the whole log."""
    hub = await open_hub(settings, justice=False)
    try:
        return await audit(hub)
    finally:
        await hub.database.close()
