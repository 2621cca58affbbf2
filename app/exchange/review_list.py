"""The reviews that wait at a discloser, for itself and for the privacy office that it appointed."""

from typing import Any

from app.errors import NotFound
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.reviews import detail_of
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.storage import disclosures, reviews
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, Purpose

Place = tuple[int, int, str]
"""Whether it is decided, when it was opened, its id."""


async def listed(
    hub: Hub, caller: Caller, after: Place, limit: int
) -> Committed[tuple[list[dict[str, Any]], str | None]]:
    """Open ones first, each oldest first, and the next cursor. That somebody looked is recorded."""

    async def flow(tx: Transaction) -> tuple[list[dict[str, Any]], str | None]:
        await _looked(hub, caller, tx)
        place = dict(zip(("after_closed", "after_at", "after_id"), after, strict=True))
        rows = await tx.all(reviews.LIST, unit=caller.unit, most=limit + 1, **place)
        page = rows[:limit]
        return [_shown(hub, row) for row in page], _cursor(hub, caller, page[-1]) if len(rows) > limit else None

    return await write(hub, flow)


async def show(hub: Hub, caller: Caller, review: str) -> Committed[dict[str, Any]]:
    """One review; NotFound for any that is not the caller's. That somebody looked is recorded."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        shown = await view(hub, caller, tx, review)
        await _looked(hub, caller, tx)
        return shown

    return await write(hub, flow)


async def view(hub: Hub, caller: Caller, reader: Reader, review: str) -> dict[str, Any]:
    """One review as it stands now; NotFound for any that is not the caller's."""
    return _shown(hub, await own(reader, caller, review))


async def own(reader: Reader, caller: Caller, review: str) -> Row:
    """The row of a review of this discloser, or of one that appointed this privacy office; NotFound else."""
    row = await reader.one(reviews.ONE, review=review, unit=caller.unit)
    if row is None:
        raise NotFound
    return row


def position(hub: Hub, caller: Caller, after: str | None) -> Place:
    """Where a page begins.

    Raises:
        Invalid: a cursor of another list or another unit.
    """
    if after is None:
        return 0, 0, ""
    closed, at, identifier = place_in(hub, caller, after, ["reviews"])
    return closed, at, identifier


async def _looked(hub: Hub, caller: Caller, tx: Transaction) -> None:
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS
    looked = own_consultation(caller, hub.vault, Looked("reviews", purpose.value, ""), await tx.now())
    await tx.run(disclosures.ADD_CONSULTATION, **looked)


def _cursor(hub: Hub, caller: Caller, last: Row) -> str:
    place = [int(last["closed_at"] is not None), last["created_at"], last["id"]]
    return hub.vault.cursor(caller.unit, caller.client, ["reviews", *place])


def _shown(hub: Hub, row: Row) -> dict[str, Any]:
    closed = {"closed_at": rfc3339(row["closed_at"])} if row["closed_at"] is not None else {}
    return detail_of(hub, row) | {
        "id": row["id"],
        "kind": row["kind"],
        "discloser": row["unit_id"],
        "patient_id": row["patient_id"],
        "subject_id": row["subject_id"],
        "created_at": rfc3339(row["created_at"]),
        "due_at": rfc3339(row["due_at"]),
        **closed,
    }
