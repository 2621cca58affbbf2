"""What a clinic is to look at again in a consent that stands or is proposed; justice never sees it."""

from typing import Any, Final

from app.consent.creation.warnings import warnings
from app.consent.instrument import Instrument
from app.consent.local_time import read, start_of_day, zone_of
from app.consent.profile import Profile
from app.consent.proposal import Proposal
from app.storage.database import Row
from app.vocabulary import ConsentState

_SHOWN: Final = frozenset({ConsentState.PROPOSED, ConsentState.ACTIVE})


def warned(
    row: Row, proposal: Proposal, instrument: Instrument | None, state: ConsentState, profile: Profile, zone: str
) -> dict[str, Any]:
    """``warnings`` for the view of a consent, if there are any. ``zone`` is the clinic's as the form was drawn up."""
    if state not in _SHOWN:
        return {}
    starts, until = row["created_at"], None
    if instrument is not None:
        starts, until = instrument.effective_from, instrument.represented_until
    elif proposal.effective_from is not None:
        starts = max(starts, read(proposal.effective_from, zone_of(zone), start_of_day))
    found = [
        {"code": one.code, "on": one.on.isoformat(), "detail": one.detail}
        for one in warnings(proposal, profile, starts, zone, until)
    ]
    return {"warnings": found} if found else {}
