"""Cursors and filters of the lists of a unit's own referrals."""

from collections.abc import Mapping
from typing import Any, Final

from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage.sealing import Unsealable

_BEGIN: Final = (0, "")


def of_referrals(hub: Hub, caller: Caller, asked: Mapping[str, str]) -> tuple[str, str | None, tuple[int, str]]:
    """Direction, status filter and position of a list, from its query.

    Raises:
        Invalid: a direction or status that this caller's list does not have, or a cursor of another list.
    """
    own = "sent" if caller.is_justice else "received"
    direction, status = asked.get("direction", own), asked.get("status")
    if direction != own:
        raise Invalid((Flaw("", "parameter_invalid", f"direction is {own} for this caller."),))
    if status not in ((None, "sent", "cancelled") if caller.is_justice else (None,)):
        raise Invalid((Flaw("", "parameter_invalid", "status is sent or cancelled, on the sender's own list."),))
    if "after" not in asked:
        return direction, status, _BEGIN
    try:
        position: Any = hub.vault.position(caller.unit, caller.client, asked["after"])
    except Unsealable:
        position = []
    if position[:3] != ["referrals", direction, status]:
        raise Invalid((Flaw("", "cursor_invalid", "This cursor is not one of this list; begin again without after."),))
    return direction, status, (position[3], position[4])


def cursor(
    hub: Hub, caller: Caller, direction: str, status: str | None, following: tuple[int, str] | None
) -> str | None:
    """The sealed cursor of the next page, if there is one."""
    return (
        hub.vault.cursor(caller.unit, caller.client, ["referrals", direction, status, *following])
        if following
        else None
    )
