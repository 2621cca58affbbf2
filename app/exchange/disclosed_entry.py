"""The entry of one disclosure beside the gated reads: a transfer, an emergency, a notice, a letter."""

import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from app.exchange.authenticate import Caller
from app.exchange.entries import HIDDEN, base, canonical_bytes, person_of
from app.ledger.entry import commitment
from app.storage.sealing import DataKey

OUTSIDE: Final = "outside"
"""Stands for the recipient's unit where the recipient is none that is registered."""


class Entry(NamedTuple):
    """Its identifier, its canonical bytes, and the sealed openings of what it only commits to."""

    id: str
    entry: bytes
    opening: bytes


def disclosure(
    caller: Caller, at: int, key: DataKey, hidden: Mapping[str, str], said: Mapping[str, Any], purpose: str
) -> Entry:
    """``hidden`` is what is only committed to, beyond who asked; ``said`` what else stands in the entry, or instead."""
    identifier = secrets.token_hex(16)
    committed = {**dict.fromkeys(HIDDEN, ""), "person": person_of(caller), **hidden}
    openings = {name: (secrets.token_hex(16), value) for name, value in committed.items()}
    entry = {**base(caller, at, purpose), "op": "disclosure", "id": identifier, **said}
    entry["committed"] = {name: commitment(*opening) for name, opening in openings.items()}
    sealed = key.seal(openings | {"case_id": ("", "")}, "disclosure", identifier)
    return Entry(identifier, canonical_bytes(entry), sealed)


def outside(
    caller: Caller,
    key: DataKey,
    recipient: tuple[str | None, str | None],
    times: tuple[int, int],
    hidden: Mapping[str, str],
    said: Mapping[str, Any],
    purpose: str,
) -> dict[str, Any]:
    """The row of what was told outside this service: to a unit or a name, when it was told and when it is recorded.

    ``hidden`` has the consent as ``instrument``, if there was one; ``said`` has the subject's pseudonym.
    """
    unit, name = recipient
    at, now = times
    to = unit or OUTSIDE
    stated = {"recorded_at": now, "unit": to, "role": "", **said}
    made = disclosure(caller, at, key, {"recipient": name or "", **hidden}, stated, purpose)
    return {
        "id": made.id,
        "subject": said["subject"],
        "unit_id": to,
        "instrument_id": hidden.get("instrument", "").partition("@")[0],
        "at": at,
        "entry": made.entry,
        "opening": made.opening,
    }
