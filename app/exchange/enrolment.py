"""What each case may read of an enrolment: settled anew, case by case, whenever a report or an acceptance changes.

A case's rows depend on the reports about every case and on its own, never on what was filed for another case alone.
"""

import secrets
from typing import Any

import orjson

from app.exchange.filing import STATUS, Filing, add_row
from app.exchange.hub import Hub
from app.messages.derive import Stated, of_enrolment
from app.messages.episodes import ACCEPTANCE, Report, current
from app.storage import messages, referrals
from app.storage.database import Row, Transaction
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import OPEN
from app.vocabulary.codes import EnrolmentStatus, Epistemic

_PLANNED = (
    Stated(Element.ENROLMENT_ENGAGED, True, Epistemic.FACT, OPEN),
    Stated(Element.ENROLMENT_STATUS, EnrolmentStatus.PLANNED.value, Epistemic.FACT, OPEN),
)


async def settle(tx: Transaction, hub: Hub, unit: str, patient: str) -> None:
    """Make the state-like rows of every case of this patient at this clinic what their reports now say."""
    filed = [_report(hub, patient, row) for row in await tx.all(messages.REPORTS, patient=patient, unit=unit)]
    lanes = {row["case_key"] for row in await tx.all(referrals.OF_PATIENT, patient=patient, unit=unit)}
    await tx.run(messages.FORGET_STATE, patient=patient, unit=unit)
    now = await tx.now()
    for lane in sorted(lanes):
        for message, stated in current([report for cases, report in filed if not cases or lane in cases]):
            row = Filing(message, patient, unit, MessageKind.TREATMENT_STATUS, now)
            await add_row(tx, hub, row, stated, lane, live=True)


async def plan(tx: Transaction, hub: Hub, unit: str, referral: Row) -> None:
    """An acceptance files the enrolment as planned, for the referral's own case: no other case learns of it."""
    now = await tx.now()
    message = secrets.token_hex(16)
    words = {"status": EnrolmentStatus.PLANNED.value, "referral": referral["id"]}
    stored = {"words": words, "cases": [referral["case_key"]]}
    await tx.run(
        messages.ADD,
        id=message,
        patient_id=referral["patient_id"],
        unit_id=unit,
        kind=MessageKind.TREATMENT_STATUS.value,
        sealed=hub.vault.seal(stored, referral["patient_id"], message, "message"),
        first_day=ACCEPTANCE,
        last_day=ACCEPTANCE,
        position=now,
        created_at=now,
    )


async def planned_by(tx: Transaction, hub: Hub, unit: str, referral: Row) -> list[str]:
    """The messages that earlier acceptances of this referral filed; a later answer takes them back."""
    found: list[str] = []
    for row in await tx.all(messages.REPORTS, patient=referral["patient_id"], unit=unit):
        if row["last_day"] == ACCEPTANCE:
            stored: Any = hub.vault.open(row["sealed"], referral["patient_id"], row["id"], "message")
            found += [row["id"]] if stored["words"]["referral"] == referral["id"] else []
    return found


def _report(hub: Hub, patient: str, row: Row) -> tuple[frozenset[str], Report]:
    stored: Any = hub.vault.open(row["sealed"], patient, row["id"], "message")
    cases = frozenset(stored["cases"])
    if row["last_day"] == ACCEPTANCE:
        return cases, Report(row["id"], ACCEPTANCE, EnrolmentStatus.PLANNED, _PLANNED)
    status = STATUS.validate_json(orjson.dumps(stored["words"]))
    return cases, Report(row["id"], row["last_day"], status.status, tuple(of_enrolment(status)))
