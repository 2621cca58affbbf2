"""Notices that a programme makes of its own accord: a crime on its premises, a report of child abuse.

They are made outside this service, to whom the law names, and recorded here as they were made (42 CFR 2.12(c)(5), (6);
domain rules, cases 37 to 39). Nobody asks for one: no route answers whether there was any, save the accounting.
"""

from dataclasses import dataclass
from typing import Any, Final

from app.errors import Flaw, Invalid
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.disclosed_entry import outside
from app.exchange.disclosures import Subject, subject_of
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.reviews import ReviewKind, open_review
from app.exchange.times import not_after, rfc3339
from app.messages.envelope import flaws_of_text
from app.messages.referral import flaws_of_name
from app.storage import disclosures, registry
from app.storage.database import Transaction
from app.storage.sealing import DataKey
from app.vocabulary import Purpose
from app.vocabulary.calendar import DAY_US
from app.vocabulary.disclosing import NOTICES, Basis, Channel, NoticeElement

KIND: Final = "notice"
DUE_US: Final = 7 * DAY_US


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told to whom (one of unit and name), when (microseconds), by whom and why; ``law`` of a report."""

    patient: str
    basis: Basis
    unit: str | None
    name: str | None
    at: int
    elements: tuple[NoticeElement, ...]
    circumstances: str
    channel: Channel
    made_by: str
    law: str | None


async def record(hub: Hub, caller: Caller, notice: Notice, tx: Transaction) -> dict[str, Any]:
    """Add it to the append-only log with its basis, and a review for whoever looks after privacy at the clinic.

    Raises:
        Invalid: with every flaw at once.
        NotFound: this clinic has no such patient.
    """
    subject, now = await subject_of(tx, caller, notice.patient), await tx.now()
    at = not_after(notice.at, now)
    flaws = [*_flaws(notice), *await _recipient(notice, tx)]
    if at is None:
        flaws.append(Flaw("/at", "disclosed_in_future", "The notice lies in the future."))
    if flaws or at is None:
        raise Invalid(tuple(flaws))
    consultation = own_consultation(
        caller, hub.vault, Looked("recorded", Purpose.OPERATIONS.value, subject.pseudonym), now
    )
    await tx.run(disclosures.ADD_CONSULTATION, **consultation)
    key = await keys.of(tx, hub, notice.patient)
    row = _row(key, caller, notice, (at, now, subject))
    await tx.run(disclosures.ADD_DISCLOSURE, consultation_id=consultation["id"], **row)
    detail = {"basis": notice.basis.value, "circumstances": notice.circumstances, "made_by": notice.made_by}
    detail |= {"law": notice.law} if notice.law is not None else {}
    review = await open_review(
        tx, hub, subject.unit, notice.patient, ReviewKind.NOTICE, row["id"], now + DUE_US, detail
    )
    shown = {"id": row["id"], "patient_id": notice.patient, "at": rfc3339(at), "basis": notice.basis.value}
    return shown | {"channel": notice.channel.value, "review_id": review}


async def again(caller: Caller, tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
    """A replayed answer, authorised as things stand now."""
    await subject_of(tx, caller, kept["patient_id"])
    return kept


def _flaws(notice: Notice) -> list[Flaw]:
    found = [*flaws_of_name("/made_by", notice.made_by), *flaws_of_text("/law", notice.law, 500)]
    found += flaws_of_text("/circumstances", notice.circumstances)
    if (notice.unit is None) == (notice.name is None):
        detail = "Name the recipient once: unit_id of a registered unit, or name."
        found.append(Flaw("/recipient", "recipient_unclear", detail))
    found += flaws_of_name("/recipient/name", notice.name) if notice.name is not None else []
    report = notice.basis is Basis.CHILD_ABUSE_REPORT
    if report != (notice.law is not None):
        detail = "A report of child abuse names the law that asks for it; a notice of a crime names none."
        found.append(Flaw("/law", "notice_law", detail, "42 CFR 2.12(c)(6)"))
    allowed = NOTICES.get(notice.basis)
    if allowed is None:
        detail = "A notice is of a crime on the premises or of child abuse."
        return [*found, Flaw("/basis", "notice_basis", detail, "42 CFR 2.12(c)(5), (6)")]
    for number, element in enumerate(notice.elements):
        if element not in allowed:
            detail = "This cannot be told on that ground. Nothing of the treatment can."
            found.append(Flaw(f"/elements/{number}", "notice_element", detail, "42 CFR 2.12(c)(5)(ii), (6)"))
    return found


async def _recipient(notice: Notice, tx: Transaction) -> list[Flaw]:
    if notice.unit is None or await tx.one(registry.UNIT, unit=notice.unit) is not None:
        return []
    detail = "No unit of this id is registered; see GET /v1/units, or give its name."
    return [Flaw("/recipient/unit_id", "unit_unknown", detail)]


def _row(key: DataKey, caller: Caller, notice: Notice, when: tuple[int, int, Subject]) -> dict[str, Any]:
    at, now, subject = when
    said = {
        "transport": notice.channel.value,
        "basis": notice.basis.value,
        "subject": subject.pseudonym,
        "kind": KIND,
        "elements": sorted({element.value for element in notice.elements}),
    }
    hidden, to = {"made_by": notice.made_by}, (notice.unit, notice.name)
    return outside(caller, key, to, (at, now), hidden, said, Purpose.OPERATIONS.value)
