"""Two records of one person become one for what is new; instruments stay with the record they were signed for.

No consent moves. What both records' live consents allow goes on, each from its own record; what only one of them
allows is taken back until it is signed again (domain rules, cases 48 and 49). A merge that was wrong is undone, but
what it took stays taken: only the patient gives it again.
"""

import secrets
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.consent.instrument import Revocation
from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import court_order_acts, patients
from app.exchange.authenticate import Caller
from app.exchange.closing import close_spent
from app.exchange.consent_state import loaded, state_of
from app.exchange.enrolment import planned_by, settle
from app.exchange.filing import mark_news, readers_of
from app.exchange.frames import derive_all
from app.exchange.holds import part
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, grouped
from app.exchange.intersection import beyond
from app.exchange.records import records_of
from app.exchange.restriction_rows import share
from app.exchange.retractions import say_so
from app.exchange.times import rfc3339
from app.exchange.withdrawals import live_rows, withdraw, withdraw_under
from app.storage import consents, court_orders, merges, messages, referrals, withdrawals
from app.storage.database import Row, Transaction
from app.storage.instruments import selection
from app.vocabulary import ConsentState

Body = dict[str, Any]


async def merge(hub: Hub, caller: Caller, survivor: str, merged: str, tx: Transaction) -> Body:
    """Say that two of the clinic's records are of one person: ``survivor`` goes on, ``merged`` takes nothing new.

    Raises:
        NotFound, Invalid: one of them is no record of this clinic, or both are the same.
        Conflict: one of them was merged before.
    """
    await _hold(tx, caller, survivor, merged)
    for record in (survivor, merged):
        patients.refuse_merged(await patients.own(tx, caller.unit, record))
    here, there = await records_of(tx, survivor), await records_of(tx, merged)
    now = await tx.now()
    await _take_back(tx, caller, await beyond(tx, hub, caller, (here, there), now), now)
    await tx.run(
        merges.ADD,
        id=secrets.token_hex(16),
        unit_id=caller.unit,
        survivor_id=survivor,
        merged_id=merged,
        created_at=now,
    )
    # The survivor's reports speak in the merged record's cases as well, once a consent is signed for them.
    named = {row["id"] for one in there for row in await _referrals(tx, caller, one)}
    await derive_all(tx, hub, caller.unit, survivor, named)
    await settle(tx, hub, caller.unit, survivor)
    await share(tx, hub, [*here, *there])
    await _close(tx, [*here, *there])
    return {"patient_id": survivor, "merged": merged}


async def unmerge(hub: Hub, caller: Caller, survivor: str, merged: str, tx: Transaction) -> Body:
    """Undo a merge that was wrong: a draft names who was told what meanwhile, and the answer what to look through.

    What the record that went on, and every one that it was merged into itself, said in the cases of the other one is
    withdrawn there (domain rules, case 48; GDPR 19). The clinic answers the other one's referrals again.

    Raises:
        NotFound, Invalid: one of them is no record of this clinic, or both are the same.
        Conflict: they are not merged.
    """
    await _both(tx, caller, survivor, merged)
    everyone = await patients.lock_all(tx, caller.unit, survivor)
    row = await tx.one(merges.LIVE, survivor=survivor, merged=merged)
    if row is None:
        raise Conflict("patients_not_merged", "The second record is not merged into the first.")
    now = await tx.now()
    line = await _line(tx, caller, survivor, row["created_at"])
    review = [one for each in line for one in await _filed_since(tx, caller, each)]
    before = {each.patient: await live_rows(tx, caller.unit, each.patient) for each in line}
    parted = await records_of(tx, merged)
    named = {one["id"] for record in parted for one in await _referrals(tx, caller, record)}
    await part(tx, hub, (parted, [survivor, *(one for one in everyone if one not in (survivor, *parted))]))
    await tx.run(merges.UNDO, survivor=survivor, merged=merged, at=now)
    taken_back = {each.patient: await _take_answers_back(tx, hub, caller, each.patient, named) for each in line}
    signed = {each.patient: await _end_consents(tx, hub, caller, each.patient, named) for each in line}
    for each in line:
        await _bury_windows(tx, caller, each.patient, merged)
        await settle(tx, hub, caller.unit, each.patient)
    await _close(tx, everyone)
    for each in line:
        for answer in taken_back[each.patient]:
            rows = before[each.patient]
            await withdraw(tx, hub, caller.unit, each.patient, answer, rows, draft_letters=False)
        await withdraw_under(tx, hub, caller.unit, each.patient, signed[each.patient], each.since)
    await _draft(tx, hub, caller, (row, merged), line, now)
    return {"patient_id": survivor, "merged": merged, "to_review": review}


class _Above(NamedTuple):
    """A record that went on for another one, and since when."""

    patient: str
    since: int


async def _line(tx: Transaction, caller: Caller, survivor: str, since: int) -> list[_Above]:
    """The record that goes on, then each that it was merged into in turn."""
    found = [_Above(survivor, since)]
    while (above := (await patients.own(tx, caller.unit, found[-1].patient))["merged_into"]) is not None:
        row = await tx.one(merges.LIVE, survivor=above, merged=found[-1].patient)
        since = max(since, row["created_at"]) if row is not None else since
        found.append(_Above(above, since))
    return found


