"""Cursors and filters of the lists of a unit's own referrals."""

from collections.abc import Mapping
from typing import Final

from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.hub import Hub

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
    at, identifier = place_in(hub, caller, asked["after"], ["referrals", direction, status])
    return direction, status, (at, identifier)


def cursor(
    hub: Hub, caller: Caller, direction: str, status: str | None, following: tuple[int, str] | None
) -> str | None:
    """The sealed cursor of the next page, if there is one."""
    return (
        hub.vault.cursor(caller.unit, caller.client, ["referrals", direction, status, *following])
        if following
        else None
    )
