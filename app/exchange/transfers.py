"""Transfers of care as their sender has them: hand over under the patient's treatment consent, show, list, cancel."""

import secrets
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.errors import Conflict, Invalid, NotFound
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.identified import blind, hold
from app.exchange.statuses import hold_patient
from app.exchange.times import rfc3339
from app.exchange.transfer_checks import refusals
from app.exchange.unit import Committed, narrow, read
from app.messages.transfer import Transfer, flaws_of_transfer
from app.storage import transfers
from app.storage.database import Reader, Row, Transaction
from app.storage.gate import of_patient

WORDS: Final = TypeAdapter(Transfer)


async def send(hub: Hub, caller: Caller, transfer: Transfer, tx: Transaction) -> dict[str, Any]:
    """Hand over what the patient allows that unit for treatment; with anything that is not allowed nothing is stored.

    Raises:
        Invalid: every field that no live consent of kind tpo covers is named: the sender's own patient, so it tells
            nobody anything.
        Conflict: the identifier names a transfer with other words, or is being sent at this moment.
    """
    given = orjson.loads(WORDS.dump_json(transfer, exclude_none=True))
    words = {name: value for name, value in given.items() if value != []}
    index = blind(hub, caller.unit, "transfer", transfer.identifier) if transfer.identifier is not None else None
    first = await _first(hub, caller, index, words, tx)
    if first is not None:
        return first
    await hold_patient(tx, caller.unit, transfer.patient_id)
    now = await tx.now()
    flaws = [*flaws_of_transfer(transfer, now), *await refusals(hub, caller, transfer, words, tx)]
    if flaws:
        raise Invalid(tuple(flaws))
    identifier = secrets.token_hex(16)
    await tx.run(
        transfers.ADD,
        id=identifier,
        patient_id=transfer.patient_id,
        issuer_unit=caller.unit,
        recipient_unit=transfer.recipient,
        identifier_index=index,
        sealed=(await keys.new(tx, hub, identifier)).seal({"words": words}, "transfer", identifier),
        created_at=now,
    )
    return await again(hub, caller, tx, {"id": identifier})


async def again(hub: Hub, caller: Caller, reader: Reader, kept: dict[str, Any]) -> dict[str, Any]:
    """The sender's own transfer as it stands now; NotFound for any other id."""
    return _view(hub, await own(reader, caller.unit, kept["id"]))


async def own(reader: Reader, unit: str, transfer: str) -> Row:
    """The row of a transfer that this unit sent; NotFound for any other id."""
    row = await reader.one(transfers.SENT, transfer=transfer, unit=unit)
    if row is None:
        raise NotFound
    return row


async def shown(hub: Hub, caller: Caller, transfer: str) -> Committed[dict[str, Any]]:
    """A transfer that this unit sent; an empty one for any other id, which may be one that it received."""

    async def flow(reader: Reader) -> dict[str, Any]:
        row = await reader.one(transfers.SENT, transfer=transfer, unit=caller.unit)
        return _view(hub, row) if row is not None else {}

    return await read(hub, flow)


async def sent(
    hub: Hub, caller: Caller, after: tuple[int, str], limit: int
) -> Committed[tuple[list[dict[str, Any]], tuple[int, str] | None]]:
    """The unit's own transfers in the order sent."""

    async def flow(reader: Reader) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
        where: dict[str, Any] = {"after_at": after[0], "after_id": after[1], "most": limit + 1}
        rows = await reader.all(transfers.LIST_SENT, unit=caller.unit, **where)
        following = (rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return [_view(hub, row) for row in rows[:limit]], following

    return await read(hub, flow)


async def cancel(hub: Hub, caller: Caller, transfer: str) -> Committed[dict[str, Any]]:
    """Take back what nobody has fetched yet. Always the same answer; what came of it, the transfer itself shows."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        row = await own(tx, caller.unit, transfer)
        stored: Any = hub.vault.open(row["sealed"], "transfer", transfer)
        taken = stored if "cancelled_at" in stored else stored | {"cancelled_at": await tx.now()}
        sealed = (await keys.of(tx, hub, transfer)).seal(taken, "transfer", transfer)
        if await tx.run(transfers.CANCEL, transfer=transfer, sealed_=sealed) == 1:
            await tx.narrow([of_patient(row["patient_id"], row["recipient_unit"])])
        return {"status": "received"}

    return await narrow(hub, flow)


def _view(hub: Hub, row: Row) -> dict[str, Any]:
    """The sender's own words, and what became of the transmission to the other system."""
    stored: Any = hub.vault.open(row["sealed"], "transfer", row["id"])
    return {
        "id": row["id"],
        "direction": "sent",
        "status": "cancelled" if "cancelled_at" in stored else "sent",
        "transmission": _transmission(row),
        "sent_at": rfc3339(row["created_at"]),
        **stored["words"],
    }


def _transmission(row: Row) -> str:
    if row["delivered_at"] is not None:
        return "delivered"
    return "undeliverable" if row["recipient_suspended_at"] is not None else "queued"


async def _first(
    hub: Hub, caller: Caller, index: str | None, words: dict[str, Any], tx: Transaction
) -> dict[str, Any] | None:
    """The first transfer with this identifier, if there is one; the identifier is held until the transaction ends."""
    if index is None:
        return None
    await hold(tx, index)
    row = await tx.one(transfers.OF_IDENTIFIER, unit=caller.unit, index=index)
    if row is None:
        return None
    stored: Any = hub.vault.open(row["sealed"], "transfer", row["id"])
    if stored["words"] != words:
        raise Conflict("identifier_in_use", "This identifier names a transfer with other words; give a new one.")
    return _view(hub, row)
