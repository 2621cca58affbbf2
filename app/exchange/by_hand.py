"""What was told once and has been put right since: only a person can tell its recipient (GDPR 19).

That is what was told outside this service, and what was handed over in a medical emergency: nobody reads it again. Of
both it is kept which elements were told, not with which values: it is named where it may have told the wrong one.
"""

from collections.abc import Callable, Collection, Sequence

import orjson

from app.exchange import incidents
from app.exchange.hub import Hub
from app.storage.database import Row, Transaction
from app.vocabulary.disclosing import Basis


def letters(released: Sequence[Row], wrong_at: Callable[[int], Collection[tuple[str, str]]]) -> list[Row]:
    """Those of the disclosures that were made once and told a (kind, element) that was wrong at that instant."""
    return [row for row in released if _told(row, wrong_at)]


def _told(row: Row, wrong_at: Callable[[int], Collection[tuple[str, str]]]) -> bool:
    entry = orjson.loads(row["entry"])
    if "transport" not in entry and entry.get("basis") != Basis.MEDICAL_EMERGENCY.value:
        return False
    wrong = wrong_at(row["at"])
    return any((entry["kind"], element) in wrong for element in entry["elements"])


async def draft(tx: Transaction, hub: Hub, unit: str, patient: str, told: Sequence[Row], message: Row) -> None:
    """One draft for all of them; none if there are none. ``message`` is what was put right."""
    if told:
        detail = {
            "recipients": incidents.grouped(hub, told),
            "message_id": message["id"],
            "message_kind": message["kind"],
        }
        await incidents.draft(tx, hub, unit, patient, incidents.IncidentKind.TOLD_OUTSIDE, await tx.now(), detail)
