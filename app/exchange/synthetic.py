"""Invented people are told apart by their id: a place for tests takes nobody else, a live one none of them (2.16)."""

from typing import Final

from app.errors import Flaw, Invalid
from app.exchange.hub import Hub

PREFIX: Final = "TEST-"
"""How the clinic's own id of an invented person begins."""
_SECTION: Final = "42 CFR 2.16"


def refuse(hub: Hub, local_id: str | None) -> None:
    """A patient who does not belong into this instance. The sandbox takes both, unless it is set to synthetic people.

    Raises:
        Invalid: a real person where only invented ones may be, or the reverse.
    """
    invented = (local_id or "").upper().startswith(PREFIX)
    if hub.synthetic_only and not invented:
        detail = f"This instance is for tests: it takes invented people only, whose local_id begins with {PREFIX}."
        raise Invalid((Flaw("/local_id", "person_not_synthetic", detail, _SECTION),))
    if invented and not (hub.sandbox or hub.synthetic_only):
        detail = f"This instance is live: a local_id that begins with {PREFIX} is that of an invented person."
        raise Invalid((Flaw("/local_id", "person_synthetic", detail, _SECTION),))
