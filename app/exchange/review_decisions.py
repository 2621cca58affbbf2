"""Deciding a review: kept with it, and carried out as its kind says. One table says what each kind does.

A kind without an entry is only looked at: that somebody did is all that a decision says of it.
"""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from app.errors import Conflict
from app.exchange import court_order_acts, emergency_reviews, errors_found, patients, second_person
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.review_list import own, view
from app.exchange.reviews import ReviewKind, close, detail_of
from app.storage.database import Row, Transaction


class Decision(NamedTuple):
    """What was found: that what the review says is so, or that it is not; and why."""

    upheld: bool
    note: str


Carry = Callable[[Hub, Caller, Row, Mapping[str, Any], bool, Transaction], Awaitable[None]]
"""(service, who decides, review, its detail, upheld, transaction) -> what follows from the decision. The gate is its
own to move; the review is closed already, in the same transaction."""

CARRY_OUT: Final[Mapping[ReviewKind, Carry]] = MappingProxyType(
    {
        ReviewKind.ENTERED_IN_ERROR: errors_found.decided,
        ReviewKind.SUSPENSION: errors_found.decided,
        ReviewKind.COURT_ORDER: court_order_acts.decided,
        ReviewKind.EMERGENCY: emergency_reviews.decided,
    }
)


async def decide(hub: Hub, caller: Caller, review: str, decision: Decision, tx: Transaction) -> dict[str, Any]:
    """Decide a review once and for all.

    Raises:
        NotFound: no review that this caller looks after.
        Invalid: a second person has to decide, and none is named.
        Conflict: it is decided, or a second person has to decide.
    """
    row = await own(tx, caller, review)
    await patients.lock(tx, row["unit_id"], row["patient_id"])
    row = await own(tx, caller, review)
    detail = detail_of(hub, row)
    if row["closed_at"] is not None:
        raise Conflict("review_decided", "This review is decided; what is wrong with the decision needs a new one.")
    if detail.get("second_person"):
        second_person.require_another(caller, detail["by"])
    kept = {"upheld": decision.upheld, "note": decision.note, "by": second_person.actor(caller)}
    await close(tx, hub, row, kept)
    carry = CARRY_OUT.get(ReviewKind(row["kind"]))
    if carry is not None:
        await carry(hub, caller, row, detail, decision.upheld, tx)
    return await view(hub, caller, tx, review)
