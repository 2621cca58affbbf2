"""A justice unit asks that the patient be asked. It learns nothing by it, and it makes no consent (truth 6)."""

from typing import Any, Final

from app.exchange import referrals
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read
from app.storage import consent_requests
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import Purpose

_LIST: Final = "consent_requests"
_BEGIN: Final = (0, "")


async def ask(hub: Hub, caller: Caller, referral: str, purpose: Purpose, tx: Transaction) -> dict[str, Any]:
    """Put the wish on the clinic's list, once for a referral, role and purpose. Always the same answer.

    Whether the referral was matched, the patient asked, or what they said, is no part of it.

    Raises:
        NotFound: the unit sent no such referral.
    """
    row = await referrals.own(tx, caller, referral)
    await tx.run(
        consent_requests.ADD,
        id=hub.vault.view_id(caller.unit, "consent_request", referral, caller.role.value, purpose.value),
        referral_id=referral,
        issuer_unit=caller.unit,
        recipient_unit=row["recipient_unit"],
        role=caller.role.value,
        purpose=purpose.value,
        created_at=await tx.now(),
    )
    return {"status": "received"}


async def listed(
    hub: Hub, caller: Caller, after: str | None, limit: int
) -> Committed[tuple[list[dict[str, Any]], str | None]]:
    """What justice units wish this clinic to ask its patients, oldest first, and the cursor of the next page."""
    at, identifier = _position(hub, caller, after)

    async def flow(reader: Reader) -> tuple[list[dict[str, Any]], str | None]:
        rows = await reader.all(
            consent_requests.LIST, unit=caller.unit, after_at=at, after_id=identifier, most=limit + 1
        )
        last = rows[limit - 1] if len(rows) > limit else None
        return [_shown(row) for row in rows[:limit]], _cursor(hub, caller, last) if last is not None else None

    return await read(hub, flow)


def _shown(row: Row) -> dict[str, Any]:
    shown = {
        "id": row["id"],
        "referral_id": row["referral_id"],
        "unit": {"id": row["issuer_unit"], "name": row["unit_name"]},
        "role": row["role"],
        "purpose": row["purpose"],
        "created_at": rfc3339(row["created_at"]),
    }
    return shown | ({"patient_id": row["patient_id"]} if row["patient_id"] is not None else {})


def _position(hub: Hub, caller: Caller, after: str | None) -> tuple[int, str]:
    if after is None:
        return _BEGIN
    at, identifier = place_in(hub, caller, after, [_LIST])
    return at, identifier


def _cursor(hub: Hub, caller: Caller, last: Row) -> str:
    return hub.vault.cursor(caller.unit, caller.client, [_LIST, last["created_at"], last["id"]])
