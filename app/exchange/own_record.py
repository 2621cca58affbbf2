"""A patient's own record, opened for the patient (42 CFR 2.23; 45 CFR 164.524; GDPR 15), and what may be carried away.

Where 42 CFR part 2 and HIPAA hold, notes of counselling that are kept apart are not part of it (45 CFR
164.524(a)(1)(i)); the answer says that they are left out, and nothing else is. What the patient was told this way stays
under the ban on use against them (42 CFR 2.12(d)(1)).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from app.consent.profile import Profile
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.consent_words import PROPOSAL, proposal_of
from app.exchange.hub import Hub
from app.exchange.inbox import received_view
from app.exchange.rights import Kept, held, looked
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.storage import consents, erasure, messages, referrals, transfers
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import ConsentKind, MessageKind

FORMAT: Final = "throughcare.export/1"
"""Name and version of the form in which a patient's data are given to be carried elsewhere (GDPR 20)."""

NOTES: Final = "counselling_notes"
_KINDS: Final = (*(kind.value for kind in MessageKind), "retraction")

Words = dict[str, Any]


async def shown(hub: Hub, caller: Caller, patient: str) -> Committed[Words]:
    """All that this clinic keeps of the patient, in every record of theirs; that somebody looked is recorded.

    Raises:
        NotFound: no patient of this clinic, or of one that appointed this privacy office.
    """

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        await looked(tx, hub, caller, "own_record", kept.pseudonym)
        filed = await _provided(tx, hub, kept)
        received = [one for record in kept.records for one in await _referrals(tx, hub, kept.unit, record)]
        sent = [one for record in kept.records for one in await _transfers(tx, hub, kept.unit, record)]
        return {"patient_id": patient, **filed, "referrals": received, "transfers": sent}

    return await write(hub, flow)


async def exported(hub: Hub, caller: Caller, patient: str) -> Committed[Words]:
    """What the patient provided and what was reported of them, in a versioned form for machines (GDPR 20).

    Raises:
        NotFound: as ``shown``.
    """

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        await looked(tx, hub, caller, "export", kept.pseudonym)
        said = {"format": FORMAT, "made_at": rfc3339(await tx.now()), "discloser": kept.unit, "patient_id": patient}
        return said | await _provided(tx, hub, kept)

    return await write(hub, flow)


def notes_apart(profile: Profile) -> bool:
    """Whether notes of counselling are left out: where 42 CFR part 2 holds, and HIPAA with it."""
    return ConsentKind.CJS_2_35 in profile.kinds


async def _provided(reader: Reader, hub: Hub, kept: Kept) -> Words:
    apart, records = notes_apart(kept.profile), kept.records
    persons = [{"id": one, **patients.words(hub, await patients.own(reader, kept.unit, one))} for one in records]
    filed = [one for record in records for one in await _messages(reader, hub, kept.unit, record, apart=apart)]
    signed = [one for record in records for one in await _consents(reader, hub, kept.unit, record)]
    return {"records": persons, "messages": filed, "consents": signed, "left_out": [NOTES] if apart else []}


async def _messages(reader: Reader, hub: Hub, unit: str, record: str, *, apart: bool) -> list[Words]:
    """Every message as it was filed, those that were corrected since included."""
    found: list[Row] = []
    for kind in _KINDS:
        found += await reader.all(messages.HISTORY_OF_KIND, patient=record, unit=unit, kind=kind)
    return [_message(hub, record, row, apart=apart) for row in sorted(found, key=_filed)]


def _filed(row: Row) -> tuple[int, str]:
    return row["created_at"], row["id"]


def _message(hub: Hub, record: str, row: Row, *, apart: bool) -> Words:
    stored: Any = hub.vault.open(row["sealed"], record, row["id"], "message")
    words: Mapping[str, Any] = stored["words"]
    said = {"id": row["id"], "kind": row["kind"], "filed_at": rfc3339(row["created_at"])}
    said |= {"corrected_by": row["superseded_by"]} if row["superseded_by"] is not None else {}
    return said | {"words": _present({name: value for name, value in words.items() if not (apart and name == NOTES)})}


def _present(part: Any) -> Any:
    """What is there: a member that was left out is absent, never null."""
    if isinstance(part, dict):
        return {name: _present(value) for name, value in part.items() if value is not None}
    return [_present(value) for value in part] if isinstance(part, list) else part


async def _consents(reader: Reader, hub: Hub, unit: str, record: str) -> list[Words]:
    rows = await reader.all(consents.OF_PATIENT, patient=record, unit=unit)
    return [await _consent(reader, hub, row) for row in rows if row["kind"] != ConsentKind.COURT_ORDER]


async def _consent(reader: Reader, hub: Hub, row: Row) -> Words:
    taken: Sequence[Row] = await reader.all(consents.REVOCATIONS, consent=row["id"])
    said = {"id": row["id"], "made_at": rfc3339(row["created_at"])}
    said |= {"active_since": rfc3339(row["activated_at"])} if row["activated_at"] is not None else {}
    said |= {"taken_back": [rfc3339(one["requested_at"]) for one in taken]} if taken else {}
    return said | {"form": orjson.loads(PROPOSAL.dump_json(proposal_of(hub, row), exclude_none=True))}


async def _referrals(reader: Reader, hub: Hub, unit: str, record: str) -> list[Words]:
    named = await reader.all(referrals.OF_PATIENT, patient=record, unit=unit)
    rows = [await reader.one(referrals.RECEIVED, referral=one["id"], unit=unit) for one in named]
    return [received_view(hub, unit, row) for row in rows if row is not None]


async def _transfers(reader: Reader, hub: Hub, unit: str, record: str) -> list[Words]:
    found = []
    for one in await reader.all(erasure.TRANSFERS, of=record):
        row = await reader.one(transfers.SENT, transfer=one["id"], unit=unit)
        if row is not None:
            stored: Any = hub.vault.open(row["sealed"], "transfer", row["id"])
            found.append({"id": row["id"], "sent_at": rfc3339(row["created_at"]), **stored["words"]})
    return found
