"""Webhooks of a justice client: where its doorbell is rung. What rings, and when, is ``doorbells`` and ``ringing``."""

import secrets
from typing import Any, Final

from app.delivery.addresses import AddressRefused, addresses_of, parse
from app.delivery.signature import SECRET_BYTES, written
from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange.authenticate import Caller
from app.exchange.feed import require_reader
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read, write
from app.storage import webhooks
from app.storage.database import Reader, Row, Transaction

MOST: Final = 5
"""Live webhooks of one client, in all its units and roles."""

Body = dict[str, Any]


async def check(hub: Hub, caller: Caller, url: str) -> None:
    """Refuse who has no feed, and a URL that may not be rung; it is looked at again each time it is.

    Raises:
        Forbidden: the role reads for no purpose.
        Invalid: one flaw, whatever is wrong with the URL or its host: what is inside our network is nobody's to learn.
    """
    require_reader(caller)
    try:
        await addresses_of(parse(url, sandbox=hub.sandbox), sandbox=hub.sandbox)
    except AddressRefused:
        detail = (
            "Give an https URL on port 443 of a public host, without user or fragment, of 1,024 characters at most."
        )
        raise Invalid((Flaw("/url", "url_not_allowed", detail),)) from None


async def add(hub: Hub, caller: Caller, url: str, tx: Transaction) -> Body:
    """A new webhook of the caller's unit and role, with a signing secret that is told this once.

    Raises:
        Conflict: the client has as many as one may have.
    """
    await tx.try_lock(f"webhooks of {caller.client}")
    counted = await tx.one(webhooks.COUNT, client=caller.client)
    if counted is not None and counted["rows"] >= MOST:
        raise Conflict("webhooks_too_many", f"A client has at most {MOST} webhooks, in all its units and roles.")
    identifier, secret, now = secrets.token_hex(16), written(secrets.token_bytes(SECRET_BYTES)), await tx.now()
    await tx.run(
        webhooks.ADD,
        id=identifier,
        unit_id=caller.unit,
        client_id=caller.client,
        role=caller.role.value,
        sealed=hub.vault.seal({"url": url, "secret": secret}, "webhook", identifier),
        created_at=now,
    )
    await tx.run(webhooks.ADD_BELL, webhook_id=identifier, digest="", attempt=0)
    return {"id": identifier, "url": url, "created_at": rfc3339(now), "secret": secret}


async def listed(hub: Hub, caller: Caller) -> Committed[list[Body]]:
    """The live ones of the caller's unit and role, oldest first. Not when they rang: the receiver knows."""

    async def flow(reader: Reader) -> list[Body]:
        return [_view(hub, row) for row in await reader.all(webhooks.OWN, **_mine(caller))]

    return await read(hub, flow)


async def end(hub: Hub, caller: Caller, webhook: str) -> Committed[Body]:
    """End one of the caller's own: it is rung no more, a ring under way included.

    Raises:
        NotFound: any other id.
    """

    async def flow(tx: Transaction) -> Body:
        if await tx.run(webhooks.END, webhook=webhook, at=await tx.now(), **_mine(caller)) != 1:
            raise NotFound
        await tx.run(webhooks.REMOVE_BELL, webhook=webhook)
        await tx.run(webhooks.FORGET_SEEN, webhook=webhook)
        await tx.run(webhooks.FORGET_VIEWS, webhook=webhook)
        return {"id": webhook}

    return await write(hub, flow)


def _mine(caller: Caller) -> dict[str, str]:
    return {"client": caller.client, "unit": caller.unit, "role": caller.role.value}


def _view(hub: Hub, row: Row) -> Body:
    opened: Any = hub.vault.open(row["sealed"], "webhook", row["id"])
    return {"id": row["id"], "url": opened["url"], "created_at": rfc3339(row["created_at"])}
