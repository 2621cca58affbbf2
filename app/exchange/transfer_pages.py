"""Pages of transfers, sent or received, and the sealed cursors between them."""

from collections.abc import Mapping
from typing import Any, Final

from app.errors import Flaw, Invalid
from app.exchange import handover, transfers
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.hub import Hub
from app.exchange.unit import Committed

_BEGIN: Final = (0, "")


async def page(
    hub: Hub, caller: Caller, asked: Mapping[str, str], limit: int
) -> tuple[Committed[handover.Page], str | None]:
    """The page that a query names, and the cursor of the next one, if there is one.

    Raises:
        Invalid: an unknown direction, or a cursor of another list.
    """
    direction = asked.get("direction", "received")
    if direction not in ("sent", "received"):
        raise Invalid((Flaw("", "parameter_invalid", "direction is sent or received."),))
    after = _after(hub, caller, direction, asked.get("after"))
    found = await (transfers.sent if direction == "sent" else handover.inbox)(hub, caller, after, limit)
    following = found.value[1]
    position = ["transfers", direction, *following] if following is not None else None
    return found, hub.vault.cursor(caller.unit, caller.client, position) if position is not None else None


async def show(hub: Hub, caller: Caller, transfer: str) -> Committed[dict[str, Any]]:
    """A transfer that this unit sent, or what it may be told of one that it received; NotFound for any other id."""
    sent = await transfers.shown(hub, caller, transfer)
    return sent if sent.value else await handover.fetch(hub, caller, transfer)


def _after(hub: Hub, caller: Caller, direction: str, cursor: str | None) -> tuple[int, str]:
    if cursor is None:
        return _BEGIN
    at, identifier = place_in(hub, caller, cursor, ["transfers", direction])
    return at, identifier
