"""Rows by element of a filed message, and the windows that its weeks belong to (design 3.3, 6)."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from app.exchange.hub import Hub
from app.exchange.reported import Told, Week, weeks_of
from app.messages.derive import Stated
from app.messages.windows import of_window
from app.storage import consents, feed_marks, messages
from app.storage.database import GateKey, Transaction
from app.storage.gate import of_patient
from app.storage.sealing import DataKey
from app.storage.together import TOGETHER
from app.vocabulary import MessageKind
from app.vocabulary.calendar import Frame


@dataclass(frozen=True, slots=True)
class Filing:
    """One message being filed: whose, by whom, of which kind, its place in time, and the key of whom it is about."""

    message: str
    patient: str
    unit: str
    kind: MessageKind
    seq: int
    key: DataKey

    def under(self, message: str, patient: str) -> "Filing":
        """The same for a row that follows from another message, or stands with another record of the person."""
        return Filing(message, patient, self.unit, self.kind, self.seq, self.key)


async def add_row(tx: Transaction, filing: Filing, stated: Stated, case_key: str, *, live: bool) -> None:
    """One sealed row for one element."""
    sealed = filing.key.seal(
        [stated.value, stated.epistemic.value], filing.patient, filing.message, stated.element.value
    )
    await tx.run(
        messages.ADD_ROW,
        # Shown to nobody. Of rows filed together the keys are neighbours: far fewer pages to write.
        id=f"{filing.seq:016x}{secrets.token_hex(8)}",
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
    tx: Transaction,
    hub: Hub,
    filing: Filing,
    scope: str,
    case_key: str,
    touched: range | None,
    known: Iterable[Told],
) -> None:
    """Derive again the windows of one referral that ``touched`` (day ordinals) meets; all of them if None.

    ``known`` is all that is in force about the patient at this clinic.
    """
    frame = Frame.parse(scope)
    length = 7 * frame.grid.weeks
    first, last = (touched.start, touched.stop - 1) if touched is not None else (1, 3_000_000)
    low, high = frame.grid.start_of(first), frame.grid.last_day(frame.grid.start_of(last))
    weeks = [week for week in weeks_of(known, low, high) if case_key in week.cases or not week.cases]
    starts = {
        start
        for week in weeks
        for day in range(week.status.period.start.toordinal(), week.status.period.end.toordinal() + 1, 7)
        if low <= (start := frame.grid.start_of(day)) <= high
    }
    if touched is not None:
        starts |= set(range(low, high + 1, length))
    for start in sorted(starts):
        await _derive(tx, filing, frame, start, weeks)


async def _derive(tx: Transaction, filing: Filing, frame: Frame, start: int, weeks: list[Week]) -> None:
    await tx.run(
        messages.BURY_WINDOW,
        patient=filing.patient,
        unit=filing.unit,
        kind=filing.kind.value,
        scope=frame.key,
        start=start,
    )
    last = frame.grid.last_day(start)
    inside = [week for week in weeks if week.meets(start, last)]
    for stated in of_window(frame, start, [week.status for week in inside]):
        newest = max(inside, key=lambda week: week.status.period.end).message
        row = filing.under(newest, filing.patient)
        await add_row(tx, row, stated, "", live=True)


async def readers_of(tx: Transaction, patient: str) -> list[GateKey]:
    """The gate keys of every unit that an instrument about this patient names."""
    rows = await tx.all(consents.RECIPIENTS_OF_PATIENT, patient=patient)
    return [of_patient(patient, row["unit_id"]) for row in rows]


async def mark_news(tx: Transaction, *patients: str) -> None:
    """Note, for every unit and case that an instrument about these patients names, that asking may be worth it again.

    To be called once a transaction, for all its patients, after its rows and before the gate: all take these rows in
    one order, and none while it holds the gate.
    """
    if len(patients) == 1:
        await tx.run(feed_marks.MARK_PATIENT, patient=patients[0])
        return
    ordered = sorted(patients)
    for first in range(0, len(ordered), TOGETHER):
        named = {f"patient_{place}": one for place, one in enumerate(ordered[first : first + TOGETHER])}
        await tx.run(feed_marks.MARK_PATIENTS, **named)
