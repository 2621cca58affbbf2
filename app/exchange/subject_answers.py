"""Answers to what a patient asked for, with what each brings about: an erasure, or a list of who was put right.

An erasure is decided by the privacy officer. Store by store the answer says what became of what was kept there: erased,
or kept, on which ground and until when (GDPR 17(3); domain rules 2.4). While a legal hold stands nothing is erased;
while a case is live and consent is no legal ground, the record is restricted instead (GDPR 18; case 80).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from app.errors import Conflict, Flaw, Forbidden, Invalid
from app.exchange import restrictions
from app.exchange.authenticate import Caller
from app.exchange.deadlines import RequestKind
from app.exchange.disclosed_entry import OUTSIDE
from app.exchange.erasure import erase_records
from app.exchange.holds import stands
from app.exchange.hub import Hub
from app.exchange.rights import Kept, held, tells_of
from app.exchange.subject_requests import ANSWERED, Words, change, own, said_of, view
from app.exchange.suspended import suspended
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, narrow
from app.storage import cases, patients, referrals, withdrawals
from app.storage.database import Row, Transaction
from app.vocabulary import OUTBOUND, AgencyKind, CaseEvent, Element
from app.vocabulary.calendar import DAY_US

LEDGER_YEARS: Final = 6
"""How long the accounting is kept (45 CFR 164.528(d), 164.530(j)(2))."""

_OVER: Final = frozenset(
    {CaseEvent.FINAL_DISPOSITION, CaseEvent.CASE_DISMISSED, CaseEvent.SENTENCE_COMPLETED, CaseEvent.RELEASE_ENDED}
)
_CONTENT: Final = ("patient", "messages", "consents", "transfers", "requests")
_FOREVER: Final = 2**62


class Outcome(StrEnum):
    """What the answer is."""

    GRANTED = "granted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, and why where it is not granted."""

    outcome: Outcome
    reasons: str | None


async def answer(hub: Hub, caller: Caller, patient: str, request: str, given: Answer) -> Committed[Words]:
    """Answer a request; what a granted one brings about is done with this call.

    Raises:
        NotFound: this patient made no request of this id here; whoever was erased made none any more.
        Forbidden: an erasure is decided by the privacy officer.
        Conflict: it was answered before.
        Invalid: it is refused without reasons.
    """
    if given.outcome is Outcome.REFUSED and not given.reasons:
        raise Invalid((Flaw("/reasons", "reasons_missing", "Say why it is refused.", "GDPR 12(4)"),))

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        row, now = await own(tx, kept, request), await tx.now()
        if row["state"] == ANSWERED:
            raise Conflict("request_answered", "This request was answered already.")
        kind = RequestKind(row["kind"])
        said = said_of(hub, row) | {"outcome": given.outcome.value}
        said |= {"reasons": given.reasons} if given.reasons is not None else {}
        if kind is RequestKind.RECTIFICATION and given.outcome is Outcome.GRANTED:
            said["recipients_told"] = await _told(tx, kept, row["received_at"])
        if kind is RequestKind.ERASURE:
            return await _erasure(hub, caller, tx, kept, row, said, given)
        await change(tx, hub, row, ANSWERED, (row["due_at"], now), said)
        return view(hub, await own(tx, kept, request), now)

    return await narrow(hub, flow)


async def _erasure(
    hub: Hub, caller: Caller, tx: Transaction, kept: Kept, row: Row, said: Words, given: Answer
) -> Words:
    if caller.kind is not AgencyKind.PRIVACY_OFFICE:
        raise Forbidden("kind_not_allowed", "Only the privacy officer decides on an erasure.")
    now = await tx.now()
    if given.outcome is Outcome.REFUSED:
        outcome = "refused"
    elif await stands(tx, kept.records):
        outcome = "held"
    elif kept.profile.settings["consent_is_lawful_basis"] == "no" and await _live_case(tx, kept):
        outcome = "restricted"
    else:
        outcome = "erased"
    stores = _stores(kept, outcome, now)
    told = await _recipients(tx, hub, kept) if outcome == "erased" and tells_of(kept.profile, "erasure") else []
    said |= {"stores": stores} | ({"recipients_to_tell": told} if told else {})
    await change(tx, hub, row, ANSWERED, (row["due_at"], now), said)
    shown = view(hub, await own(tx, kept, row["id"]), now)
    if outcome == "restricted":
        await restrictions.impose(tx, hub, kept, row["patient_id"], _everything())
    elif outcome == "erased":
        await erase_records(tx, hub, kept.unit, row["patient_id"])
    return shown


def _stores(kept: Kept, outcome: str, now: int) -> list[dict[str, str]]:
    """What becomes of each store, on which ground and until when."""
    ground = {"held": "GDPR 17(3)(e): legal hold", "restricted": "GDPR 17(3)(e), 18: the case is live"}
    content = [
        {"store": name, "outcome": "kept" if outcome == "refused" else outcome}
        | ({"ground": ground[outcome]} if outcome in ground else {})
        for name in _CONTENT
    ]
    ledger = {"store": "disclosure_ledger", "outcome": "kept", "until": _year(now, LEDGER_YEARS)}
    ledger["ground"] = "GDPR 17(3)(b), (e); 45 CFR 164.528(d): what left, to whom, without its content"
    log = {"store": "technical_log", "outcome": "kept", "retention": kept.profile.settings["log_retention"]}
    log["ground"] = "LED 25; GDPR 17(3)(b): no name and no content stand in it"
    sent = {"store": "referrals", "outcome": "kept", "ground": "the referring unit's own record; ask that unit"}
    return [*content, ledger, log, sent]


def _year(now: int, years: int) -> str:
    return rfc3339(now + years * 366 * DAY_US)[:10]


def _everything() -> frozenset[Element]:
    return frozenset().union(*OUTBOUND.values())


async def _live_case(tx: Transaction, kept: Kept) -> bool:
    """Whether a case in which the person was referred here has not ended, as far as its imposing unit reported."""
    for record in kept.records:
        for one in await tx.all(referrals.OF_PATIENT, patient=record, unit=kept.unit):
            ended = {CaseEvent(event["code"]) for event in await tx.all(cases.EVENTS, key=one["case_key"])}
            if not ended & _OVER:
                return True
    return False


async def _told(tx: Transaction, kept: Kept, since: int) -> list[str]:
    """The units from which something of this person was withdrawn since then: they hear it at their next read."""
    found: set[str] = set()
    for record in kept.records:
        named: Any = await tx.one(patients.DISCLOSER, patient=record)
        if named is not None:
            rows = await tx.all(withdrawals.WITHDRAWN_FROM, subject=named["pseudonym"], since=since)
            found |= {row["unit_id"] for row in rows}
    return sorted(found - (await suspended(tx, kept.unit, kept.records[0])).keys())


async def _recipients(tx: Transaction, hub: Hub, kept: Kept) -> list[str]:
    """Who has to be told by hand that it was erased: nothing here leads to the person any more (GDPR 19).

    A registered unit by its id, any other by the name on record.
    """
    rows = [
        row
        for record in kept.records
        for row in await tx.all(withdrawals.RELEASED, patient=record, from_at=0, to_at=_FOREVER)
    ]
    return sorted({_named(hub, row) for row in rows})


def _named(hub: Hub, row: Row) -> str:
    if row["unit_id"] != OUTSIDE:
        return str(row["unit_id"])
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    return str(opening["recipient"][1])
