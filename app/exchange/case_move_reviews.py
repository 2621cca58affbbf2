"""Whom a joinder or a transfer left behind: the clinic is asked to ask the patient for an amendment.

The court's own request does not look for consents: its role reaches none (docs/decisions/0028), and how long it takes
is nothing to tell a court. The worker looks all the time, and first whoever lists the reviews.
"""

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from typing import Final

from app.exchange.hub import Hub
from app.exchange.reviews import ReviewKind, open_review
from app.exchange.times import rfc3339
from app.exchange.unit import write
from app.storage import case_moves
from app.storage.database import BusyElsewhere, Row, Transaction
from app.vocabulary.calendar import DAY_US

REVIEW_DAYS: Final = 7
"""Days within which the clinic should have asked the patient. Nothing is read meanwhile that was not before."""


async def judge(hub: Hub) -> int:
    """Open a review for every patient whose signed consent a move left behind; how many there were."""
    async with hub.database.read() as reader:
        waiting = await reader.all(case_moves.UNSEEN)
    found = [key for key, _ in groupby(waiting, key=_place)]
    for move, patient in found:
        await write(hub, partial(_judge, hub, move, patient))
    return len(found)


def _place(row: Row) -> tuple[str, str]:
    return row["id"], row["patient_id"]


async def _judge(hub: Hub, move: str, patient: str, tx: Transaction) -> None:
    try:
        await tx.try_lock(f"case_move:{move}:{patient}")
    except BusyElsewhere:
        return  # whoever holds it opens the review
    rows = await tx.all(case_moves.UNSEEN_OF, move=move, patient=patient)
    if rows:
        await _open(hub, tx, rows)


async def _open(hub: Hub, tx: Transaction, rows: Sequence[Row]) -> None:
    first = rows[0]
    detail = {
        "event": first["kind"],
        "occurred_at": rfc3339(first["occurred_at"]),
        "entered_at": rfc3339(first["received_at"]),
        "consents": [row["consent_id"] for row in rows],
    } | ({"to_unit": first["to_unit"]} if first["to_unit"] is not None else {})
    due = await tx.now() + REVIEW_DAYS * DAY_US
    await open_review(tx, hub, first["unit_id"], first["patient_id"], ReviewKind.CASE_MOVED, first["id"], due, detail)
