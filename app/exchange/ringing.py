"""Ringing: claimed and committed first, sent afterwards, tried again on a schedule of the ring's own.

Several workers may ring at once, and any of them may be killed at any moment: a try that was claimed has left the next
one behind, so a ring is taken at least once, each time under the same id. No connection to the database is held while
one is sent. Nothing here knows what it rings for.
"""

import asyncio
import secrets
from dataclasses import dataclass
from typing import Any, Final

from app.delivery.backoff import TICK_US, TRIES, next_tick, ticked_seconds, try_again_at
from app.delivery.sender import Ring, Sender
from app.exchange import doorbells
from app.exchange.hub import Hub
from app.exchange.unit import read, write
from app.log import log
from app.storage import webhooks
from app.storage.database import Reader, Row, Transaction, Unavailable
from app.storage.sealing import Unsealable

AT_ONCE: Final = 64
"""Requests under way in one worker."""


@dataclass(frozen=True, slots=True)
class Try:
    """One try of one ring, claimed by this worker."""

    webhook: str
    unit: str
    client: str
    digest: str
    """What the bell had to ring for when this try was claimed."""
    number: int
    ring: Ring


async def ring(hub: Hub, sender: Sender, *, once: bool) -> None:
    """Ring at every tick until stopped, or, with ``once``, what is due now and by the next tick."""
    under_way: set[asyncio.Task[None]] = set()
    async with asyncio.TaskGroup() as sending:
        while True:
            for one in await _due(hub, AT_ONCE - len(under_way)):
                task = sending.create_task(_try(hub, sender, one))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
            await _look(hub)
            if once:
                break
            await asyncio.sleep(await _until_tick(hub))
    if await _set(hub):
        await asyncio.sleep(await _until_tick(hub))
        await asyncio.gather(*(_try(hub, sender, one) for one in await _due(hub, AT_ONCE)))


async def _look(hub: Hub) -> None:
    try:
        await doorbells.look(hub)
    except Unavailable:  # the database is away: what is left is found again
        log("doorbell_unseen", level="error")


async def _due(hub: Hub, most: int) -> list[Try]:
    """Claim what is due, up to ``most``; committed before anything is sent."""

    async def flow(tx: Transaction) -> list[Try]:
        now = await tx.now()
        rows = await tx.all(webhooks.DUE, now=now, most=most)
        # In one order, or two workers deadlock.
        return [one for row in sorted(rows, key=_identity) if (one := await _claim(hub, tx, row, now)) is not None]

    try:
        async with hub.database.read() as reader:
            found = most > 0 and await reader.all(webhooks.DUE, now=await reader.now(), most=1)
        return (await write(hub, flow)).value if found else []
    except Unavailable:
        return []


def _identity(row: Row) -> str:
    identifier: str = row["id"]
    return identifier


async def _claim(hub: Hub, tx: Transaction, row: Row, now: int) -> Try | None:
    if row["attempt"] >= TRIES:
        await tx.run(webhooks.SETTLE, webhook=row["id"], this=row["ring"], said=row["digest"], at=now)
        return None
    tries = row["attempt"] + 1
    again = try_again_at(row["ring"], tries, now)
    claimed = await tx.run(webhooks.CLAIM, webhook=row["id"], this=row["ring"], tries=row["attempt"], at=again)
    if claimed != 1:  # another worker was first
        return None
    try:
        opened: Any = hub.vault.open(row["sealed"], "webhook", row["id"])
    except Unsealable:
        log("doorbell_unsealable", level="error", unit_id=row["unit_id"], client_id=row["client_id"])
        return None
    ring = Ring(opened["url"], opened["secret"], row["ring"], ticked_seconds(now))
    return Try(row["id"], row["unit_id"], row["client_id"], row["digest"], tries, ring)


async def _try(hub: Hub, sender: Sender, one: Try) -> None:
    """Send, and say so if it was taken. Whatever fails, the next try stands already."""
    try:
        outcome = await sender.send(one.ring)
        if outcome == "taken":
            await _settle(hub, one)
    except Exception as error:  # its words may hold a URL
        log("doorbell_failed", level="error", unit_id=one.unit, error_class=type(error).__name__)
        return
    log("doorbell", client_id=one.client, unit_id=one.unit, attempt=one.number, code=outcome)


async def _settle(hub: Hub, one: Try) -> None:
    """The ring is over; where news came after its claim, another one begins."""

    async def flow(tx: Transaction) -> None:
        now, this = await tx.now(), one.ring.identifier
        if await tx.run(webhooks.SETTLE, webhook=one.webhook, this=this, said=one.digest, at=now) != 1:
            other = secrets.token_hex(16)
            await tx.run(webhooks.ANOTHER, webhook=one.webhook, this=this, other=other, at=next_tick(now))

    await write(hub, flow)


async def _set(hub: Hub) -> bool:
    """Whether something rings at the next tick."""

    async def flow(reader: Reader) -> bool:
        return bool(await reader.all(webhooks.DUE, now=next_tick(await reader.now()), most=1))

    return (await read(hub, flow)).value


async def _until_tick(hub: Hub) -> float:
    """Seconds, by the database's clock, so that all workers keep one time."""

    async def flow(reader: Reader) -> float:
        now = await reader.now()
        return (next_tick(now) - now) / 1_000_000

    try:
        return (await read(hub, flow)).value
    except Unavailable:
        return TICK_US / 1_000_000
