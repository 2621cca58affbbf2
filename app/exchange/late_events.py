"""An event of a case that is entered after it occurred: what was released between the two is an incident to be judged.

A consent that an event ends has ended when the event occurred, and a revocation that waits for one is in force from
then on (42 CFR 2.35, 2.31(c)(1); domain rules, case 20). An event that is reported again, or as later, ends nothing
that was not over; as earlier, only what left before is new.
"""

from collections.abc import Mapping, Sequence

import orjson

from app.exchange.consent_state import events_of, loaded
from app.exchange.hub import Hub
from app.exchange.incidents import IncidentKind, draft, grouped
from app.exchange.late_revocations import Known, instruments_of, late
from app.exchange.records import records_of
from app.exchange.times import rfc3339
from app.storage import cases, consents, withdrawals
from app.storage.database import Row, Transaction
from app.vocabulary import CaseEvent


async def draft_incidents(hub: Hub, tx: Transaction, case_key: str, code: CaseEvent, occurred: int) -> None:
    """One draft for each patient of whom something left since ``occurred`` that the event left without a basis.

    To be called once the gate is held: no release is under way any more. Nothing of it is answered to the court.
    """
    now = await tx.now()
    known_before = await _known_before(tx, case_key, code, occurred)
    to_at = min([now + 1, *known_before])
    if to_at <= occurred:
        return
    events = {**await events_of(tx, case_key), code: to_at}
    if not known_before:
        del events[code]
    for (unit, patient), before in sorted((await _bound(tx, case_key, code, events)).items()):
        rows = await tx.all(withdrawals.RELEASED, patient=patient, from_at=occurred, to_at=to_at)
        found = await _late(tx, hub, (unit, patient), before, rows)
        if found:
            detail = {
                "event": code.value,
                "occurred_at": rfc3339(occurred),
                "entered_at": rfc3339(now),
                "consents": sorted({row["instrument_id"] for row in found}),
                "recipients": grouped(hub, found),
            }
            await draft(tx, hub, unit, patient, IncidentKind.LATE_CASE_EVENT, now, detail)


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


async def _known_before(tx: Transaction, case_key: str, code: CaseEvent, occurred: int) -> list[int]:
    """When the same event occurred, as it was reported before this report."""
    known = [row["occurred_at"] for row in await tx.all(cases.EVENTS, key=case_key) if row["code"] == code.value]
    known.remove(occurred)
    return known
