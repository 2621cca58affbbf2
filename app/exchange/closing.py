"""Which recipients can never get anything from a consent again: their reads need not look at it any more.

Not for what is allowed, which the decision finds out by itself, but for time: a case in which everything was taken back
is then read like one in which nothing was ever given. A mark that is missing costs time only; it is never taken off.
"""

from collections.abc import Mapping

from app.consent.instrument import Instrument
from app.exchange.consent_state import events_of, left, loaded
from app.storage import consents
from app.storage.database import Row, Transaction
from app.vocabulary import CaseEvent


async def close_spent(tx: Transaction, consent: Row, now: int) -> None:
    """Close the recipients of a consent for whom nothing is left at ``now``, in the transaction that took it.

    What waits (42 CFR 2.35(c)) is left still. What a revocation in force has taken does not come back: revocations are
    never deleted, and of two instants at which a clock fires the earlier counts.
    """
    instrument = await loaded(tx, consent)
    if instrument is None:
        return
    for unit in sorted(spent(instrument, await events_of(tx, consent["case_key"]), now)):
        await tx.run(consents.CLOSE, of=consent["id"], recipient=unit, at=now)


def spent(instrument: Instrument, events: Mapping[CaseEvent, int], now: int) -> frozenset[str]:
    """The recipient units to whom an instrument can give nothing from ``now`` on, whatever else happens."""
    superseded = instrument.superseded_at is not None and instrument.superseded_at <= now
    standing = () if superseded else left(instrument, events, now)
    return frozenset(grant.unit for grant in instrument.grants) - frozenset(grant.unit for grant in standing)
