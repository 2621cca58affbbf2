"""The facts of a look into a unit's inbox: the treatment consents of the patients whose transfers lie there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.consent.ask import Ask, Facts, Restriction
from app.consent.instrument import Instrument
from app.consent.profile import Profile
from app.storage import registry, transfers
from app.storage.database import GateKey, Reader, Row
from app.storage.facts import Question, restrictions_of, treating
from app.storage.gate import of_client, of_patient, of_unit
from app.storage.instruments import load

Gates = tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class Mail:
    """Transfers that lie in an inbox, in order, and the facts that decide how much of each may be told."""

    rows: tuple[Row, ...]
    facts: Facts
    parties: Mapping[tuple[str, str], tuple[str, str, bytes]]
    """(patient, discloser) -> the patient's pseudonym in the record, the discloser's name, the wrapped key."""
    last: tuple[int, str] | None
    """Position of the last one looked at, if there may be more behind it."""


async def read_mail(
    reader: Reader, question: Question, profiles: Mapping[str, Profile], inbox: transfers.Inbox, **place: Any
) -> Mail:
    """Some of the transfers to the asking unit, with their facts.

    The epochs are read first. Whatever narrows an answer after that moves one of them, and the record then refuses.
    """
    unit = question.ask.unit
    asked = {"unit": unit, **place}
    known = {row["id"]: row for row in await reader.all(inbox.rows, **asked)}
    gates = await _gates(reader, question, list(known.values()), inbox, asked)
    live = await reader.one(
        registry.LIVE_ASSIGNMENT, client=question.client, assignment=question.assignment, key=question.key
    )
    at = await reader.now()
    rows = await reader.all(inbox.rows, **asked)
    consents = await reader.all(inbox.consents, **asked) if live is not None else ()
    revocations = await reader.all(inbox.revocations, **asked)
    restrictions = await reader.all(inbox.restrictions, **asked)
    own = await reader.one(registry.UNIT, unit=unit)
    recipient = own["profile"] if own is not None else ""
    facts = facts_of(question.ask, at, (consents, revocations, restrictions), profiles, gates, recipient)
    parties = {(row["patient_id"], row["unit_id"]): (row["pseudonym"], row["name"], row["key"]) for row in consents}
    last = (rows[-1]["created_at"], rows[-1]["id"]) if len(rows) == place["most"] else None
    return Mail(tuple(row for row in rows if row["id"] in known), facts, parties, last)


def facts_of(
    ask: Ask,
    at: int,
    read: tuple[Sequence[Row], Sequence[Row], Sequence[Row]],
    profiles: Mapping[str, Profile],
    gates: Gates = (),
    recipient: str = "",
) -> Facts:
    """The facts that stored consents, their revocations and restrictions give. One that cannot be read forbids.

    ``recipient`` is the ``id@version`` of the profile of the unit that asks.
    """
    consents, revocations, stored = read
    taken: dict[str, list[tuple[int, str]]] = {}
    for row in revocations:
        taken.setdefault(row["consent_id"], []).append((row["requested_at"], row["selection"]))
    found = [(row, _instrument(row, tuple(taken.get(row["id"], ())))) for row in consents]
    instruments = tuple(instrument for _, instrument in found if instrument is not None)
    unreadable = frozenset((row["patient_id"], row["unit_id"]) for row, instrument in found if instrument is None)
    today = {row["unit_id"]: row["profile"] for row in consents}
    closed = frozenset(row["unit_id"] for row in consents if row["closed_at"] is not None)
    restrictions, unclear = _restrictions(stored)
    unreadable |= {(row["patient_id"], row["unit_id"]) for row in consents if row["patient_id"] in unclear}
    return treating(ask, at, instruments, (today, closed), profiles, unreadable, gates, restrictions, recipient)


def _restrictions(stored: Sequence[Row]) -> tuple[tuple[Restriction, ...], frozenset[str]]:
    """What is restricted, and of which patients it cannot be read."""
    found: list[Restriction] = []
    unclear = set()
    for row in stored:
        try:
            found += restrictions_of(row["patient_id"], [(row["elements"], row["recipient_unit"], row["lifted_day"])])
        except Exception:  # whatever is wrong with a stored restriction, it forbids
            unclear.add(row["patient_id"])
    return tuple(found), frozenset(unclear)


def _instrument(row: Row, taken: tuple[tuple[int, str], ...]) -> Instrument | None:
    state = (row["superseded_at"], row["suspended"], row["entered_in_error"])
    try:
        return load(row["id"], row["patient_id"], row["unit_id"], row["facts"], row["version"], state, taken)
    except Exception:  # whatever is wrong with a stored document, it forbids
        return None


async def _gates(
    reader: Reader, question: Question, rows: Sequence[Row], inbox: transfers.Inbox, asked: dict[str, Any]
) -> Gates:
    unit = question.ask.unit
    own = (of_unit(unit), of_client(question.client))
    epochs = {row["key"]: row["epoch"] for row in await reader.all(inbox.epochs, **asked)}
    for key in own:
        row = await reader.one(transfers.EPOCH, key=key.name)
        epochs[key.name] = row["epoch"] if row is not None else 0
    keys: set[GateKey] = {*own, *(of_patient(row["patient_id"], unit) for row in rows)}
    return tuple((key.name, key.lock_unit, epochs.get(key.name, 0)) for key in sorted(keys))
