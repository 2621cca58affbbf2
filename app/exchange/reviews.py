"""Reviews: what a person at the discloser, or at the privacy office that it appointed, has to look at and decide.

A review by itself decides nothing and tells no justice unit anything. What a decision does is its kind's own
(``review_decisions``); what was found and by whom is kept with the review, sealed.
"""

import secrets
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from app.exchange import keys
from app.exchange.hub import Hub
from app.storage import reviews
from app.storage.database import Row, Transaction


class ReviewKind(StrEnum):
    """Why somebody has to look."""

    ENTERED_IN_ERROR = "entered_in_error"
    """An active consent is said to be none: a second person says so too, or not (domain rules 5.1)."""
    EMERGENCY = "emergency"
    """A medical emergency was claimed (42 CFR 2.51)."""
    COURT_ORDER = "court_order"
    """An order is held until a second person has read it (42 CFR 2.61 to 2.67)."""
    LEGAL_PROCESS = "legal_process"
    """A subpoena came without an order, and never suffices (42 CFR 2.61): counsel has to answer it (case 29)."""
    SUSPENSION = "suspension"
    """A consent is suspended while it is in doubt (domain rules 5.1, case 45)."""
    NOTICE = "notice"
    """Something has to be told or written down by hand."""
    CASE_MOVED = "case_moved"
    """A consent's case was joined or transferred: the patient is asked for an amendment (domain rules, case 6)."""


async def open_review(
    tx: Transaction,
    hub: Hub,
    unit: str,
    patient: str,
    kind: ReviewKind,
    subject_id: str,
    due_at: int,
    detail: Mapping[str, Any],
) -> str:
    """Add a review about a patient of the discloser ``unit``; its id.

    ``subject_id`` is the id of what is to be looked at (a consent, an order, an access). ``due_at`` (microseconds) is
    when it should be decided; nothing happens by itself then. ``detail`` is JSON that whoever decides is shown, sealed.
    """
    identifier, key = secrets.token_hex(16), await keys.of(tx, hub, patient)
    await tx.run(
        reviews.ADD,
        id=identifier,
        unit_id=unit,
        patient_id=patient,
        kind=kind.value,
        subject_id=subject_id,
        created_at=await tx.now(),
        due_at=due_at,
        sealed=key.seal(dict(detail), "review", identifier),
    )
    return identifier


async def close_of_subject(tx: Transaction, hub: Hub, patient: str, subject: str, decision: Mapping[str, Any]) -> None:
    """Close the open review of what was decided by another way, if there is one."""
    for row in await tx.all(reviews.OPEN_OF_SUBJECT, subject=subject, patient=patient):
        await close(tx, hub, row, decision)


async def close(tx: Transaction, hub: Hub, row: Row, decision: Mapping[str, Any]) -> bool:
    """Keep a decision with its review; whether it was open. ``decision`` is JSON."""
    key = await keys.of(tx, hub, row["patient_id"])
    sealed = key.seal(detail_of(hub, row) | {"decision": dict(decision)}, "review", row["id"])
    return await tx.run(reviews.CLOSE, review=row["id"], at=await tx.now(), sealed_=sealed) == 1


def detail_of(hub: Hub, row: Row) -> dict[str, Any]:
    """What the review is about, and the decision once there is one."""
    detail: Any = hub.vault.open(row["sealed"], "review", row["id"])
    return dict(detail)
