"""Erasure by shredding: the key is destroyed, what can be overwritten is, and the rest says nothing any more.

The record of what was disclosed stays as it was signed: it holds commitments and a pseudonym that leads nowhere now
(domain rules 2.4). Whoever asks about the patient gets what is answered of an unknown one.
"""

import secrets
from functools import partial
from typing import Any, Final

from app.errors import NotFound
from app.exchange import patients
from app.exchange.entries import canonical_bytes
from app.exchange.filing import readers_of
from app.exchange.holds import refuse_held
from app.exchange.hub import Hub
from app.exchange.unit import narrow
from app.ledger.entry import VERSION
from app.storage import disclosures, erasure
from app.storage.database import GateKey, Transaction
from app.storage.gate import of_patient
from app.storage.shreds import Shred

PATIENT: Final = "patient"
REFERRAL: Final = "referral"

Counts = dict[str, int]


class ListLost(Exception):
    """The database knows of destroyed keys that the shred list does not name: it is not the list of this instance."""


async def erase_patient(hub: Hub, patient: str) -> Counts:
    """Erase a patient with every record that is of the same person; what was destroyed, by store.

    Raises:
        NotFound: there is no such patient (any more).
        Conflict: a legal hold stands.
    """

    async def flow(tx: Transaction) -> Counts:
        row = await tx.one(erasure.UNIT_OF, of=patient)
        if row is None:
            raise NotFound
        return await erase_records(tx, hub, row["unit_id"], patient)

    return (await narrow(hub, flow)).value


async def erase_records(tx: Transaction, hub: Hub, unit: str, patient: str) -> Counts:
    """The same as a part of a narrowing transaction, and the last part of it; ``unit`` is the patient's clinic."""
    records = await patients.lock_all(tx, unit, patient)
    await refuse_held(tx, records)
    transfers = [one["id"] for record in records for one in await tx.all(erasure.TRANSFERS, of=record)]
    shred = Shred(PATIENT, await tx.now(), tuple(records), tuple(sorted({*records, *transfers})))
    counts = await _shredded(shred, tx)
    hub.shreds.append(shred)  # before the commit: else a crash could leave an erasure that no restore knows of
    return counts


async def erase_referral(hub: Hub, referral: str) -> Counts:
    """Erase a referral, the sender's own record; what was destroyed, by store.

    What the clinic filed about its patient is the clinic's own, and stays.

    Raises:
        NotFound: there is no such referral (any more).
        Conflict: a legal hold stands on the record that it was matched to: it is a part of that.
    """

    async def flow(tx: Transaction) -> Counts:
        row = await tx.one(erasure.SENT, of=referral)
        if row is None:
            raise NotFound
        if row["patient_id"] is not None:
            await refuse_held(tx, await patients.lock_all(tx, row["unit_id"], row["patient_id"]))
        shred = Shred(REFERRAL, await tx.now(), (referral,), (referral,))
        counts = await _shredded(shred, tx)
        hub.shreds.append(shred)
        return counts

    return (await narrow(hub, flow)).value


async def reapply(hub: Hub) -> int:
    """Erase again whatever the list names and this database still holds; how many erasures that were.

    A database that was restored from an older copy, or that a crash kept from committing, is then as the list says.

    Raises:
        ListLost: the database knows of an erasure that the list does not.
        ListUnreadable: a line of the list is none of ours.
    """
    listed = hub.shreds.entries()
    async with hub.database.read() as reader:
        destroyed = {row["owner"] for row in await reader.all(erasure.DESTROYED)}
    if not destroyed <= {owner for shred in listed for owner in shred.keys}:
        raise ListLost
    left = [shred for shred in listed if not destroyed.issuperset(shred.keys)]
    for shred in left:
        await narrow(hub, partial(_again, hub, shred))
    return len(left)


