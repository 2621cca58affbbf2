"""The discloser looks at an emergency afterwards: what left for one that was none is an incident (42 CFR 2.16)."""

from collections.abc import Mapping
from typing import Any

import orjson

from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, grouped
from app.exchange.reviews import detail_of
from app.storage import reviews, withdrawals
from app.storage.database import Reader, Row, Transaction
from app.vocabulary.disclosing import Basis


async def decided(
    hub: Hub, _caller: Caller, review: Row, _detail: Mapping[str, Any], upheld: bool, tx: Transaction
) -> None:
    """Draft an incident of all that was told for this emergency, if it was none; what left does not come back."""
    patient, now = review["patient_id"], await tx.now()
    if upheld:
        return
    rows = await tx.all(withdrawals.RELEASED, patient=patient, from_at=review["created_at"], to_at=now + 1)
    told = [row for row in rows if _is_for(hub, row, review["subject_id"])]
    detail = {"emergency": review["subject_id"], "recipients": grouped(hub, told)}
    await draft(tx, hub, review["unit_id"], patient, IncidentKind.UNFOUNDED_EMERGENCY, now, detail)


async def found_to_be_none(hub: Hub, reader: Reader, patient: str, access: str) -> bool:
    """Whether the discloser found no emergency: then nothing more leaves for it, which no draft would name."""
    rows = await reader.all(reviews.CLOSED_OF_SUBJECT, subject=access, patient=patient)
    return any(not detail_of(hub, row)["decision"]["upheld"] for row in rows)


def _is_for(hub: Hub, row: Row, access: str) -> bool:
    if orjson.loads(row["entry"]).get("basis") != Basis.MEDICAL_EMERGENCY.value:
        return False
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    return bool(opening["item"][1] == access)
