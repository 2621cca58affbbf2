"""A medical emergency (42 CFR 2.51): asked for by who treats, at the unit that holds the record, for one named person.

First the four facts are stored, with a review for the discloser; then what is held is handed over, recorded before it
is answered. Of a person who is not known there, or not as exactly one, the answer is the same with nothing in it.
"""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.consent.emergency import UNLISTED, Emergency, EmergencyFacts, flaws_of_emergency
from app.consent.order_checks import NOTES
from app.errors import Flaw, Forbidden, Invalid, NotFound
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.emergency_content import Found, gathered
from app.exchange.emergency_entries import recording
from app.exchange.emergency_reviews import found_to_be_none
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.release import ATTEMPTS
from app.exchange.reviews import ReviewKind, open_review
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.messages.envelope import flaws_of_text
from app.messages.referral import flaws_of_name
from app.storage import emergencies, registry, transfers
from app.storage import patients as stored_patients
from app.storage.database import GateKey, Reader, Row, Transaction, Unavailable
from app.storage.gate import of_client, of_patient, of_unit
from app.vocabulary import AgencyKind, Element, Role
from app.vocabulary.calendar import DAY_US

EMERGENCY: Final = TypeAdapter(Emergency)
TREATING: Final = frozenset({Role.CLINICIAN, Role.PRISON_CLINICIAN})
AGAIN_US: Final = 3_600_000_000
"""How long the same request, repeated under its key, is answered with content: a lost answer is asked for at once."""
_DUE: Final = {"60d": 7 * DAY_US, "72h": 2 * DAY_US}
"""Breach clock of the discloser's profile -> when the review is due: before that clock has run out."""
_MOST: Final = 500


class _Moved(Exception):
    """What it rests on changed before the record: nothing of the transaction stands."""


def refuse_who_does_not_treat(caller: Caller) -> None:
    """Medical personnel alone (42 CFR 2.51(a)); whom it is about plays no part.

    Raises:
        Forbidden: another role.
    """
    if caller.role not in TREATING:
        detail = "Only a clinician may ask for a record in an emergency."
        raise Forbidden("role_not_allowed", detail)


async def ask(hub: Hub, caller: Caller, asked: Emergency, tx: Transaction) -> dict[str, Any]:
    """Store the four facts of an emergency, if exactly one person is meant; the answer is the same if none is.

    Raises:
        Invalid: every flaw at once. None depends on the person.
    """
    discloser = await tx.one(emergencies.DISCLOSER, unit=asked.discloser_unit)
    flaws = [*_names(asked), *flaws_of_emergency(asked, _facts(hub, caller, discloser))]
    if flaws or discloser is None:
        raise Invalid(tuple(flaws))
    identifier, now = secrets.token_hex(16), await tx.now()
    patient = await _only(hub, tx, asked) if discloser["closed_at"] is None else None
    if patient is not None:
        await _store(hub, caller, tx, asked, (identifier, patient, now), discloser)
    return {"id": identifier, "discloser": asked.discloser_unit, "at": rfc3339(now)}


def _names(asked: Emergency) -> list[Flaw]:
    named = [("/person/given_name", asked.person.given_name), ("/person/sur_name", asked.person.sur_name)]
    told = (("/receiver/name", asked.receiver.name), ("/receiver/facility", asked.receiver.facility))
    named += [(pointer, name) for pointer, name in told if name.strip()]
    named += [("/discloser_name", asked.discloser_name)] if asked.discloser_name is not None else []
    found = [flaw for pointer, name in named for flaw in flaws_of_name(pointer, name)]
    words = asked.nature_in_words
    return found + (flaws_of_text("/nature_in_words", words, _MOST) if words.strip() else [])


def _facts(hub: Hub, caller: Caller, discloser: Row | None) -> EmergencyFacts:
    profiles = [hub.profiles[caller.profile]]
    profiles += [hub.profiles[discloser["profile"]]] if discloser is not None else []
    ceiling = frozenset(Element) - {NOTES}
    for profile in profiles:
        ceiling &= profile.written.get(caller.role, frozenset())
    kind = AgencyKind(discloser["kind"]) if discloser is not None else None
    rules = frozenset(profile.settings.get("emergency", "life_threat") for profile in profiles)
    return EmergencyFacts(caller.unit, kind, rules, ceiling)


async def _only(hub: Hub, tx: Transaction, asked: Emergency) -> str | None:
    """The one record of that person, held until the transaction ends; None for none, and for more than one."""
    unit, person = asked.discloser_unit, asked.person
    rows = await tx.all(
        stored_patients.FIND,
        unit=unit,
        name_index=hub.vault.blind("name", unit, person.given_name, person.sur_name),
        birth_index=hub.vault.blind("birth", unit, person.birth_date.isoformat()),
    )
    found = {await patients.going_on(tx, unit, row["id"]) for row in rows}
    if len(found) != 1:
        return None
    patient = found.pop()
    await patients.lock(tx, unit, patient)
    return patient


