"""The clinic's answer to a referral. An acceptance files the enrolment as planned in the same transaction."""

from typing import Any

from app.errors import Conflict, Flaw, Invalid
from app.exchange import inbox, patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import plan, planned_by, settle
from app.exchange.filing import Filing, add_row, bury, mark_news, readers_of
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.statuses import filing_of, store
from app.exchange.withdrawals import live_rows, withdraw
from app.messages.derive import Stated, of_response
from app.messages.response import ReferralResponse, flaws_of_response
from app.storage import messages, referrals
from app.storage.database import Row, Transaction
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import day_of
from app.vocabulary.codes import Decision, Epistemic


async def respond(
    hub: Hub, caller: Caller, referral: str, response: ReferralResponse, tx: Transaction
) -> dict[str, Any]:
    """Answer a referral that was matched with a patient; a later answer replaces an earlier one.

    If the matched record was merged since, the answer is about the one that goes on.
    """
    row = await inbox.own(tx, caller.unit, referral)
    if row["patient_id"] is None:
        raise Conflict("referral_not_matched", "Match the referral with a patient first: PATCH …/patient.")
    flaws = flaws_of_response(response)
    if flaws:
        raise Invalid(tuple(flaws))
    patient = await patients.going_on(tx, caller.unit, row["patient_id"])
    await patients.hold(tx, caller.unit, patient)
    records = await records_of(tx, patient)
    accepted = await _accepted(tx, hub, caller, records, row)
    old = await _corrected(tx, caller, records, row, response)
    before = await live_rows(tx, caller.unit, old["patient_id"]) if old is not None else ()
    filing = await filing_of(tx, hub, caller.unit, patient, MessageKind.REFERRAL, await tx.now())
    for record in records:
        await _forget_earlier(tx, hub, filing.under(filing.message, record), row)
    await _file(tx, hub, filing, row, response)
    if not accepted:  # what has fallen due since an acceptance stays due, whatever else is corrected in it
        await tx.run(referrals.ANSWER, referral=row["id"], at=filing.seq)
    for record in records:
        await settle(tx, hub, caller.unit, record)
    await mark_news(tx, *records)
    if old is not None:
        await tx.run(messages.SUPERSEDE, message=old["id"], by=filing.message)
    await tx.narrow([key for record in records for key in await readers_of(tx, record)])
    if old is not None:
        await withdraw(tx, hub, caller.unit, old["patient_id"], old, before)
    return {"id": filing.message, "referral_id": referral, "decision": response.decision.value}


async def _accepted(tx: Transaction, hub: Hub, caller: Caller, records: list[str], row: Row) -> bool:
    """Whether the answer in force accepts the referral."""
    for record in records:
        named = await tx.one(messages.ANSWER_IN_FORCE, patient=record, unit=caller.unit, referral=row["id"])
        if named is not None:
            stated: Any = hub.vault.open(named["sealed"], record, named["message_id"], "referral.decision")
            return bool(stated[0]["decision"] == Decision.ACCEPTED.value)
    return False


async def _corrected(
    tx: Transaction, caller: Caller, records: list[str], row: Row, response: ReferralResponse
) -> Row | None:
    """The answer that this one says was wrong; only the one in force can be."""
    if response.supersedes is None:
        return None
    for record in records:
        named = await tx.one(messages.ANSWER_IN_FORCE, patient=record, unit=caller.unit, referral=row["id"])
        if named is not None and named["message_id"] == response.supersedes:
            return await tx.one(messages.ANY, message=response.supersedes, unit=caller.unit)
    detail = "No answer in force to this referral has this id."
    raise Invalid((Flaw("/supersedes", "supersedes_unknown", detail),))


async def _file(tx: Transaction, hub: Hub, filing: Filing, row: Row, response: ReferralResponse) -> None:
    day = day_of(filing.seq)
    await store(tx, filing, response, frozenset({row["case_key"]}), (day, day, 0))
    for stated in of_response(response, row["id"], day):
        await add_row(tx, filing, stated, row["case_key"], live=True)
    if response.decision is Decision.ACCEPTED:
        await plan(tx, hub, filing.unit, filing.patient, row)


async def _forget_earlier(tx: Transaction, hub: Hub, filing: Filing, row: Row) -> None:
    for element in (Element.REFERRAL_DECISION, Element.REFERRAL_REASON, Element.REFERRAL_APPOINTMENT):
        await bury(tx, filing, Stated(element, None, Epistemic.FACT, 0, row["id"]), row["case_key"])
    for earlier in await planned_by(tx, hub, filing.unit, filing.patient, row["id"]):
        await tx.run(messages.SUPERSEDE, message=earlier, by=filing.message)
