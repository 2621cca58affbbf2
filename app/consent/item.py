"""The identifier of a disclosed item: the same as long as it is the same thing, and telling nothing (design 5)."""

import hmac
from functools import lru_cache

from app.consent.ask import Viewer
from app.consent.slots import CURRENT, Slot
from app.vocabulary.calendar import iso


def item_id(slot: Slot, viewer: Viewer) -> str:
    """HMAC of (case, subject, discloser, kind, referral or window) under the unit's key; never from a message."""
    window = f"current{slot.referral}" if slot.start == CURRENT else f"{day(slot.start)}/{day(slot.last)}"
    named = "\0".join((viewer.case_id, slot.party.subject_ref, slot.discloser, slot.kind, window))
    return hmac.digest(viewer.key, named.encode(), "sha256").hex()[:32]


day = lru_cache(maxsize=4096)(iso)
"""A day ordinal as an RFC 3339 full-date, remembered."""
