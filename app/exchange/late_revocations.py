"""Releases between the moment a revocation came into force and its entry: an incident to be judged.

What left is compared with what was allowed at that very moment, with the revocation and without it. So it does not
matter what has ended since, and what another consent allowed was no mistake.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.consent.clocks import in_force_from
from app.consent.instrument import Grant, Instrument, Revocation
from app.consent.rules import coverage
from app.exchange import incidents
from app.exchange.authenticate import Caller
from app.exchange.consent_state import events_of, left, loaded
from app.exchange.disclosed_entry import OUTSIDE
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.storage import consents, withdrawals
from app.storage.database import Row, Transaction
from app.vocabulary import OUTBOUND, CaseEvent, Element, MessageKind

ENTRY = "event:"
"""What the kind of an entry of the feed begins with, before the kind that it tells of."""


@dataclass(frozen=True, slots=True)
class Known:
    """An instrument and the events of its case."""

    instrument: Instrument
    events: Mapping[CaseEvent, int]


async def draft(
    hub: Hub, caller: Caller, tx: Transaction, records: Sequence[str], touched: Mapping[str, Known], received_at: int
) -> str | None:
    """The id of one draft for every release of what was already taken back; None if there was none.

    ``records`` are those of one person; ``touched`` are the consents as they were before the revocation that is now
    entered. To be asked once the gate is held: no release is under way any more. Patient and clinic knew at
    ``received_at``, so that is when the time to notify begins, or once it is in force (45 CFR 164.404(a)(2)).
    """
    drafts = [await _of_record(hub, caller, tx, (one, records), touched, received_at) for one in records]
    return next((one for one in drafts if one is not None), None)


async def _of_record(
    hub: Hub,
    caller: Caller,
    tx: Transaction,
    whose: tuple[str, Sequence[str]],
    touched: Mapping[str, Known],
    received_at: int,
) -> str | None:
    (patient, records), now = whose, await tx.now()
    rows = await tx.all(withdrawals.RELEASED, patient=patient, from_at=received_at, to_at=now + 1)
    rows = [row for row in rows if row["instrument_id"] in touched]
    standing = await instruments_of(tx, caller.unit, records) if rows else []
    found = [one for row in rows if (one := late(hub, row, touched[row["instrument_id"]], standing)) is not None]
    if not found:
        return None
    told = sorted({row["instrument_id"] for row in found})
    starts = [in_force_from(touched[one].instrument, Revocation(received_at), touched[one].events) for one in told]
    detail = {
        "recipients": incidents.grouped(hub, found),
        "received_at": rfc3339(received_at),
        "entered_at": rfc3339(now),
        "consents": told,
    }
    kind = incidents.IncidentKind.LATE_REVOCATION
    return await incidents.draft(tx, hub, caller.unit, patient, kind, min(starts), detail)


async def instruments_of(tx: Transaction, unit: str, records: Sequence[str]) -> list[Known]:
    """Every instrument of the person at a clinic, with all that is known by now."""
    found = []
    for patient in records:
        for row in await tx.all(consents.OF_PATIENT, patient=patient, unit=unit):
            instrument = await loaded(tx, row)
            if instrument is not None:
                found.append(Known(instrument, await events_of(tx, row["case_key"])))
    return found


def late(hub: Hub, row: Row, before: Known, standing: Sequence[Known]) -> Row | None:
    """The row of a release with those of its elements that had no basis any more; None if there are none.

    ``before`` is the instrument it was made under, as it was known then; ``standing`` all of the person, as known now.
    """
    entry, at = orjson.loads(row["entry"]), row["at"]
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    to = _Recipient(row["unit_id"], entry["role"], entry["purpose"], opening["person"][1].partition("\n")[0])
    own = before.instrument
    beside = [
        one
        for one in standing
        if one.instrument.id == own.id or (one.instrument.case == own.case and _is_sound(one.instrument))
    ]
    allowed = _given(to, before, at)
    kept = frozenset[Element]().union(*(_given(to, one, at) for one in beside))
    if entry["kind"].startswith(ENTRY):
        readable = OUTBOUND[MessageKind(entry["kind"].removeprefix(ENTRY))]
        return row if allowed & readable and not kept & readable else None
    elements = sorted((allowed - kept).intersection(entry["elements"]))
    return {**row, "entry": orjson.dumps(entry | {"elements": elements})} if elements else None


def _is_sound(instrument: Instrument) -> bool:
    return not (instrument.suspended or instrument.entered_in_error)


@dataclass(frozen=True, slots=True)
class _Recipient:
    unit: str
    role: str
    purpose: str
    person: str

    def is_of(self, grant: Grant) -> bool:
        """Whether a grant is to them. A letter goes to a unit, whatever the role, or to somebody who is no unit."""
        if self.purpose not in grant.purposes:
            return False
        if not self.role:
            return self.unit in (OUTSIDE, grant.unit)
        return (grant.unit, grant.role) == (self.unit, self.role) and grant.person in (None, self.person)


def _given(to: _Recipient, known: Known, at: int) -> frozenset[Element]:
    """What an instrument gave a recipient at an instant; nothing before its start or after its end."""
    instrument, events = known.instrument, known.events
    ends = [end for end in (instrument.expiry.fires(events), instrument.superseded_at) if end is not None]
    if not instrument.effective_from <= at < min(ends, default=at + 1):
        return frozenset()
    flows = left(instrument, events, at)
    return frozenset[Element]().union(*(coverage(grant.elements) for grant in flows if to.is_of(grant)))
