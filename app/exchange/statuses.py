"""Treatment statuses: file and correct. What is derived is derived now; a later read computes nothing."""

import secrets
from typing import Any

import orjson

from app.errors import Flaw, Invalid, NotFound
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import settle
from app.exchange.filing import Filing, derive_windows, readers_of, reported
from app.exchange.hub import Hub
from app.messages.treatment_status import TreatmentStatus, flaws_of_status
from app.storage import cases, messages, referrals
from app.storage.database import Transaction
from app.vocabulary import MessageKind
from app.vocabulary.calendar import day_of


async def file(hub: Hub, caller: Caller, status: TreatmentStatus, tx: Transaction) -> dict[str, Any]:
    """File a status of one of the clinic's own patients; ``supersedes`` corrects an earlier one whole."""
    await hold_patient(tx, caller.unit, status.patient_id)
    now = await tx.now()
    case_keys, flaws = await restricted_to(tx, caller.unit, status.patient_id, status.cases)
    flaws += flaws_of_status(status, day_of(now))
    old = await superseded(tx, caller.unit, status.patient_id, status.supersedes, MessageKind.TREATMENT_STATUS, flaws)
    first, last = status.period.start.toordinal(), status.period.end.toordinal()
    if not flaws:
        others = await reported(tx, hub, caller.unit, status.patient_id, first, last)
        if any(_meet(week.cases, case_keys) for week in others if week.message != status.supersedes):
            detail = "A week of this period is already reported; name that status in supersedes to correct it."
            flaws.append(Flaw("/period", "period_already_reported", detail))
    if flaws:
        raise Invalid(tuple(flaws))
    message = Filing(secrets.token_hex(16), status.patient_id, caller.unit, MessageKind.TREATMENT_STATUS, now)
    await store(tx, hub, message, status, case_keys, (first, last, old["position"] if old is not None else now))
    if old is not None:
        await tx.run(messages.SUPERSEDE, message=old["id"], by=message.message)
        first, last = min(first, old["first_day"]), max(last, old["last_day"])
    await settle(tx, hub, caller.unit, status.patient_id)
    for referral in await tx.all(referrals.OF_PATIENT, patient=status.patient_id, unit=caller.unit):
        touched = range(first, last + 1)
        await derive_windows(tx, hub, caller.unit, status.patient_id, referral["scope"], referral["case_key"], touched)
    if old is not None:
        await tx.narrow(await readers_of(tx, status.patient_id))
    return {"id": message.message, "patient_id": status.patient_id}


async def again(caller: Caller, tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A replayed answer about a filed message, authorised as things stand now."""
    await patients.own(tx, caller.unit, kept["patient_id"])
    return kept


async def hold_patient(tx: Transaction, unit: str, patient: str) -> None:
    """Lock the clinic's own patient, or say which field names nobody of this clinic."""
    try:
        await patients.lock(tx, unit, patient)
    except NotFound:
        raise Invalid((Flaw("/patient_id", "patient_unknown", "This clinic has no patient of this id."),)) from None


async def restricted_to(
    tx: Transaction, unit: str, patient: str, named: tuple[str, ...]
) -> tuple[frozenset[str], list[Flaw]]:
    """The keys of the cases a message is restricted to: only cases of this patient's referrals to this clinic."""
    own = {row["case_key"] for row in await tx.all(referrals.OF_PATIENT, patient=patient, unit=unit)}
    keys, flaws = set(), []
    for number, case_id in enumerate(named):
        row = await tx.one(cases.VIEW, unit=unit, case_id=case_id)
        if row is None or row["case_key"] not in own:
            detail = "No referral of this patient to this clinic has this case_id."
            flaws.append(Flaw(f"/cases/{number}", "case_not_of_patient", detail))
        else:
            keys.add(row["case_key"])
    return frozenset(keys), flaws


async def superseded(
    tx: Transaction, unit: str, patient: str, message: str | None, kind: MessageKind, flaws: list[Flaw]
) -> Any:
    """The row that a correction replaces; a flaw if it is not this patient's, of this kind and in force."""
    if message is None:
        return None
    row = await tx.one(messages.OWN, message=message, patient=patient, unit=unit, kind=kind.value)
    if row is None:
        detail = "No message of this kind in force about this patient has this id."
        flaws.append(Flaw("/supersedes", "supersedes_unknown", detail))
    return row


async def store(
    tx: Transaction, hub: Hub, filing: Filing, words: object, case_keys: frozenset[str], days: tuple[int, int, int]
) -> None:
    """Keep the message as filed, sealed, with the days it speaks about and its place in the order filed."""
    stored = {"words": orjson.loads(orjson.dumps(words)), "cases": sorted(case_keys)}
    first, last, position = days
    await tx.run(
        messages.ADD,
        id=filing.message,
        patient_id=filing.patient,
        unit_id=filing.unit,
        kind=filing.kind.value,
        sealed=hub.vault.seal(stored, filing.patient, filing.message, "message"),
        first_day=first,
        last_day=last,
        position=position,
        created_at=filing.seq,
    )


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)
