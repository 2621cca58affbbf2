"""An event of a case that is entered after it occurred: what was released between the two is an incident to be judged.

A consent that an event ends has ended when the event occurred, and a revocation that waits for one is in force from
then on (42 CFR 2.35, 2.31(c)(1); domain rules, case 20). An event that is reported again, or as later, ends nothing
that was not over; as earlier, only what left before is new.
"""

from collections.abc import Mapping, Sequence
from functools import partial

import orjson

from app.exchange.consent_state import earliest, loaded
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, grouped
from app.exchange.late_revocations import Known, instruments_of, late
from app.exchange.records import records_of
from app.exchange.times import rfc3339
from app.exchange.unit import write
from app.storage import cases, consents, withdrawals
from app.storage.database import Row, Transaction
from app.vocabulary import CaseEvent


async def judge(hub: Hub) -> int:
    """Look at every event that nobody has looked at yet; how many there were.

    The court's own request does not: its role reaches nothing of what it would take (docs/decisions/0028), and how long
    it takes is nothing to tell a court. Whoever lists the incidents looks first, and the worker all the time.
    """
    async with hub.database.read() as reader:
        waiting = await reader.all(cases.UNJUDGED)
    for event in waiting:
        await write(hub, partial(_judge, hub, event))
    return len(waiting)


async def _judge(hub: Hub, event: Row, tx: Transaction) -> None:
    if await tx.run(cases.JUDGE, event=event["id"], at=await tx.now()) == 1:  # or another was first
        await _draft_incidents(hub, tx, event)


async def _draft_incidents(hub: Hub, tx: Transaction, event: Row) -> None:
    """One draft for each patient of whom something left since the event occurred that it left without a basis.

    The event is committed, and the gate with it: no release that did not know of it is under way any more.
    """
    case_key, code, occurred = event["case_key"], CaseEvent(event["code"]), event["occurred_at"]
    entered = event["received_at"]
    reported = [row for row in await tx.all(cases.EVENTS, key=case_key) if _place(row) < _place(event)]
    known_before = [row["occurred_at"] for row in reported if row["code"] == code.value]
    to_at = min([await tx.now() + 1, *known_before])
    if to_at <= occurred:
        return
    events = earliest(reported)
    if known_before:
        events[code] = to_at
    for (unit, patient), before in sorted((await _bound(tx, case_key, code, events)).items()):
        rows = await tx.all(withdrawals.RELEASED, patient=patient, from_at=occurred, to_at=to_at)
        found = await _late(tx, hub, (unit, patient), before, rows)
        if found:
            detail = {
                "event": code.value,
                "occurred_at": rfc3339(occurred),
                "entered_at": rfc3339(entered),
                "consents": sorted({row["instrument_id"] for row in found}),
                "recipients": grouped(hub, found),
            }
            await draft(tx, hub, unit, patient, IncidentKind.LATE_CASE_EVENT, entered, detail)


async def _bound(
    tx: Transaction, case_key: str, code: CaseEvent, events: Mapping[CaseEvent, int]
) -> dict[tuple[str, str], dict[str, Known]]:
    """(clinic, patient) -> the consents of which the event ends something, as they were known before it was entered."""
    found: dict[tuple[str, str], dict[str, Known]] = {}
    for row in await tx.all(cases.CONSENTS, key=case_key):
        facts = orjson.loads(row["facts"])
        if code.value in [clock[1] for clock in (facts["expiry"], facts["revocable_from"]) if clock is not None]:
            stored = await tx.one(consents.OWN, consent=row["id"], unit=row["unit_id"])
            instrument = await loaded(tx, stored) if stored is not None else None
            if instrument is not None:
                found.setdefault((row["unit_id"], row["patient_id"]), {})[row["id"]] = Known(instrument, events)
    return found


async def _late(
    tx: Transaction, hub: Hub, whose: tuple[str, str], before: Mapping[str, Known], rows: Sequence[Row]
) -> list[Row]:
    """What left under those consents and that nothing of the person allowed any more."""
    (unit, patient), under = whose, [row for row in rows if row["instrument_id"] in before]
    standing = await instruments_of(tx, unit, await records_of(tx, patient)) if under else []
    found = (late(hub, row, before[row["instrument_id"]], standing) for row in under)
    return [row for row in found if row is not None]


def _place(event: Row) -> tuple[int, str]:
    """Where an event stands among those of its case, in the order in which they were entered."""
    return event["received_at"], event["id"]
