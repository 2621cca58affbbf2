"""A recipient asks that the patient be not told, for a time, of what was disclosed to it (45 CFR 164.528(a)(2)).

Only an agency that enforces the law or oversees health care may ask, and says that telling would likely impede its
work. An oral statement is written down and holds for 30 days at most. The row hides nothing from the privacy officer.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.errors import Flaw, Invalid
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.rights import held, looked
from app.exchange.times import instant_of, rfc3339
from app.exchange.unit import Committed, write
from app.storage import accounting_suspensions, registry
from app.storage.database import Row, Transaction
from app.vocabulary import AgencyKind
from app.vocabulary.calendar import DAY_US

ORAL_DAYS: Final = 30
_MAY_ASK: Final = frozenset(
    {
        *(AgencyKind.POLICE, AgencyKind.PROSECUTOR, AgencyKind.PROBATION, AgencyKind.PRETRIAL, AgencyKind.CUSTODY),
        AgencyKind.AUDITOR,
    }
)
"""Law enforcement officials (45 CFR 164.103) and health oversight; neither a court nor counsel is one."""

Words = dict[str, Any]


class Statement(StrEnum):
    """How the agency said it."""

    WRITTEN = "written"
    ORAL = "oral"


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, how, until when, which official of it said so and what telling would impede."""

    recipient_unit: str
    statement: Statement
    until: datetime
    official: str
    impedes: str


async def suspend(hub: Hub, caller: Caller, patient: str, asked: Asked, tx: Transaction) -> Words:
    """Hide from the patient's side, until then, every disclosure to that unit; that it was done is recorded.

    Raises:
        NotFound: no patient of this clinic, or of one that appointed this privacy office.
        Invalid: the unit may not ask for it, or not for so long.
    """
    kept = await held(tx, hub, caller, patient)
    now, until = await tx.now(), instant_of(asked.until)
    flaws = [*await _asking(tx, asked), *_span(asked, until, now)]
    if flaws:
        raise Invalid(tuple(flaws))
    identifier = secrets.token_hex(16)
    said = {"statement": asked.statement.value, "official": asked.official, "impedes": asked.impedes}
    await tx.run(
        accounting_suspensions.ADD,
        id=identifier,
        unit_id=kept.unit,
        patient_id=patient,
        recipient_unit=asked.recipient_unit,
        from_at=now,
        until_at=until,
        sealed=(await keys.of(tx, hub, patient)).seal(said, "accounting_suspension", identifier),
    )
    await looked(tx, hub, caller, "accounting_suspended", kept.pseudonym)
    return await again(hub, caller, tx, {"id": identifier, "patient_id": patient})


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: Words) -> Words:
    """A replayed answer, authorised as things stand now."""
    found = await held(tx, hub, caller, kept["patient_id"])
    rows = await tx.all(accounting_suspensions.OF_PATIENT, patient=kept["patient_id"])
    return next(_view(hub, row) for row in rows if row["id"] == kept["id"] and found.records)


async def listed(hub: Hub, caller: Caller, patient: str) -> Committed[list[Words]]:
    """Every suspension about a patient, for the privacy officer; that somebody looked is recorded."""

    async def flow(tx: Transaction) -> list[Words]:
        kept = await held(tx, hub, caller, patient)
        await looked(tx, hub, caller, "accounting_suspensions", kept.pseudonym)
        found = [row for one in kept.records for row in await tx.all(accounting_suspensions.OF_PATIENT, patient=one)]
        return [_view(hub, row) for row in found]

    return await write(hub, flow)


async def _asking(tx: Transaction, asked: Asked) -> list[Flaw]:
    unit = await tx.one(registry.UNIT, unit=asked.recipient_unit)
    if unit is None:
        detail = "No unit of this id is registered; see GET /v1/units."
        return [Flaw("/recipient_unit", "unit_unknown", detail)]
    if AgencyKind(unit["kind"]) not in _MAY_ASK:
        detail = "Only law enforcement or health oversight may ask for this."
        return [Flaw("/recipient_unit", "suspension_not_for_unit", detail, "45 CFR 164.528(a)(2)(i)")]
    return []


def _span(asked: Asked, until: int, now: int) -> list[Flaw]:
    if until <= now:
        return [Flaw("/until", "suspension_over", "The time that is asked for is over already.")]
    if asked.statement is Statement.ORAL and until > now + ORAL_DAYS * DAY_US:
        detail = f"On an oral statement it holds for {ORAL_DAYS} days at most; ask for a written one."
        return [Flaw("/until", "suspension_too_long", detail, "45 CFR 164.528(a)(2)(ii)(C)")]
    return []


def _view(hub: Hub, row: Row) -> Words:
    said: Any = hub.vault.open(row["sealed"], "accounting_suspension", row["id"])
    shown = {"id": row["id"], "patient_id": row["patient_id"], "recipient_unit": row["recipient_unit"]}
    return shown | {"entered_at": rfc3339(row["from_at"]), "until": rfc3339(row["until_at"]), **said}
