"""Legal holds: a case for which a record has to be kept. While one stands, nothing of the patient is shredded."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.rights import held, looked
from app.exchange.times import instant_of, rfc3339
from app.exchange.unit import Committed, write
from app.storage import holds
from app.storage.database import Reader, Row, Transaction

Words = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """The case that it is for, in the officer's own words, and when somebody looks whether it is still needed."""

    case_ref: str
    review_at: datetime


async def place(hub: Hub, caller: Caller, patient: str, asked: Asked, tx: Transaction) -> Words:
    """Hold a patient's records from erasure.

    Raises:
        NotFound: no patient of this clinic, or of one that appointed this privacy office.
        Invalid: the day of review is past.
    """
    kept = await held(tx, hub, caller, patient)
    now, review_at = await tx.now(), instant_of(asked.review_at)
    if review_at <= now:
        raise Invalid((Flaw("/review_at", "review_in_past", "A hold is looked at again on a day to come."),))
    identifier = secrets.token_hex(16)
    said = {"case_ref": asked.case_ref}
    await tx.run(
        holds.ADD,
        id=identifier,
        unit_id=kept.unit,
        patient_id=patient,
        placed_at=now,
        review_at=review_at,
        sealed=(await keys.of(tx, hub, patient)).seal(said, "legal_hold", identifier),
    )
    await looked(tx, hub, caller, "hold_placed", kept.pseudonym)
    return await again(hub, caller, tx, {"id": identifier, "patient_id": patient})


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: Words) -> Words:
    """A replayed answer, as things stand now."""
    found = await held(tx, hub, caller, kept["patient_id"])
    return _view(hub, await _own(tx, found.records, kept["id"]), await tx.now())


async def lift(hub: Hub, caller: Caller, patient: str, hold: str) -> Committed[Words]:
    """End a hold; again, the same answer. NotFound: this patient has no hold of this id here."""

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        row = await _own(tx, kept.records, hold)
        if row["lifted_at"] is None:
            said: Any = hub.vault.open(row["sealed"], "legal_hold", row["id"])
            said = said | {"lifted_by": caller.person or caller.client}
            sealed = (await keys.of(tx, hub, row["patient_id"])).seal(said, "legal_hold", row["id"])
            await tx.run(holds.LIFT, hold=hold, at=await tx.now(), said=sealed)
            await looked(tx, hub, caller, "hold_lifted", kept.pseudonym)
        return _view(hub, await _own(tx, kept.records, hold), await tx.now())

    return await write(hub, flow)


async def listed(hub: Hub, caller: Caller, patient: str) -> Committed[list[Words]]:
    """Every hold of a patient, oldest first, those to be looked at again marked; that somebody looked is recorded."""

    async def flow(tx: Transaction) -> list[Words]:
        kept = await held(tx, hub, caller, patient)
        await looked(tx, hub, caller, "holds", kept.pseudonym)
        now = await tx.now()
        return [_view(hub, row, now) for row in await _all(tx, kept.records)]

    return await write(hub, flow)


async def part(tx: Transaction, hub: Hub, sides: tuple[Sequence[str], Sequence[str]]) -> None:
    """Let what holds two records that are parted now hold each: nobody knows yet of which person the case is."""
    for here, there in (sides, sides[::-1]):
        for row in [one for one in await _all(tx, here) if one["lifted_at"] is None]:
            identifier, record = secrets.token_hex(16), there[0]
            said: Any = hub.vault.open(row["sealed"], "legal_hold", row["id"])
            same = {name: row[name] for name in ("unit_id", "placed_at", "review_at")}
            sealed = (await keys.of(tx, hub, record)).seal(said, "legal_hold", identifier)
            await tx.run(holds.ADD, **same, id=identifier, patient_id=record, sealed=sealed)


async def stands(reader: Reader, records: Collection[str]) -> bool:
    """Whether any of these records is held."""
    found = [await reader.one(holds.STANDING, patient=record) for record in records]
    return any(row is not None and row["holds"] > 0 for row in found)


async def refuse_held(reader: Reader, records: Collection[str]) -> None:
    """Nothing is erased while it is held.

    Raises:
        Conflict: one of these records is held.
    """
    if await stands(reader, records):
        raise Conflict("legal_hold", "This record is held for a case; lift the hold before it is erased.")


async def _all(tx: Transaction, records: Collection[str]) -> list[Row]:
    return [row for record in records for row in await tx.all(holds.OF_PATIENT, patient=record)]


async def _own(tx: Transaction, records: Collection[str], hold: str) -> Row:
    found = next((row for row in await _all(tx, records) if row["id"] == hold), None)
    if found is None:
        raise NotFound
    return found


def _view(hub: Hub, row: Row, now: int) -> Words:
    said: Any = hub.vault.open(row["sealed"], "legal_hold", row["id"])
    shown = {"id": row["id"], "patient_id": row["patient_id"], "placed_at": rfc3339(row["placed_at"])}
    shown |= {"review_at": rfc3339(row["review_at"]), **said}
    shown |= {"lifted_at": rfc3339(row["lifted_at"])} if row["lifted_at"] is not None else {}
    return shown | ({"review_due": True} if row["lifted_at"] is None and row["review_at"] <= now else {})
