"""Treatment statuses: file and correct. What is derived is derived now; a later read computes nothing."""

import secrets
from collections.abc import Sequence
from typing import Any

from app.errors import Flaw, Invalid, NotFound
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import settle
from app.exchange.filing import Filing, mark_news, readers_of
from app.exchange.frames import derive, frames_of
from app.exchange.hub import Hub
from app.exchange.identified import guarded
from app.exchange.records import records_of
from app.exchange.reported import STATUS, Told, told, told_by, weeks_of, with_filed
from app.exchange.withdrawals import live_rows, withdraw
from app.messages.treatment_status import TreatmentStatus, flaws_of_status
from app.storage import cases, messages
from app.storage.database import Transaction
from app.vocabulary import MessageKind
from app.vocabulary.calendar import day_of


async def file(hub: Hub, caller: Caller, status: TreatmentStatus, tx: Transaction) -> dict[str, Any]:
    """File a status of one of the clinic's own patients; ``supersedes`` corrects an earlier one whole."""
    guard = await guarded(hub, caller, MessageKind.TREATMENT_STATUS, status.identifier, (STATUS, status), tx)
    if guard.first is not None:
        return guard.first
    await hold_patient(tx, caller.unit, status.patient_id)
    now = await tx.now()
    case_keys, flaws = await restricted_to(tx, caller.unit, status.patient_id, status.cases)
    flaws += flaws_of_status(status, day_of(now))
    old = await superseded(tx, caller.unit, status.patient_id, status.supersedes, MessageKind.TREATMENT_STATUS, flaws)
    first, last = status.period.start.toordinal(), status.period.end.toordinal()
    known = await told(tx, hub, caller.unit, status.patient_id) if not flaws else []
    flaws += _already_reported(known, status, case_keys)
    if flaws:
        raise Invalid(tuple(flaws))
    before = await live_rows(tx, caller.unit, status.patient_id) if old is not None else ()
    message = await filing_of(tx, hub, caller.unit, status.patient_id, MessageKind.TREATMENT_STATUS, now)
    days = (first, last, old["position"] if old is not None else now)
    await store(tx, message, status, case_keys, days, guard.blind)
    if old is not None:
        await tx.run(messages.SUPERSEDE, message=old["id"], by=message.message)
        first, last = min(first, old["first_day"]), max(last, old["last_day"])
    known = with_filed(known, told_by(status, message.message, case_keys, days[2]), status.supersedes)
    await settle(tx, hub, caller.unit, status.patient_id, message.message, known)
    await derive(tx, hub, caller.unit, status.patient_id, range(first, last + 1), known)
    await mark_news(tx, status.patient_id)
    if old is not None:
        await tx.narrow(await readers_of(tx, status.patient_id))
        await withdraw(tx, hub, caller.unit, status.patient_id, old, before)
    return {"id": message.message, "patient_id": status.patient_id}


async def again(caller: Caller, tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A replayed answer about a filed message, authorised as things stand now."""
    await patients.own(tx, caller.unit, kept["patient_id"])
    return kept


async def hold_patient(tx: Transaction, unit: str, patient: str) -> None:
    """Lock the clinic's own patient, or say which field names nobody of this clinic.

    Raises:
        Conflict: the record was merged and takes nothing new.
    """
    try:
        await patients.hold(tx, unit, patient)
    except NotFound:
        raise Invalid((Flaw("/patient_id", "patient_unknown", "This clinic has no patient of this id."),)) from None


async def restricted_to(
    tx: Transaction, unit: str, patient: str, named: tuple[str, ...]
) -> tuple[frozenset[str], list[Flaw]]:
    """The keys of the cases a message is restricted to: only cases of this patient's referrals to this clinic."""
    own = {case_key for case_key, _ in await frames_of(tx, unit, patient)}
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
        other = await tx.one(messages.ANY, message=message, unit=unit)
        if other is not None and other["patient_id"] in (await records_of(tx, patient))[1:]:
            detail = "This message is of a record that was merged into this one: retract it, then file it here anew."
        flaws.append(Flaw("/supersedes", "supersedes_unknown", detail))
    return row


async def filing_of(tx: Transaction, hub: Hub, unit: str, patient: str, kind: MessageKind, now: int) -> Filing:
    """A new message about a patient of this clinic, filed now."""
    return Filing(secrets.token_hex(16), patient, unit, kind, now, await keys.of(tx, hub, patient))


async def store(
    tx: Transaction,
    filing: Filing,
    words: object,
    case_keys: frozenset[str],
    days: tuple[int, int, int],
    index: str | None = None,
) -> None:
    """Keep the message as filed, sealed, with the days it speaks about and its place in the order filed.

    ``index`` is the blind index of the sender's own identifier.
    """
    stored = {"words": words, "cases": sorted(case_keys)}
    first, last, position = days
    await tx.run(
        messages.ADD,
        id=filing.message,
        patient_id=filing.patient,
        unit_id=filing.unit,
        kind=filing.kind.value,
        sealed=filing.key.seal(stored, filing.patient, filing.message, "message"),
        first_day=first,
        last_day=last,
        position=position,
        created_at=filing.seq,
        identifier_index=index,
    )


def _already_reported(known: Sequence[Told], status: TreatmentStatus, cases: frozenset[str]) -> list[Flaw]:
    met = weeks_of(known, status.period.start.toordinal(), status.period.end.toordinal())
    if any(_meet(week.cases, cases) for week in met if week.message != status.supersedes):
        detail = "A week of this period is already reported; name that status in supersedes to correct it."
        return [Flaw("/period", "period_already_reported", detail)]
    return []


def _meet(one: frozenset[str], other: frozenset[str]) -> bool:
    return not one or not other or bool(one & other)
