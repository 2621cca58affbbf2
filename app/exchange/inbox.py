"""A clinic's side of referrals: its list, each entry whole, and the match with one of its own patients."""

from typing import Any

from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import settle
from app.exchange.filing import mark_news
from app.exchange.frames import derive_all
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read, write
from app.storage import referrals
from app.storage.database import Reader, Row, Transaction
from app.storage.sealing import normalised


async def listed(
    hub: Hub, caller: Caller, after: tuple[int, str], limit: int
) -> Committed[tuple[list[dict[str, Any]], tuple[int, str] | None]]:
    """The clinic's received referrals in order. Fetching a page marks its entries as delivered to this system."""

    async def flow(tx: Transaction) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
        rows = await tx.all(
            referrals.LIST_RECEIVED, unit=caller.unit, after_at=after[0], after_id=after[1], most=limit + 1
        )
        page = rows[:limit]
        if page:
            last = page[-1]
            await tx.run(
                referrals.DELIVER, unit=caller.unit, to_at=last["created_at"], to_id=last["id"], at=await tx.now()
            )
        following = (page[-1]["created_at"], page[-1]["id"]) if len(rows) > limit else None
        return [received_view(hub, caller.unit, row) for row in page], following

    return await write(hub, flow)


async def show(hub: Hub, caller: Caller, referral: str) -> Committed[dict[str, Any]]:
    """One referral that this clinic received; NotFound for any other id."""

    async def flow(reader: Reader) -> dict[str, Any]:
        return received_view(hub, caller.unit, await own(reader, caller.unit, referral))

    return await read(hub, flow)


async def own(reader: Reader, unit: str, referral: str) -> Row:
    """The row of a referral that this clinic received; NotFound for any other id."""
    row = await reader.one(referrals.RECEIVED, referral=referral, unit=unit)
    if row is None:
        raise NotFound
    return row


async def match(hub: Hub, caller: Caller, referral: str, patient: str) -> Committed[dict[str, Any]]:
    """Say which of the clinic's own patients is meant. Invisible to the sender; a match stays (no stitching)."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        row = await own(tx, caller.unit, referral)
        try:
            await patients.hold(tx, caller.unit, patient)
        except NotFound:
            detail = "This clinic has no patient of this id."
            raise Invalid((Flaw("/patient_id", "patient_unknown", detail),)) from None
        if row["patient_id"] not in (None, patient):
            raise Conflict("already_matched", "This referral is matched with another patient.")
        if row["patient_id"] is None:
            await tx.run(referrals.MATCH, referral=referral, patient=patient)
            await derive_all(tx, hub, caller.unit, patient, {referral})
            await settle(tx, hub, caller.unit, patient)
            await mark_news(tx, patient)
        return received_view(hub, caller.unit, await own(tx, caller.unit, referral))

    return await write(hub, flow)


def received_view(hub: Hub, unit: str, row: Row) -> dict[str, Any]:
    """A referral as the clinic may read it: all the sender wrote, with the clinic's own ``case_id``."""
    stored: Any = hub.vault.open(row["sealed"], "referral", row["id"])
    type_, value = stored["case"]
    case_id = hub.vault.view_id(unit, "case", stored["imposing_unit"], type_, normalised(value))
    matched = {"patient_id": row["patient_id"]} if row["patient_id"] is not None else {}
    amended = {"amendments": stored["amendments"]} if "amendments" in stored else {}
    return {
        **stored["words"],
        **amended,
        "id": row["id"],
        "status": "cancelled" if row["cancelled_at"] is not None else "sent",
        "issuer": row["issuer_unit"],
        "received_at": rfc3339(row["created_at"]),
        "case_id": case_id,
        "case": {"type": type_, "value": value, "imposing_unit": stored["imposing_unit"]},
        "condition_imposed": stored["imposed"],
        **matched,
    }
