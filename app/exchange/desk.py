"""What a patient says at the desk, as a selection of what is taken back."""

from typing import Any

from app.errors import Flaw, Invalid
from app.exchange.stopping import Selection
from app.exchange.unit import Committed, unwrapped
from app.vocabulary import Element, Purpose


def selection(
    everything: bool,
    consents: tuple[str, ...] | None,
    recipients: tuple[str, ...] | None,
    elements: tuple[Element, ...] | None,
    purposes: tuple[Purpose, ...] | None,
) -> Selection:
    """What is taken back: everything, or what the named consents, recipients, elements and purposes share.

    Raises:
        Invalid: nothing was named, an empty list was, or everything and something.
    """
    named = [part for part in (consents, recipients, elements, purposes) if part is not None]
    if everything == bool(named) or any(not part for part in named):
        detail = "Say all, or name at least one consent, recipient, element or purpose to take back."
        raise Invalid((Flaw("", "revocation_empty", detail),))
    return Selection(
        frozenset(consents) if consents is not None else None,
        frozenset(recipients) if recipients is not None else None,
        frozenset(elements) if elements is not None else None,
        frozenset(purposes) if purposes is not None else None,
    )


def body_of(committed: Committed[tuple[int, dict[str, Any]]]) -> Committed[dict[str, Any]]:
    """The body alone; its state gives the status."""
    return unwrapped(committed)
