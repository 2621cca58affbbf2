"""Whether an incident is a breach to be notified: a person weighs four factors, and the profile's clock runs.

An impermissible disclosure is presumed to be a breach unless a low probability that the record was compromised is shown
from all four factors (42 CFR 2.16(b); 45 CFR 164.402(2)). Nothing here notifies anybody; it says by when.
"""

import secrets
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from app.errors import NotFound
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.deadlines import notify_by
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.storage import breaches, registry
from app.storage.database import Reader, Row, Transaction

Words = dict[str, Any]


class BreachOutcome(StrEnum):
    """What was found."""

    BREACH = "breach"
    LOW_PROBABILITY = "low_probability"


@dataclass(frozen=True, slots=True)
class Factors:
    """The four factors of 45 CFR 164.402(2) in the assessor's words, whether it was unsecured, and what follows."""

    nature_and_extent: str
    unauthorised_person: str
    acquired_or_viewed: str
    mitigation: str
    secured: bool
    outcome: BreachOutcome


async def assess(hub: Hub, caller: Caller, incident: str, found: Factors, tx: Transaction) -> Words:
    """Keep an assessment of an incident; the latest one stands.

    Raises:
        NotFound: no incident of this clinic, or of one that appointed this privacy office.
    """
    row = await _incident(tx, caller, incident)
    now, identifier = await tx.now(), secrets.token_hex(16)
    by = {"by": caller.person or caller.client} | ({"by_name": caller.person_name} if caller.person_name else {})
    said = asdict(found) | by
    await tx.run(
        breaches.ADD,
        id=identifier,
        unit_id=row["unit_id"],
        patient_id=row["patient_id"],
        kind=breaches.KIND,
        subject_id=incident,
        created_at=now,
        due_at=await deadline(tx, hub, row),
        closed_at=now,
        sealed=(await keys.of(tx, hub, row["patient_id"])).seal(said, "review", identifier),
    )
    return await again(hub, caller, tx, {"incident_id": incident})


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: Words) -> Words:
    """A replayed answer, as things stand now."""
    row = await _incident(tx, caller, kept["incident_id"])
    by = rfc3339(await deadline(tx, hub, row))
    return {"incident_id": row["id"], "notify_by": by} | (await assessed(tx, hub, row) or {})


async def deadline(reader: Reader, hub: Hub, incident: Row) -> int:
    """By when to notify, by the clock of the discloser's profile from the day of discovery."""
    unit = await reader.one(registry.UNIT, unit=incident["unit_id"])
    if unit is None:
        raise NotFound
    return notify_by(hub.profiles[unit["profile"]], incident["discovered_at"])


async def assessed(reader: Reader, hub: Hub, incident: Row) -> Words | None:
    """The assessment that stands, if there is one."""
    row = await reader.one(breaches.OF_INCIDENT, incident=incident["id"], patient=incident["patient_id"])
    if row is None:
        return None
    said: Any = hub.vault.open(row["sealed"], "review", row["id"])
    return dict(said) | {"assessed_at": rfc3339(row["created_at"])}


async def _incident(tx: Transaction, caller: Caller, incident: str) -> Row:
    row = await tx.one(breaches.INCIDENT, incident=incident, unit=caller.unit)
    if row is None:
        raise NotFound
    return row