async def _referrals(tx: Transaction, caller: Caller, record: str) -> Sequence[Row]:
    return await tx.all(referrals.OF_PATIENT, patient=record, unit=caller.unit)


async def _filed_since(tx: Transaction, caller: Caller, each: _Above) -> list[Body]:
    filed = await tx.all(merges.FILED_SINCE, patient=each.patient, unit=caller.unit, since=each.since)
    return [{"id": one["id"], "kind": one["kind"], "filed_at": rfc3339(one["created_at"])} for one in filed]


async def _take_answers_back(tx: Transaction, hub: Hub, caller: Caller, record: str, named: set[str]) -> list[Row]:
    """The answers in force of this record to another one's referrals, which are no answers any more.

    Whoever is asked whether to take a person has to know which person: the clinic answers them again.
    """
    found: list[Row] = []
    by = secrets.token_hex(16)
    for referral in sorted(named):
        one = await tx.one(messages.ANSWER_IN_FORCE, patient=record, unit=caller.unit, referral=referral)
        answer = await tx.one(messages.ANY, message=one["message_id"], unit=caller.unit) if one is not None else None
        if answer is not None:
            found.append(answer)
            await tx.run(messages.BURY_MESSAGE, patient=record, message=answer["id"])
            for gone in (answer["id"], *await planned_by(tx, hub, caller.unit, record, referral)):
                await tx.run(messages.SUPERSEDE, message=gone, by=by)
    if found:
        told = {"reason": IncidentKind.WRONG_MERGE.value, "messages": [one["id"] for one in found]}
        await say_so(tx, hub, caller, record, by, told)
    return found


async def _end_consents(tx: Transaction, hub: Hub, caller: Caller, record: str, named: set[str]) -> set[str]:
    """The consents signed for this record and another one's referrals: none could be signed now, so none goes on."""
    signed, now = set(), await tx.now()
    for row in await tx.all(consents.OF_PATIENT, patient=record, unit=caller.unit):
        instrument = await loaded(tx, row) if row["referral_id"] in named else None
        if instrument is not None:
            signed.add(row["id"])
            if await state_of(tx, row, instrument, now, hub.profiles[caller.profile]) is ConsentState.ACTIVE:
                await _take_back(tx, caller, [(row["id"], Revocation(now, by_merge=True))], now)
    for order in await tx.all(court_orders.STANDING, patient=record):
        if order["referral_id"] in named:
            signed.add(order["id"])
            await court_order_acts.end(tx, order["id"], now, now)
            await tx.run(court_orders.UNSEAT, order=order["id"], at=now)
    return signed


async def _bury_windows(tx: Transaction, caller: Caller, record: str, merged: str) -> None:
    for frame in await tx.all(referrals.FRAMES, patient=merged, unit=caller.unit):
        await tx.run(messages.BURY_SCOPE, patient=record, unit=caller.unit, scope=frame["scope"])


async def _draft(
    tx: Transaction, hub: Hub, caller: Caller, undone: tuple[Row, str], line: Sequence[_Above], now: int
) -> None:
    """One draft of all that left of those records since they went on for the other one."""
    row, merged = undone
    spans = [{"patient": each.patient, "from_at": each.since, "to_at": now + 1} for each in line]
    rows = [one for span in spans for one in await tx.all(withdrawals.RELEASED, **span)]
    detail = {"merged": merged, "merged_at": rfc3339(row["created_at"]), "recipients": grouped(hub, rows)}
    await draft(tx, hub, caller.unit, line[0].patient, IncidentKind.WRONG_MERGE, now, detail)


async def _both(tx: Transaction, caller: Caller, survivor: str, merged: str) -> None:
    """Two records of this clinic, or the error that says which is not."""
    if survivor == merged:
        raise Invalid((Flaw("/merged", "merge_of_itself", "Name another record than the one that goes on."),))
    await patients.own(tx, caller.unit, survivor)
    try:
        await patients.own(tx, caller.unit, merged)
    except NotFound:
        raise Invalid((Flaw("/merged", "patient_unknown", "This clinic has no patient of this id."),)) from None


async def _hold(tx: Transaction, caller: Caller, survivor: str, merged: str) -> None:
    """Both records, locked in one order whichever goes on."""
    await _both(tx, caller, survivor, merged)
    for record in sorted((survivor, merged)):
        await patients.lock(tx, caller.unit, record)


async def _take_back(tx: Transaction, caller: Caller, taken: list[tuple[str, Revocation]], now: int) -> None:
    for consent, revocation in taken:
        await tx.run(
            consents.ADD_REVOCATION,
            id=secrets.token_hex(16),
            consent_id=consent,
            requested_at=revocation.requested_at,
            created_at=now,
            selection=selection(revocation),
        )
    for consent in sorted({consent for consent, _ in taken}):
        await tx.run(consents.NEW_VERSION, consent=consent)
        row = await tx.one(consents.OWN, consent=consent, unit=caller.unit)
        if row is not None:
            await close_spent(tx, row, now)


async def _close(tx: Transaction, records: list[str]) -> None:
    """The gate of every reader of any of these records, last."""
    await mark_news(tx, *records)
    await tx.narrow([key for record in records for key in await readers_of(tx, record)])
