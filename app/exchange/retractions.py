"""Retractions: a report that was entered in error leaves everything that is derived, and stays kept as it was filed."""

import secrets
from enum import StrEnum
from typing import Any, Final

from app.errors import Conflict, NotFound
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import settle
from app.exchange.filing import mark_news, readers_of
from app.exchange.frames import derive
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, grouped
from app.exchange.times import rfc3339
from app.exchange.withdrawals import live_rows, withdraw
from app.storage import messages
from app.storage.database import Row, Transaction
from app.vocabulary import MessageKind

KIND: Final = "retraction"
"""Kind of the message that takes the place of a retracted one."""


class RetractionReason(StrEnum):
    """Why a report should not have been filed."""

    WRONG_PATIENT = "wrong_patient"
    ENTERED_IN_ERROR = "entered_in_error"


async def retract(
    hub: Hub, caller: Caller, kind: MessageKind, message: str, reason: RetractionReason, tx: Transaction
) -> dict[str, Any]:
    """Take a report of this clinic back whole. Of another patient's, a draft names who was told (42 CFR 2.16).

    Raises:
        NotFound: the clinic filed no report of this kind and id.
        Conflict: a correction stands in its place; that one is retracted.
    """
    row = await _own(tx, caller, kind, message)
    await patients.lock(tx, caller.unit, row["patient_id"])
    row = await _own(tx, caller, kind, message)
    answer = {"id": message, "patient_id": row["patient_id"], "status": "entered_in_error"}
    if row["superseded_by"] is not None:
        by = await tx.one(messages.ANY, message=row["superseded_by"], unit=caller.unit)
        if by is not None and by["kind"] == KIND:
            return answer
        raise Conflict("message_superseded", "This was corrected; retract the correction instead.")
    before = await live_rows(tx, caller.unit, row["patient_id"])
    await _take_back(tx, hub, caller, row, reason)
    await mark_news(tx, row["patient_id"])
    await tx.narrow(await readers_of(tx, row["patient_id"]))
    apart = reason is RetractionReason.WRONG_PATIENT
    held = await withdraw(tx, hub, caller.unit, row["patient_id"], row, before, draft_letters=not apart)
    if apart:
        detail = {"message_id": message, "message_kind": kind.value, "recipients": grouped(hub, held)}
        now = await tx.now()
        await draft(tx, hub, caller.unit, row["patient_id"], IncidentKind.WRONG_PATIENT, now, detail)
    return answer


async def say_so(
    tx: Transaction, hub: Hub, caller: Caller, patient: str, identifier: str, what: dict[str, Any]
) -> None:
    """The message, under ``identifier``, in the place of what is taken back: what and why, by whom and when, sealed."""
    now, key = await tx.now(), await keys.of(tx, hub, patient)
    who = {"client": caller.client, "person": caller.person, "person_name": caller.person_name}
    said = what | {"at": rfc3339(now)} | who
    await tx.run(
        messages.ADD,
        id=identifier,
        patient_id=patient,
        unit_id=caller.unit,
        kind=KIND,
        sealed=key.seal({"words": said, "cases": []}, patient, identifier, "message"),
        first_day=0,
        last_day=0,
        position=0,
        created_at=now,
    )


async def _own(tx: Transaction, caller: Caller, kind: MessageKind, message: str) -> Row:
    row = await tx.one(messages.ANY, message=message, unit=caller.unit)
    if row is None or row["kind"] != kind.value or row["first_day"] <= 0:  # 0: the plan that an acceptance files
        raise NotFound
    return row


async def _take_back(tx: Transaction, hub: Hub, caller: Caller, row: Row, reason: RetractionReason) -> None:
    identifier, patient = secrets.token_hex(16), row["patient_id"]
    await say_so(tx, hub, caller, patient, identifier, {"reason": reason.value, "message": row["id"]})
    await tx.run(messages.SUPERSEDE, message=row["id"], by=identifier)
    if row["kind"] == MessageKind.TREATMENT_STATUS:
        await settle(tx, hub, caller.unit, patient)
        await derive(tx, hub, caller.unit, patient, range(row["first_day"], row["last_day"] + 1))
    else:
        await tx.run(messages.BURY_MESSAGE, patient=patient, message=row["id"])
