"""The register of what patients ask for under their rights: received, extended once with reasons, answered in time."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.cursors import place_in
from app.exchange.deadlines import RequestKind, due, extension
from app.exchange.hub import Hub
from app.exchange.rights import Kept, held, looked
from app.exchange.times import instant_of, not_after, rfc3339
from app.exchange.unit import Committed, write
from app.storage import subject_requests
from app.storage.database import Row, Transaction
from app.vocabulary.calendar import DAY_US

OPEN: Final = "open"
EXTENDED: Final = "extended"
ANSWERED: Final = "answered"

_YEAR_DAYS: Final = 365
Words = dict[str, Any]


class RequestChannel(StrEnum):
    """How it came."""

    IN_PERSON = "in_person"
    LETTER = "letter"
    ELECTRONIC = "electronic"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, when it was received, and how."""

    kind: RequestKind
    received_at: datetime
    channel: RequestChannel


async def register(hub: Hub, caller: Caller, patient: str, asked: Asked, tx: Transaction) -> Words:
    """Enter a request; the answer says by when it is due and, of an accounting, whether it is free of charge.

    Raises:
        NotFound: no patient of this clinic, or of one that appointed this privacy office.
        Invalid: it was received in the future.
    """
    kept = await held(tx, hub, caller, patient)
    now = await tx.now()
    received_at = not_after(instant_of(asked.received_at), now)
    if received_at is None:
        raise Invalid((Flaw("/received_at", "received_in_future", "The request was received in the future."),))
    identifier = secrets.token_hex(16)
    said: Words = {"channel": asked.channel.value}
    if asked.kind is RequestKind.ACCOUNTING:
        said["free"] = await _free(tx, kept, received_at)
    await tx.run(
        subject_requests.ADD,
        id=identifier,
        unit_id=kept.unit,
        patient_id=patient,
        kind=asked.kind.value,
        state=OPEN,
        received_at=received_at,
        due_at=due(kept.profile, asked.kind, received_at),
        sealed=(await keys.of(tx, hub, patient)).seal(said, "subject_request", identifier),
    )
    return view(hub, await own(tx, kept, identifier), now)


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: Words) -> Words:
    """A replayed answer, as things stand now."""
    found = await held(tx, hub, caller, kept["patient_id"])
    return view(hub, await own(tx, found, kept["id"]), await tx.now())


async def extend(hub: Hub, caller: Caller, patient: str, request: str, reasons: str) -> Committed[Words]:
    """Take more time, once, with reasons that the patient is told before the first time is over.

    Raises:
        NotFound: this patient made no request of this id here.
        Conflict: it was answered or extended before, is overdue, or its kind has no more time.
    """

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        row, now = await own(tx, kept, request), await tx.now()
        more = extension(kept.profile, RequestKind(row["kind"]))
        if row["state"] != OPEN or row["due_at"] <= now or more == 0:
            detail = "It was answered or extended before, is overdue, or has no more time by the law that holds here."
            raise Conflict("request_not_extensible", detail)
        said = said_of(hub, row) | {"extension_reasons": reasons, "extended_at": rfc3339(now)}
        await change(tx, hub, row, EXTENDED, (row["due_at"] + more, None), said)
        return view(hub, await own(tx, kept, request), now)

    return await write(hub, flow)


async def listed(
    hub: Hub, caller: Caller, after: tuple[int, str], limit: int
) -> Committed[tuple[list[Words], str | None]]:
    """The requests to this clinic, or to those that appointed this privacy office, oldest first, overdue ones marked.

    That somebody looked is recorded.
    """

    async def flow(tx: Transaction) -> tuple[list[Words], str | None]:
        await looked(tx, hub, caller, "subject_requests", "")
        now = await tx.now()
        rows = await tx.all(
            subject_requests.LIST, unit=caller.unit, after_at=after[0], after_id=after[1], most=limit + 1
        )
        page = rows[:limit]
        last = page[-1] if len(rows) > limit else None
        place = ["subject_requests", last["received_at"], last["id"]] if last is not None else None
        return [view(hub, row, now) for row in page], (
            hub.vault.cursor(caller.unit, caller.client, place) if place is not None else None
        )

    return await write(hub, flow)


def position(hub: Hub, caller: Caller, after: str | None) -> tuple[int, str]:
    """Where a page begins.

    Raises:
        Invalid: a cursor of another list or another unit.
    """
    if after is None:
        return -(2**62), ""
    at, identifier = place_in(hub, caller, after, ["subject_requests"])
    return at, identifier


async def own(tx: Transaction, kept: Kept, request: str) -> Row:
    """A request of this patient; NotFound for any other id."""
    for record in kept.records:
        for row in await tx.all(subject_requests.OF_PATIENT, patient=record):
            if row["id"] == request:
                return row
    raise NotFound


async def change(tx: Transaction, hub: Hub, row: Row, state: str, times: tuple[int, int | None], said: Words) -> None:
    """Bring a request into another state; ``times`` are when it is due and when it was answered."""
    sealed = (await keys.of(tx, hub, row["patient_id"])).seal(said, "subject_request", row["id"])
    due_at, answered = times
    of = {"request": row["id"], "new_state": state, "due": due_at, "answered": answered}
    await tx.run(subject_requests.CHANGE, **of, said=sealed)


def said_of(hub: Hub, row: Row) -> Words:
    """What is sealed of it."""
    said: Any = hub.vault.open(row["sealed"], "subject_request", row["id"])
    return dict(said)


def view(hub: Hub, row: Row, now: int) -> Words:
    """A request as the patient side sees it."""
    shown: Words = {"id": row["id"], "patient_id": row["patient_id"], "discloser": row["unit_id"]}
    shown |= {"kind": row["kind"], "state": row["state"], "received_at": rfc3339(row["received_at"])}
    shown |= {"due_at": rfc3339(row["due_at"]), **said_of(hub, row)}
    if row["answered_at"] is not None:
        return shown | {"answered_at": rfc3339(row["answered_at"]), "late": row["answered_at"] > row["due_at"]}
    return shown | {"overdue": row["due_at"] <= now}


async def _free(tx: Transaction, kept: Kept, received_at: int) -> bool:
    """The first accounting in so many months is free of charge (45 CFR 164.528(c)(2)); 0 months: every one."""
    months = int(kept.profile.settings["accounting_free_months"])
    since = received_at - months * _YEAR_DAYS // 12 * DAY_US
    rows = [row for record in kept.records for row in await tx.all(subject_requests.OF_PATIENT, patient=record)]
    return not any(row["kind"] == RequestKind.ACCOUNTING and row["received_at"] > since for row in rows) or months == 0
