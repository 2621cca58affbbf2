"""What left although the patient had taken it back, since the revocation waits for its day (42 CFR 2.35(c)).

Nothing of it shows to who received it; the patient's accounting says so of each such disclosure (domain rules 1.6).
"""

from collections.abc import Sequence
from typing import Any

import orjson

from app.consent.instrument import Revocation
from app.consent.taken import takes
from app.storage import pending
from app.storage.database import Reader, Row
from app.storage.instruments import revocation
from app.vocabulary import Element, Purpose


async def told_meanwhile(reader: Reader, rows: Sequence[Row]) -> frozenset[str]:
    """Ids of the disclosure rows that were made after a revocation of just that had been entered."""
    found: set[str] = set()
    for consent in sorted({row["instrument_id"] for row in rows if row["instrument_id"]}):
        entered = await reader.all(pending.ENTERED, consent=consent)
        taken = [(one["created_at"], revocation(one["requested_at"], one["selection"])) for one in entered]
        own = [row for row in rows if row["instrument_id"] == consent] if taken else []
        found |= {row["id"] for row in own if any(at <= row["at"] and _meant(one, row) for at, one in taken)}
    return frozenset(found)


def _meant(taken: Revocation, row: Row) -> bool:
    """Whether it took what this row tells; of what a merge took, nothing waits."""
    entry: dict[str, Any] = orjson.loads(row["entry"])
    if taken.by_merge or taken.unit not in (None, row["unit_id"]):
        return False
    if taken.purposes is not None and Purpose(entry["purpose"]) not in taken.purposes:
        return False
    return any(takes(taken, Element(name)) for name in entry["elements"])
