"""Rows by element of a filed message, and the attendance windows that its weeks belong to (design 3.3, 6)."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.exchange.hub import Hub
from app.messages.derive import Stated, of_window
from app.messages.treatment_status import TreatmentStatus
from app.storage import consents, messages
from app.storage.database import GateKey, Transaction
from app.storage.gate import of_patient
from app.vocabulary import MessageKind
from app.vocabulary.calendar import Frame

STATUS: Final = TypeAdapter(TreatmentStatus)


@dataclass(frozen=True, slots=True)
class Filing:
    """One message being filed: whose, by whom, of which kind, and its place in time."""

    message: str
    patient: str
    unit: str
    kind: MessageKind
    seq: int


@dataclass(frozen=True, slots=True)
class Week:
    """A filed status as the derivation needs it: the cases it is restricted to, and what it says."""

    message: str
    cases: frozenset[str]
    status: TreatmentStatus


async def add_row(tx: Transaction, hub: Hub, filing: Filing, stated: Stated, case_key: str, *, live: bool) -> None:
    """One sealed row for one element."""
    sealed = hub.vault.seal(
        [stated.value, stated.epistemic.value], filing.patient, filing.message, stated.element.value
    )
    await tx.run(
        messages.ADD_ROW,
        id=secrets.token_hex(16),
        patient_id=filing.patient,
        unit_id=filing.unit,
        kind=filing.kind.value,
        element=stated.element.value,
        case_key=case_key,
        scope=stated.scope,
        sort_key=stated.sort_key,
        seq=filing.seq,
        message_id=filing.message,
        sealed=sealed,
        live=int(live),
    )


async def bury(tx: Transaction, filing: Filing, stated: Stated, case_key: str) -> None:
    """Take the earlier current value of this element out of the read key."""
    await tx.run(
        messages.BURY_ELEMENT,
        patient=filing.patient,
        unit=filing.unit,
        kind=filing.kind.value,
        element=stated.element.value,
        case_key=case_key,
        scope=stated.scope,
    )


async def derive_windows(
    tx: Transaction, hub: Hub, unit: str, patient: str, scope: str, case_key: str, touched: range | None
) -> None:
    """Derive again the windows of one referral that ``touched`` (day ordinals) meets; all of them if None."""
    frame = Frame.parse(scope)
    length = 7 * frame.grid.weeks
    first, last = (touched.start, touched.stop - 1) if touched is not None else (1, 3_000_000)
    low, high = frame.grid.start_of(first), frame.grid.last_day(frame.grid.start_of(last))
    weeks = [
        week for week in await reported(tx, hub, unit, patient, low, high) if case_key in week.cases or not week.cases
    ]
    starts = {
        start
        for week in weeks
        for day in range(week.status.period.start.toordinal(), week.status.period.end.toordinal() + 1, 7)
        if low <= (start := frame.grid.start_of(day)) <= high
    }
    if touched is not None:
        starts |= set(range(low, high + 1, length))
    now = await tx.now()
    for start in sorted(starts):
        await _derive(tx, hub, Filing("", patient, unit, MessageKind.TREATMENT_STATUS, now), frame, start, weeks)


async def _derive(tx: Transaction, hub: Hub, filing: Filing, frame: Frame, start: int, weeks: list[Week]) -> None:
    await tx.run(
        messages.BURY_WINDOW,
        patient=filing.patient,
        unit=filing.unit,
        kind=filing.kind.value,
        scope=frame.key,
        start=start,
    )
    last = frame.grid.last_day(start)
    inside = [
        w for w in weeks if w.status.period.start.toordinal() <= last and w.status.period.end.toordinal() >= start
    ]
    for stated in of_window(frame, start, [week.status for week in inside]):
        newest = max(inside, key=lambda week: week.status.period.end).message
        row = Filing(newest, filing.patient, filing.unit, filing.kind, filing.seq)
        await add_row(tx, hub, row, stated, "", live=True)


def _meets(status: TreatmentStatus, first: int, last: int) -> bool:
    return status.period.start.toordinal() <= last and status.period.end.toordinal() >= first


async def reported(tx: Transaction, hub: Hub, unit: str, patient: str, first: int, last: int) -> list[Week]:
    """The patient's statuses in force at this clinic that meet the days from ``first`` to ``last``."""
    rows = await tx.all(messages.OVERLAPPING, patient=patient, unit=unit, first=first, last=last)
    return [_week(hub, patient, row["id"], row["sealed"]) for row in rows]


def _week(hub: Hub, patient: str, message: str, sealed: bytes) -> Week:
    stored: Any = hub.vault.open(sealed, patient, message, "message")
    words, case_keys = stored["words"], stored["cases"]
    return Week(message, frozenset(case_keys), STATUS.validate_json(orjson.dumps(words)))


async def readers_of(tx: Transaction, patient: str) -> list[GateKey]:
    """The gate keys of every unit that an instrument about this patient names."""
    rows = await tx.all(consents.RECIPIENTS_OF_PATIENT, patient=patient)
    return [of_patient(patient, row["unit_id"]) for row in rows]
