"""The one function through which anything leaves for a justice actor (design 3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.consent.ask import Position
from app.consent.decide import decide
from app.consent.minimise import Parcel, Rows, minimise
from app.consent.plan import ambiguous
from app.consent.reason import Reason
from app.consent.verdict import Permit
from app.exchange.authenticate import Caller
from app.exchange.entries import recording
from app.exchange.hub import Hub
from app.exchange.unit import Committed, record
from app.log import log
from app.storage.content import read_rows
from app.storage.database import Unavailable
from app.storage.facts import Question, read_facts
from app.storage.sealing import Unsealable

ATTEMPTS: Final = 4
"""Three under the shared lock, once under the exclusive one: unrelated writes cause no endless retry."""


@dataclass(frozen=True, slots=True)
class Released:
    """What may be answered: minimised items, and where the next page begins."""

    items: tuple[Mapping[str, Any], ...]
    next_after: Position | None


async def release(hub: Hub, caller: Caller, question: Question) -> Committed[Released]:
    """Facts, decision, only the granted rows, minimise, record, commit. Refused looks like never asked.

    Raises:
        Unavailable: facts cannot be read or the record cannot be written; then nothing leaves.
    """
    for attempt in range(1, ATTEMPTS + 1):
        parcel = minimise(await _granted(hub, question))
        entry = recording(parcel, caller, hub.vault, question.case_id)
        committed = await record(hub, entry, _released(parcel), exclusive=attempt == ATTEMPTS)
        if committed is not None:
            return committed
    raise Unavailable("the gate kept moving")


async def _granted(hub: Hub, question: Question) -> Rows:
    try:
        async with hub.database.read() as reader:
            verdict = decide(await read_facts(reader, question, hub.vault, hub.profiles))
            rows = await read_rows(reader, verdict, hub.vault)
    except Unsealable as error:
        raise Unavailable("sealed bytes do not open") from error
    if any(Reason.RULE_ERROR in finding.fell.values() for finding in verdict.findings):
        log("rule_error", level="error", unit_id=question.ask.unit)  # it forbade; somebody has to look
    if isinstance(verdict, Permit) and ambiguous(verdict):
        log("ambiguous_subject", level="error", unit_id=question.ask.unit)
    return rows


def _released(parcel: Parcel) -> Released:
    return Released(tuple(item.body for item in parcel.items), parcel.next_after)
