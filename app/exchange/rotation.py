"""Rotation of the wrapping keys while the service runs: every data key is wrapped anew, no content is sealed anew."""

import asyncio
from typing import Final

from app.exchange import keys
from app.exchange.hub import Hub
from app.storage import data_keys
from app.storage.database import Unavailable
from app.storage.gate import KEYS, lock_id

BATCH: Final = 500
_TRIES: Final = 600
_PAUSE_SECONDS: Final = 0.05


class StillNeeded(Exception):
    """A wrapping key that cannot be retired: it is the current one, or wraps something."""


async def rewrap(hub: Hub) -> int:
    """Wrap with the current key whatever another one wraps; how many keys that were.

    Batch by batch, each a transaction: it may be stopped and begun again, and run while the service serves.

    Raises:
        Unsealable: a key was wrapped by one that is not among the wrapping keys.
        Unavailable: the one that is current here was retired.
    """
    done = 0
    while True:
        async with hub.database.read() as reader:
            found = [row["wrapped_by"] for row in await reader.all(data_keys.WRAPPED_BY)]
        others = [by for by in found if by != hub.vault.wrapping.current]
        if not others:
            return done
        done += await _batch(hub, others[0])


async def _batch(hub: Hub, by: str) -> int:
    vault, done = hub.vault, 0
    async with hub.database.write() as tx:
        await keys.hold_wrapping(tx, hub)  # or what is wrapped here would be lost with a key that was retired meanwhile
        for row in await tx.all(data_keys.OF_WRAPPING, by=by, most=BATCH):
            new = vault.wrapping.wrap(vault.wrapping.unwrap(row["wrapped"], row["owner"]), row["owner"])
            changed = {"of": row["owner"], "old": row["wrapped"], "new": new, "by": new[1:5].hex()}
            done += await tx.run(data_keys.REWRAP, **changed)
    return done


async def retire(hub: Hub, wrapping: str) -> None:
    """Let a wrapping key wrap nothing any more, so that it can be taken out of the keys.

    A process that has not read the keys since the rotation would go on wrapping with it: from now on the database
    tells it that the key is retired, and it reads the keys again.

    Raises:
        StillNeeded: it is the current one, or a key is wrapped by it: ``rewrap`` first.
        Unavailable: somebody was wrapping a key all the time.
    """
    if wrapping == hub.vault.wrapping.current:
        raise StillNeeded("it is the current one: rotate first")
    for _ in range(_TRIES):
        async with hub.database.write() as tx:
            # Tried, never waited for: whoever waited here would make the next writer wait for the one before.
            if (await tx.raw("alone", lock_id(KEYS)))[0]["held"]:
                counts = {row["wrapped_by"]: row["keys"] for row in await tx.all(data_keys.WRAPPED_BY)}
                if wrapping in counts:
                    raise StillNeeded(f"it wraps {counts[wrapping]} keys: rewrap first")
                row = {"owner": data_keys.retired(wrapping), "wrapped": None, "wrapped_by": ""}
                await tx.run(data_keys.ADD, created_at=await tx.now(), **row)
                return
        await asyncio.sleep(_PAUSE_SECONDS)
    raise Unavailable("somebody was wrapping keys all the time")