async def _again(hub: Hub, shred: Shred, tx: Transaction) -> Counts:
    """An erasure of the list, with the transfers that were sent since it was listed: those are listed now."""
    if shred.kind == PATIENT:
        for record in sorted(shred.ids):
            await tx.run(erasure.LOCK, of=record)
        sent = [one["id"] for record in shred.ids for one in await tx.all(erasure.TRANSFERS, of=record)]
        more = Shred(PATIENT, shred.at, shred.ids, tuple(sorted({*shred.keys, *sent})))
        if len(more.keys) > len(shred.keys):
            hub.shreds.append(more)
        shred = more
    return await _shredded(shred, tx)


async def _shredded(shred: Shred, tx: Transaction) -> Counts:
    """Everything that an erasure does in the database; the gate last."""
    counts: Counts = {}
    gates: set[GateKey] = set()
    for one in sorted(shred.ids):
        if shred.kind == REFERRAL:
            _add(counts, await _referral(tx, one))
        else:
            gates |= await _gates(tx, one)
            _add(counts, await _record(tx, one, shred.at))
    for owner in shred.keys:
        await tx.run(
            erasure.DESTROY_KEY, owner=owner, wrapped=None, wrapped_by="", created_at=shred.at, destroyed_at=shred.at
        )
    await tx.run(disclosures.ADD_CONSULTATION, **_logged(shred))
    await tx.narrow(sorted(gates))
    return counts | {"keys": len(shred.keys)}


async def _gates(tx: Transaction, record: str) -> set[GateKey]:
    """Every reader whose answers may change: of instruments, and of transfers that lie in an inbox."""
    await tx.run(erasure.LOCK, of=record)
    inboxes = {of_patient(record, row["recipient_unit"]) for row in await tx.all(erasure.TRANSFERS, of=record)}
    return {*await readers_of(tx, record), *inboxes}


async def _record(tx: Transaction, record: str, at: int) -> Counts:
    kept = await tx.one(erasure.KEPT_UNREADABLE, of=record)
    counts = {
        "records": await tx.run(erasure.PATIENT, of=record, nobody=secrets.token_hex(32), at=at),
        "element_rows": await tx.run(erasure.ROWS, of=record),
        "messages": await tx.run(erasure.MESSAGES, of=record),
        "consent_recipients": await tx.run(erasure.RECIPIENTS, of=record),
        "consents": await tx.run(erasure.CONSENTS, of=record),
        "transfers": await tx.run(erasure.TRANSFERRED, of=record),
        "reviews": await tx.run(erasure.REVIEWS, of=record),
        "suspensions": await tx.run(erasure.DOUBTS, of=record),
        "restrictions": await tx.run(erasure.RESTRICTIONS, of=record),
        "accounting_suspensions": await tx.run(erasure.SUSPENSIONS, of=record),
        "subject_requests": await tx.run(erasure.REQUESTS, of=record),
        "holds": await tx.run(erasure.HOLDS, of=record),
        "court_orders": await tx.run(erasure.ORDERS, of=record),
        "emergencies": await tx.run(erasure.EMERGENCIES, of=record),
        "referrals_unmatched": await tx.run(erasure.UNMATCH, of=record),
        "pseudonyms": await tx.run(erasure.UNLINK, of=record),
        "merges_undone": await tx.run(erasure.UNMERGE, of=record, at=at),
    }
    return counts | ({name: kept[name] for name in kept.keys()} if kept is not None else {})


async def _referral(tx: Transaction, referral: str) -> Counts:
    amended = await tx.one(erasure.AMENDMENTS, of=referral)
    return {
        "referrals": await tx.run(erasure.REFERRAL, of=referral),
        "amendments": amended["amendments"] if amended is not None else 0,
        "person_indexes": await tx.run(erasure.FORGET_PERSON, of=referral, nobody=secrets.token_hex(32)),
    }


def _add(counts: Counts, more: Counts) -> None:
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + number


def _logged(shred: Shred) -> dict[str, Any]:
    """That something was erased (LED Art 25), not whose it was: the record must not lead back to the person."""
    identifier = secrets.token_hex(16)
    entry = {"v": VERSION, "at": shred.at, "op": "erasure", "id": identifier, "kind": shred.kind}
    row: dict[str, Any] = {"id": identifier, "at": shred.at, "unit_id": "", "request_id": None}
    return row | {"entry": canonical_bytes(entry | {"keys": len(shred.keys)})}
