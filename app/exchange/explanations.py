"""Why something was decided as it was: made again from what was known then, for the patient side and the officer.

Never for a justice actor: the reasons are internal. A consultation that released nothing names no patient, and only a
privacy officer is told of it (domain rules 7).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from app.consent.form import Wording
from app.consent.reason import Reason
from app.consent.said import SAID, because, section_of
from app.errors import NotFound
from app.exchange import explanation_views as views
from app.exchange.authenticate import Caller
from app.exchange.disclosures import subject_of
from app.exchange.entries import CORRECTION
from app.exchange.handover_entries import KIND as TRANSFER
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.replay import Replayed, is_gated, replayed
from app.exchange.rights import looked
from app.exchange.suspended import suspended
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read, write
from app.storage import disclosures, patients, registry, replay
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind

EXPLANATION: Final = "explanation"
Words = dict[str, Any]


async def of_disclosure(hub: Hub, caller: Caller, patient: str, disclosure: str, wording: Wording) -> Committed[Words]:
    """Why something about a patient was told: what the rules said of this patient in the same look, and of nobody else.

    Raises:
        NotFound: no patient that this caller looks after, no disclosure about this one, or one whose recipient is kept
            out of what the patient is told for now.
    """

    async def flow(tx: Transaction) -> Words:
        subject = await subject_of(tx, caller, patient)
        await looked(tx, hub, caller, EXPLANATION, subject.pseudonym)
        own = await _own(tx, patient)
        row = await tx.one(replay.CONSULTATION_OF, disclosure=disclosure)
        if row is None or row["subject"] not in own.values():
            raise NotFound
        officer = caller.kind is AgencyKind.PRIVACY_OFFICE
        if not officer and row["unit_id"] in await suspended(tx, subject.unit, patient):
            raise NotFound
        consultation = await tx.one(replay.CONSULTATION, consultation=row["consultation_id"])
        if consultation is None:
            raise NotFound
        shown = await _explained(tx, hub, (row, consultation), own, wording)
        return {"disclosure_id": disclosure} | shown | ({"consultation_id": consultation["id"]} if officer else {})

    return await write(hub, flow)


async def of_consultation(hub: Hub, caller: Caller, consultation: str, wording: Wording) -> Committed[Words]:
    """Why a look was answered as it was, for the privacy officer of a discloser whose patients it was about.

    A patient is named only if something about that one was disclosed in it.

    Raises:
        NotFound: no look through the gate, or one about patients of other disclosers only.
    """

    async def flow(tx: Transaction) -> Words:
        await looked(tx, hub, caller, EXPLANATION, "")
        row = await tx.one(replay.CONSULTATION, consultation=consultation)
        if row is None or not is_gated(orjson.loads(row["entry"])):
            raise NotFound
        appointed = {one["discloser_unit"] for one in await tx.all(registry.APPOINTED, officer=caller.unit)}
        again = await replayed(tx, hub, row)
        every = list(again.findings())
        found = [(decided, finding) for decided, finding in every if finding.discloser in appointed]
        if not appointed or (every and not found):
            raise NotFound
        told = await _told(tx, again)
        shown = {"consultation_id": consultation, "outcome": again.entry["outcome"]}
        shown |= views.whole(again, wording, same=again.same)
        shown["decisions"] = views.patients_of(found, wording, told.__contains__)
        return shown if every else shown | views.nothing(wording)

    return await write(hub, flow)


async def _explained(
    tx: Transaction, hub: Hub, rows: tuple[Row, Row], own: Mapping[str, str], wording: Wording
) -> Words:
    """``own`` are the records of the person, each with the ledger's name for it."""
    row, consultation = rows
    entry = orjson.loads(row["entry"])
    if not is_gated(orjson.loads(consultation["entry"])) or entry.get("basis") == CORRECTION:
        return _by_hand(row, entry, consultation, wording)
    again = await replayed(tx, hub, consultation)
    found = [
        (decided, finding)
        for decided, finding in again.findings()
        if finding.patient in own and decided.purpose.value == entry["purpose"]
    ]
    shown = views.whole(again, wording, same=again.is_same_about(own))
    return shown | {"decisions": views.patients_of(found, wording, own.__contains__)}


