"""What each case may read of an enrolment: settled anew, case by case, whenever a report or an acceptance changes.

A case's rows depend on the reports about every case and on its own, never on what was filed for another case alone.
"""

import secrets
from collections.abc import Sequence
from typing import Any

from app.errors import Flaw, Invalid
from app.exchange import keys
from app.exchange.filing import Filing, add_row
from app.exchange.frames import frames_of
from app.exchange.hub import Hub
from app.exchange.reported import Told, told
from app.messages.derive import provided
from app.messages.episodes import ACCEPTANCE, current, out_of_order
from app.storage import messages, registry
from app.storage.database import Row, Transaction
from app.vocabulary import MessageKind
from app.vocabulary.codes import EnrolmentStatus


async def settle(
    tx: Transaction,
    hub: Hub,
    unit: str,
    patient: str,
    filed: str | None = None,
    known: Sequence[Told] | None = None,
) -> None:
    """Make the state-like rows of every case of this patient at this clinic what their reports now say.

    ``known`` is all that is in force about the patient, if the caller has opened it.

    Raises:
        Invalid: ``filed``, the status that was just filed, contradicts the others of its episode.
    """
    known = await told(tx, hub, unit, patient) if known is None else known
    lanes = {case_key for case_key, _ in await frames_of(tx, unit, patient)}
    await tx.run(messages.FORGET_STATE, patient=patient, unit=unit)
    own, stated_at = await tx.one(registry.UNIT, unit=unit), {one.report.message: one.stated_at() for one in known}
    key = await keys.of(tx, hub, patient)
    name = own["name"] if own is not None else unit
    for lane in sorted(lanes):
        reports = [one.report for one in known if not one.cases or lane in one.cases]
        if filed is not None and out_of_order(reports, filed):
            detail = "The enrolment began before: planned, or declined before the start, cannot follow."
            raise Invalid((Flaw("/status", "status_out_of_order", detail),))
        for message, stated in provided(current(reports), name):
            row = Filing(message, patient, unit, MessageKind.TREATMENT_STATUS, stated_at[message], key)
            await add_row(tx, row, stated, lane, live=True)


async def plan(tx: Transaction, hub: Hub, unit: str, patient: str, referral: Row) -> None:
    """An acceptance files the enrolment as planned, for the referral's own case: no other case learns of it."""
    now = await tx.now()
    message = secrets.token_hex(16)
    words = {"status": EnrolmentStatus.PLANNED.value, "referral": referral["id"]}
    stored = {"words": words, "cases": [referral["case_key"]]}
    key = await keys.of(tx, hub, patient)
    await tx.run(
        messages.ADD,
        id=message,
        patient_id=patient,
        unit_id=unit,
        kind=MessageKind.TREATMENT_STATUS.value,
        sealed=key.seal(stored, patient, message, "message"),
        first_day=ACCEPTANCE,
        last_day=ACCEPTANCE,
        position=now,
        created_at=now,
    )


async def planned_by(tx: Transaction, hub: Hub, unit: str, patient: str, referral: str) -> list[str]:
    """The messages that earlier acceptances of this referral filed; a later answer takes them back."""
    found: list[str] = []
    for row in await tx.all(messages.REPORTS, patient=patient, unit=unit):
        if row["last_day"] == ACCEPTANCE:
            stored: Any = hub.vault.open(row["sealed"], patient, row["id"], "message")
            found += [row["id"]] if stored["words"]["referral"] == referral else []
    return found
