"""Restrictions as they are kept: a row with each record of the person, those beyond the first as copies of it."""

import secrets
from collections.abc import Collection
from datetime import date
from enum import StrEnum
from typing import Any, Final

import orjson

from app.consent.ask import Restriction
from app.errors import NotFound
from app.exchange import keys
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.storage import restrictions
from app.storage.database import Reader, Row, Transaction
from app.storage.facts import restrictions_of

Words = dict[str, Any]


class State(StrEnum):
    """Where a restriction stands."""

    REQUESTED = "requested"
    AGREED = "agreed"
    DECLINED = "declined"
    ENDED = "ended"
    """With the patient's agreement: everything flows again."""
    TERMINATED = "terminated"
    """By notice: it still covers what was recorded until then (42 CFR 2.26(a)(5))."""


BINDING: Final = (State.AGREED, State.TERMINATED)


async def share(tx: Transaction, hub: Hub, records: Collection[str]) -> None:
    """Let what binds for one record of a person bind for each: of a merge, neither record brings the other's out."""
    rows = [row for row in await all_of(tx, records) if row["state"] in BINDING]
    roots = {_root(hub, row): row for row in rows}
    there = {(_root(hub, row), row["patient_id"]) for row in rows}
    columns = ("unit_id", "state", "elements", "recipient_unit", "requested_at", "agreed_at", "ended_at", "lifted_day")
    for root, row in sorted(roots.items()):
        for record in sorted(set(records) - {of for name, of in there if name == root}):
            place = {name: row[name] for name in columns}
            said = said_of(hub, row) | {"copy_of": root, "copied_at": await tx.now()}
            await add(tx, hub, secrets.token_hex(16), record, said, place)


async def add(tx: Transaction, hub: Hub, identifier: str, patient: str, said: Words, place: Words) -> None:
    """One restriction of one record; ``place`` are its columns in clear."""
    sealed = (await keys.of(tx, hub, patient)).seal(said, "restriction", identifier)
    await tx.run(restrictions.ADD, **place, id=identifier, patient_id=patient, sealed=sealed)


async def binding(reader: Reader, patient: str) -> tuple[Restriction, ...]:
    """What binds now for a record, as a decision knows it."""
    rows = [row for row in await all_of(reader, [patient]) if row["state"] in BINDING]
    stored = [(row["elements"], row["recipient_unit"], row["lifted_day"]) for row in rows]
    return tuple(restrictions_of(patient, stored))


async def all_of(tx: Reader, records: Collection[str]) -> list[Row]:
    """Every restriction of these records, copies included."""
    return [row for record in records for row in await tx.all(restrictions.OF_PATIENT, patient=record)]


async def own(tx: Transaction, records: Collection[str], restriction: str) -> Row:
    """The restriction of this id; NotFound if none of these records has it."""
    found = next((row for row in await all_of(tx, records) if row["id"] == restriction), None)
    if found is None:
        raise NotFound
    return found


async def same(tx: Transaction, hub: Hub, records: Collection[str], row: Row) -> list[Row]:
    """The restriction with what stands for it beside the other records of the person."""
    root = _root(hub, row)
    return [one for one in await all_of(tx, records) if _root(hub, one) == root]


def said_of(hub: Hub, row: Row) -> Words:
    """What is sealed of it."""
    said: Any = hub.vault.open(row["sealed"], "restriction", row["id"])
    return dict(said)


def _root(hub: Hub, row: Row) -> str:
    return str(said_of(hub, row).get("copy_of", row["id"]))


def view(hub: Hub, row: Row) -> Words:
    """A restriction as the patient side sees it."""
    shown: Words = {"id": row["id"], "patient_id": row["patient_id"], "state": row["state"]}
    shown |= {"elements": orjson.loads(row["elements"]), "requested_at": rfc3339(row["requested_at"])}
    shown |= {name: rfc3339(row[name]) for name in ("agreed_at", "ended_at") if row[name] is not None}
    shown |= {"recipient_unit": row["recipient_unit"]} if row["recipient_unit"] is not None else {}
    shown |= {"covers_until": date.fromordinal(row["lifted_day"]).isoformat()} if row["lifted_day"] is not None else {}
    said = said_of(hub, row)
    return shown | {name: said[name] for name in ("paid_in_full", "note", "how", "told_at") if name in said}
