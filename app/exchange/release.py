"""The one function through which anything leaves for a justice actor (design 3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import orjson

from app.consent.ask import Position
from app.consent.decide import decide
from app.consent.minimise import Parcel, Rows, minimise
from app.consent.reason import Reason
from app.consent.slots import ambiguous
from app.consent.verdict import Permit, Refusal
from app.exchange.authenticate import Caller
from app.exchange.entries import recording
from app.exchange.hub import Hub
from app.exchange.unit import Committed, Made, insist, opened, record
from app.log import log
from app.storage import withdrawals
from app.storage.content import read_rows
from app.storage.database import GateKey, Reader, Row, Unavailable
from app.storage.facts import Question, read_facts
from app.storage.sealing import Unsealable
from app.storage.statement import Statement

ATTEMPTS: Final = 4
"""Three as they come, the last one with the gate held before it decides: what others write causes no endless retry."""


@dataclass(frozen=True, slots=True)
class Released:
    """What may be answered of one case: minimised items, where the next page begins, items taken back as wrong."""

    items: tuple[Mapping[str, Any], ...]
    next_after: Position | None
    withdrawn: tuple[str, ...] = ()


async def release(hub: Hub, caller: Caller, questions: Sequence[Question]) -> Committed[tuple[Released, ...]]:
    """Facts, decision, only the granted rows, minimise, record, commit. Refused looks like never asked.

    One read of one caller, a case or two hundred: one record, and everything in it stands or nothing leaves.

    Raises:
        Unavailable: facts cannot be read or the record cannot be written; then nothing leaves.
    """
    gates: Sequence[tuple[GateKey, int]] = ()
    for _ in range(ATTEMPTS - 1):
        async with hub.database.read() as reader:
            made = await _made(hub, caller, questions, reader)
        committed = await record(hub, made)
        if committed is not None:
            return committed
        gates = made.recording.gates
    return await insist(hub, gates, partial(_made, hub, caller, questions))


async def _made(hub: Hub, caller: Caller, questions: Sequence[Question], reader: Reader) -> Made[tuple[Released, ...]]:
    rows = await granted(hub, reader, questions)
    parcels = [minimise(one) for one in rows]
    entry = recording(parcels, caller, hub.vault, [question.case_id for question in questions])
    return Made(entry, tuple(map(_released, parcels)), _settlements(questions, parcels))


async def granted(hub: Hub, reader: Reader, questions: Sequence[Question]) -> list[Rows]:
    """What the answers may be made of: the facts of each question decided, and only what was granted read."""
    try:
        facts = await read_facts(reader, questions, hub.vault, hub.profiles)
        verdicts = [decide(one) for one in facts]
        found = await read_rows(reader, verdicts, hub.vault)
    except Unsealable as error:
        raise Unavailable("sealed bytes do not open") from error
    for verdict in verdicts:
        _alert(verdict)
    return found


def _alert(verdict: Permit | Refusal) -> None:
    if any(Reason.RULE_ERROR in finding.fell.values() for finding in verdict.findings):
        log("rule_error", level="error", unit_id=verdict.ask.unit)  # it forbade; somebody has to look
    if isinstance(verdict, Permit) and ambiguous(verdict):
        log("ambiguous_subject", level="error", unit_id=verdict.ask.unit)


def _settlements(questions: Sequence[Question], parcels: Sequence[Parcel]) -> list[tuple[Statement, Row]]:
    """Rows that say of withdrawn items that this read shows them put right: later than what they settle."""
    return [
        (
            withdrawals.ADD,
            {
                "unit_id": parcel.verdict.ask.unit,
                "case_id": question.case_id,
                "role": str(parcel.verdict.ask.role),
                "purpose": str(parcel.verdict.ask.purpose),
                "person": what.person,
                "referral": what.referral,
                "subject": what.subject,
                "kind": what.kind,
                "item_id": what.item,
                "elements": orjson.dumps(sorted(what.elements)).decode(),
                "created_at": parcel.verdict.at,
                "settled": 1,
            },
        )
        for question, parcel in zip(questions, parcels, strict=True)
        for what in parcel.settled
    ]


def _released(parcel: Parcel) -> Released:
    stubs = dict.fromkeys(stub.id for stub in parcel.withdrawn)
    return Released(tuple(item.body for item in parcel.items), parcel.next_after, tuple(stubs))


def first(committed: Committed[tuple[Released, ...]]) -> Committed[Released]:
    """The release of the one case that was asked about."""
    return opened(committed, 0)