async def _store(
    hub: Hub, caller: Caller, tx: Transaction, asked: Emergency, place: tuple[str, str, int], discloser: Row
) -> None:
    identifier, patient, now = place
    words = orjson.loads(EMERGENCY.dump_json(asked, exclude_none=True))
    facts = {
        name: words[name] for name in ("nature", "nature_in_words", "consent_unobtainable", "receiver", "elements")
    }
    facts |= {"discloser_name": asked.discloser_name or discloser["name"], "at": rfc3339(now)}
    facts |= {"unit_id": caller.unit, "acting_user": caller.person or ""}
    key = await keys.of(tx, hub, patient)
    await tx.run(
        emergencies.ADD,
        id=identifier,
        unit_id=caller.unit,
        discloser_unit=asked.discloser_unit,
        patient_id=patient,
        created_at=now,
        sealed=key.seal(facts, "emergency", identifier),
    )
    due = now + _DUE.get(hub.profiles[discloser["profile"]].settings["breach_clock"], DAY_US)
    await open_review(tx, hub, asked.discloser_unit, patient, ReviewKind.EMERGENCY, identifier, due, facts)


async def hand_over(hub: Hub, caller: Caller, access: dict[str, Any]) -> Committed[dict[str, Any]]:
    """What is held of the person now, for the elements asked; recorded, hit or miss, before it is answered.

    Raises:
        Unavailable: it cannot be read or recorded; then nothing is handed over.
    """
    for attempt in range(1, ATTEMPTS + 1):

        async def flow(tx: Transaction, *, last: bool = attempt == ATTEMPTS) -> dict[str, Any]:
            return await _handed(hub, caller, access, tx, exclusive=last)

        try:
            return await write(hub, flow)
        except _Moved:
            continue
    raise Unavailable("the gate kept moving")


@dataclass(frozen=True, slots=True)
class _Access:
    """An emergency as it was stored: of whom, at which discloser, what was stated."""

    patient: str
    discloser: str
    facts: dict[str, Any]


async def _handed(
    hub: Hub, caller: Caller, access: dict[str, Any], tx: Transaction, *, exclusive: bool
) -> dict[str, Any]:
    stored = await _stored(hub, caller, access["id"], tx)
    gates = await _gates(tx, caller, stored)
    found = await _found(hub, caller, stored, tx)
    made = recording(hub, caller, (access["id"], await tx.now()), gates, found)
    if not await tx.record(made, exclusive=exclusive):
        raise _Moved
    return {**access, "items": list(found.items) if found is not None else [], "meaning": UNLISTED}


async def _stored(hub: Hub, caller: Caller, access: str, tx: Transaction) -> _Access | None:
    """None for a person who is not known or was erased since, and for what is repeated too late or was no emergency."""
    row = await tx.one(emergencies.OWN, access=access, unit=caller.unit)
    if row is None or await tx.now() > row["created_at"] + AGAIN_US:
        return None
    try:
        await patients.lock(tx, row["discloser_unit"], row["patient_id"])  # an erasure waits, or has come before
    except NotFound:
        return None
    if await found_to_be_none(hub, tx, row["patient_id"], access):
        return None
    facts: Any = hub.vault.open(row["sealed"], "emergency", row["id"])
    return _Access(row["patient_id"], row["discloser_unit"], facts)


async def _gates(reader: Reader, caller: Caller, stored: _Access | None) -> list[tuple[GateKey, int]]:
    """What is read before everything else about the caller: whoever is suspended meanwhile gets nothing."""
    wanted = [of_unit(caller.unit), of_client(caller.client)]
    wanted += [of_patient(stored.patient, caller.unit)] if stored is not None else []
    found = []
    for key in sorted(wanted):
        row = await reader.one(transfers.EPOCH, key=key.name)
        found.append((key, row["epoch"] if row is not None else 0))
    return found


async def _found(hub: Hub, caller: Caller, stored: _Access | None, tx: Transaction) -> Found | None:
    live = await tx.one(registry.LIVE_ASSIGNMENT, client=caller.client, assignment=caller.assignment, key=caller.key)
    if stored is None or live is None:
        return None
    discloser = await tx.one(emergencies.DISCLOSER, unit=stored.discloser)
    if discloser is None or discloser["closed_at"] is not None:
        return None
    records = await records_of(tx, stored.patient)
    wanted = frozenset(map(Element, stored.facts["elements"]))
    return await gathered(
        hub, tx, (caller.unit, stored.discloser), records, wanted, (stored.facts, discloser["profile"])
    )
