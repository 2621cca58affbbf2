"""The clinic's answer to a referral. An acceptance files the enrolment as planned in the same transaction."""

import secrets
from typing import Any

from app.errors import Conflict, Invalid
from app.exchange import inbox, patients
from app.exchange.authenticate import Caller
from app.exchange.enrolment import plan, planned_by, settle
from app.exchange.filing import Filing, add_row, bury, readers_of
from app.exchange.hub import Hub
from app.exchange.statuses import store
from app.messages.derive import Stated, of_response
from app.messages.referral import ReferralResponse, flaws_of_response
from app.storage import messages, referrals
from app.storage.database import Row, Transaction
from app.vocabulary import Element, MessageKind
from app.vocabulary.calendar import day_of
from app.vocabulary.codes import Decision, Epistemic


async def respond(
    hub: Hub, caller: Caller, referral: str, response: ReferralResponse, tx: Transaction
) -> dict[str, Any]:
    """Answer a referral that was matched with a patient; a later answer replaces an earlier one."""
    row = await inbox.own(tx, caller.unit, referral)
    if row["patient_id"] is None:
        raise Conflict("referral_not_matched", "Match the referral with a patient first: PATCH …/patient.")
    flaws = flaws_of_response(response)
    if flaws:
        raise Invalid(tuple(flaws))
    await patients.lock(tx, caller.unit, row["patient_id"])
    now = await tx.now()
    filing = Filing(secrets.token_hex(16), row["patient_id"], caller.unit, MessageKind.REFERRAL, now)
    day = day_of(now)
    await store(tx, hub, filing, response, frozenset({row["case_key"]}), (day, day, 0))
    await _forget_earlier(tx, filing, row)
    for stated in of_response(response, referral, day):
        await add_row(tx, hub, filing, stated, row["case_key"], live=True)
    for earlier in await planned_by(tx, hub, caller.unit, row):
        await tx.run(messages.SUPERSEDE, message=earlier, by=filing.message)
    if response.decision is Decision.ACCEPTED:
        await plan(tx, hub, caller.unit, row)
    await settle(tx, hub, caller.unit, row["patient_id"])
    await tx.run(referrals.ANSWER, referral=referral, at=now)
    await tx.narrow(await readers_of(tx, row["patient_id"]))
    return {"id": filing.message, "referral_id": referral, "decision": response.decision.value}


async def _forget_earlier(tx: Transaction, filing: Filing, row: Row) -> None:
    for element in (Element.REFERRAL_DECISION, Element.REFERRAL_APPOINTMENT):
        await bury(tx, filing, Stated(element, None, Epistemic.FACT, 0, row["id"]), row["case_key"])
