"""Patients of one clinic: add, find by exact name and birth date, show."""

import secrets
from datetime import date
from typing import Any

from app.errors import Conflict, Invalid, NotFound
from app.exchange import keys, synthetic
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.unit import Committed, read
from app.messages.referral import flaws_of_name
from app.storage import patients
from app.storage.database import Reader, Row, Transaction


async def add(
    hub: Hub, caller: Caller, given_name: str, sur_name: str, birth_date: date, local_id: str | None, tx: Transaction
) -> dict[str, Any]:
    """Add a patient. The pseudonym under which the ledger knows them is random, kept apart so it can be deleted."""
    synthetic.refuse(hub, local_id)
    identifier = secrets.token_hex(16)
    shown = {"given_name": given_name, "sur_name": sur_name, "birth_date": birth_date.isoformat()}
    shown |= {"local_id": local_id} if local_id is not None else {}
    await tx.run(
        patients.ADD,
        id=identifier,
        unit_id=caller.unit,
        name_index=hub.vault.blind("name", caller.unit, given_name, sur_name),
        birth_index=hub.vault.blind("birth", caller.unit, birth_date.isoformat()),
        sealed=(await keys.new(tx, hub, identifier)).seal(shown, "patient", identifier),
        created_at=await tx.now(),
    )
    await tx.run(patients.ADD_PSEUDONYM, patient_id=identifier, pseudonym=secrets.token_hex(16))
    return {"id": identifier, **shown}


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A replayed answer about a patient, rendered as things stand now."""
    return _view(hub, await own(tx, caller.unit, kept["id"]))


def checked(given_name: str, sur_name: str) -> tuple[str, str]:
    """Both names, each a name.

    Raises:
        Invalid: a blank or malformed name.
    """
    named = (("/given_name", given_name), ("/sur_name", sur_name))
    flaws = [flaw for pointer, name in named for flaw in flaws_of_name(pointer, name)]
    if flaws:
        raise Invalid(tuple(flaws))
    return given_name, sur_name


async def find(
    hub: Hub, caller: Caller, given_name: str, sur_name: str, birth_date: date
) -> Committed[list[dict[str, Any]]]:
    """The clinic's own patients of exactly this name (case and spacing aside) and birth date, at most 50."""

    async def flow(reader: Reader) -> list[dict[str, Any]]:
        rows = await reader.all(
            patients.FIND,
            unit=caller.unit,
            name_index=hub.vault.blind("name", caller.unit, given_name, sur_name),
            birth_index=hub.vault.blind("birth", caller.unit, birth_date.isoformat()),
        )
        return [_view(hub, row) for row in rows]

    return await read(hub, flow)


async def show(hub: Hub, caller: Caller, patient: str) -> Committed[dict[str, Any]]:
    """One of the clinic's own patients; NotFound for any other id."""

    async def flow(reader: Reader) -> dict[str, Any]:
        return _view(hub, await own(reader, caller.unit, patient))

    return await read(hub, flow)


async def own(reader: Reader, unit: str, patient: str) -> Row:
    """The row of a patient of this clinic; NotFound for any other id."""
    row = await reader.one(patients.OWN, patient=patient, unit=unit)
    if row is None:
        raise NotFound
    return row


async def lock(tx: Transaction, unit: str, patient: str) -> None:
    """Hold this clinic's patient until the transaction ends; NotFound for any other id."""
    if await tx.run(patients.LOCK_OWN, patient=patient, unit=unit) != 1:
        raise NotFound


async def hold(tx: Transaction, unit: str, patient: str) -> None:
    """Hold this clinic's patient for something new: NotFound for any other id, a conflict for a merged record."""
    await lock(tx, unit, patient)
    refuse_merged(await own(tx, unit, patient))


async def going_on(reader: Reader, unit: str, patient: str) -> str:
    """The record that goes on for this one: itself, or the one that it was merged into, directly or through others."""
    row = await own(reader, unit, patient)
    while row["merged_into"] is not None:
        row = await own(reader, unit, row["merged_into"])
    identifier: str = row["id"]
    return identifier


async def lock_all(tx: Transaction, unit: str, patient: str) -> list[str]:
    """Hold every record of this clinic that is of the same person; NotFound for any other id.

    What a patient takes back at the desk is taken back whichever record it was signed for.
    """
    held: set[str] = set()
    while True:  # a merge or its undoing may have come between, once
        records = await records_of(tx, await going_on(tx, unit, patient))
        if held.issuperset(records):
            return records
        for record in sorted(set(records) - held):  # in the order of a merge
            await lock(tx, unit, record)
        held.update(records)


def refuse_merged(row: Row) -> None:
    """A record that was merged takes nothing new.

    Raises:
        Conflict: it was merged; the detail names the record that goes on.
    """
    if row["merged_into"] is not None:
        raise Conflict("patient_merged", f"This record was merged; use patient {row['merged_into']} instead.")


def words(hub: Hub, row: Row) -> dict[str, Any]:
    """What the clinic wrote of its patient."""
    shown: Any = hub.vault.open(row["sealed"], "patient", row["id"])
    return dict(shown)


def _view(hub: Hub, row: Row) -> dict[str, Any]:
    merged = {"merged_into": row["merged_into"]} if row["merged_into"] is not None else {}
    return {"id": row["id"], **words(hub, row), **merged}