def _by_hand(row: Row, entry: Words, consultation: Row, wording: Wording) -> Words:
    """What no rule of the gate decided: a letter, a notice, an emergency; or that something is wrong."""
    basis = entry.get("basis", "consent")
    frame = CORRECTION if basis == CORRECTION else TRANSFER if entry["kind"] == TRANSFER else "told"
    return {
        "at": rfc3339(consultation["at"]),
        "unit_id": row["unit_id"],
        "purposes": [entry["purpose"]],
        "kinds": [entry["kind"]],
        "decided_by": "law" if frame == CORRECTION else "discloser",
        "basis": basis,
        "language": wording.language,
        "sentence": because(wording.language, frame),
        "decisions": [],
    }


async def _own(reader: Reader, patient: str) -> dict[str, str]:
    """Each record of the person -> the ledger's name for it."""
    rows = [(one, await reader.one(patients.DISCLOSER, patient=one)) for one in await records_of(reader, patient)]
    return {record: row["pseudonym"] for record, row in rows if row is not None}


async def _told(reader: Reader, again: Replayed) -> set[str]:
    """The records about which something was disclosed in a look."""
    subjects = {one.subject for one in again.told}
    found = {finding.patient for _, finding in again.findings()}
    rows = [(patient, await reader.one(patients.DISCLOSER, patient=patient)) for patient in sorted(found)]
    return {patient for patient, row in rows if row is not None and row["pseudonym"] in subjects}


async def explained(hub: Hub, request: str) -> Committed[list[str]]:
    """For the operator: lines about each consultation of a request, in order; none if it left no record. No name."""

    async def flow(reader: Reader) -> list[str]:
        lines: list[str] = []
        for row in await reader.all(disclosures.OF_REQUEST, request=request):
            told = await reader.all(disclosures.OF_CONSULTATION, consultation=row["id"])
            gated = is_gated(orjson.loads(row["entry"]))
            lines += _lines(row, told) + (_again(await replayed(reader, hub, row)) if gated else [])
        return lines

    return await read(hub, flow)


def _lines(row: Row, told: Sequence[Row]) -> list[str]:
    entry = orjson.loads(row["entry"])
    elements = Counter(element for one in told for element in orjson.loads(one["entry"])["elements"])
    lines = [
        f"{rfc3339(row['at'])} {entry['op']}",
        f"  id        {row['id']}",
        f"  unit      {entry['unit']}",
        f"  client    {entry['client']}",
        f"  role      {entry['role']}",
        f"  purpose   {entry['purpose']}",
        f"  outcome   {entry['outcome']}",
    ]
    # A case without any consent has no finding, and so no reason of its own.
    reasons = entry["reasons"] or ([Reason.NO_INSTRUMENT.value] if entry["outcome"] == "deny" else [])
    lines += [f"  because   {_because(reason)}" for reason in reasons]
    lines.append(f"  disclosed {len(told)}" + (":" if elements else ""))
    return lines + [f"    {element} ({times})" for element, times in sorted(elements.items())]


def _again(again: Replayed) -> list[str]:
    """What the rules say of it today, from what was known then."""
    fell = Counter(reason.value for _, finding in again.findings() for reason in finding.fell.values())
    lines = [f"  replayed  {'the same as recorded' if again.same else 'NOT the same as recorded'}"]
    return lines + [f"    {_because(reason)}: {times}" for reason, times in sorted(fell.items())]


def _because(code: str) -> str:
    if code not in set(Reason):
        return code
    reason = Reason(code)
    return f"{code}: {SAID['en'][reason]} ({section_of(reason, None, '')})"
