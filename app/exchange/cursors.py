"""Places in lists: a cursor is sealed to its unit and client, and says of which list and question it is."""

from collections.abc import Sequence
from typing import Any

from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.storage.sealing import Unsealable


def place_in(hub: Hub, caller: Caller, cursor: str, listed: Sequence[Any]) -> list[Any]:
    """Where a page begins, as it was sealed after what names the list and the question, ``listed``.

    Raises:
        Invalid: none of ours, of another client, another list or another question.
    """
    try:
        found: Any = hub.vault.position(caller.unit, caller.client, cursor)
    except Unsealable:
        found = []
    if found[: len(listed)] != list(listed):
        raise Invalid((Flaw("", "cursor_invalid", "This cursor is not one of this list; begin again without after."),))
    rest: list[Any] = found[len(listed) :]
    return rest
