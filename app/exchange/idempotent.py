"""Idempotency-Key: the same request twice is carried out once (draft-ietf-httpapi-idempotency-key-header-07)."""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final

from app.errors import Conflict, Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.unit import Committed, narrow, write
from app.storage import idempotency
from app.storage.database import BusyElsewhere, Transaction

KEPT_US: Final = 30 * 86_400_000_000

Body = dict[str, Any]
Flow = Callable[[Transaction], Awaitable[Body]]
Render = Callable[[Transaction, Body], Awaitable[Body]]


@dataclass(frozen=True, slots=True)
class Once:
    """How one creating request is told apart: its route, its key (None: every request is new), its bytes."""

    route: str
    key: str | None
    body: bytes
    status: int = 201
    narrowing: bool = False


async def once(
    hub: Hub, caller: Caller, request: Once, flow: Flow, render: Render | None = None
) -> Committed[tuple[int, Body]]:
    """Run ``flow`` once for a key and answer its status and body.

    A replay to justice is verbatim: it holds only the sender's own words. One to a clinic passes ``render``, so that
    it is authorised as things stand now.
    """

    async def run(tx: Transaction) -> tuple[int, Body]:
        if request.key is None:
            return request.status, await flow(tx)
        scope = hub.vault.blind("idempotency", caller.client, caller.unit, request.route, request.key)
        await tx.try_lock(scope)
        kept = await _kept(hub, tx, scope, request)
        if kept is not None:
            return kept[0], kept[1] if render is None else await render(tx, kept[1])
        body = await flow(tx)
        await _keep(hub, tx, scope, request, body)
        return request.status, body

    try:
        return await (narrow if request.narrowing else write)(hub, run)
    except BusyElsewhere as error:
        detail = "The first request with this Idempotency-Key is still running; repeat this one shortly."
        raise Conflict("idempotency_in_flight", detail) from error


async def forget_answers(hub: Hub) -> None:
    """Forget every answer that was kept for its 30 days: it may hold the words of somebody who was erased since."""

    async def flow(tx: Transaction) -> None:
        await tx.run(idempotency.FORGET, before=await tx.now() - KEPT_US)

    await write(hub, flow)


async def _kept(hub: Hub, tx: Transaction, scope: str, request: Once) -> tuple[int, Body] | None:
    await tx.run(idempotency.FORGET, before=await tx.now() - KEPT_US)
    kept = await tx.one(idempotency.KEPT, scope=scope)
    if kept is None:
        return None
    if kept["fingerprint"] != hashlib.sha256(request.body).hexdigest():
        detail = "This Idempotency-Key was used with another body; use a new key for a new request."
        raise Invalid((Flaw("", "idempotency_key_reused", detail),))
    body: Any = hub.vault.open(kept["sealed"], "idempotency", scope)
    return kept["status"], body


async def _keep(hub: Hub, tx: Transaction, scope: str, request: Once, body: Body) -> None:
    await tx.run(
        idempotency.KEEP,
        scope=scope,
        fingerprint=hashlib.sha256(request.body).hexdigest(),
        status=request.status,
        sealed=hub.vault.seal(body, "idempotency", scope),
        created_at=await tx.now(),
    )
