"""What is recorded of a look into an inbox: one consultation, hit or miss, and a disclosure a transfer and consent."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.consent.verdict import Permit, Refusal
from app.exchange.authenticate import Caller
from app.exchange.disclosed_entry import disclosure
from app.exchange.entries import Looked, own_consultation
from app.storage.database import GateKey, Recording
from app.storage.sealing import DataKey, Vault
from app.vocabulary import Element, Purpose

KIND = "transfer"
REDISCLOSURE = "hipaa_except_proceedings"
"""42 CFR 2.33(b)(1): who treats may pass on as HIPAA permits, but never for a proceeding against the patient."""


class Handed(NamedTuple):
    """One transfer as it will leave, with what its record must say of it."""

    position: tuple[int, str]
    """When it was sent, its id."""
    body: dict[str, Any]
    pseudonym: str
    key: DataKey
    """Of the patient: what the record keeps closed is sealed under it."""
    instruments: Mapping[str, tuple[int, frozenset[Element]]]
    """Instrument id -> (its version, the elements that went under it)."""
    profiles: Mapping[str, str]
    """Instrument id -> the names of the profiles that it was decided under."""
    delivered: bool
    """Whether it was fetched before."""


def recording(
    handed: Sequence[Handed], verdicts: Sequence[Permit | Refusal], caller: Caller, vault: Vault
) -> Recording:
    """The record, conditional on every gate row that was read; one that two batches read differently holds for none."""
    at = verdicts[-1].at
    gates = sorted({gate for verdict in verdicts for gate in verdict.facts.gates})
    looked = Looked("permit" if handed else "deny", Purpose.TREATMENT.value, "")
    consultation = own_consultation(caller, vault, looked, at)
    return Recording(
        gates=tuple((GateKey(name, lock_unit), epoch) for name, lock_unit, epoch in gates),
        as_of=at,
        valid_until=min(verdict.valid_until for verdict in verdicts),
        consultation_id=consultation["id"],
        unit_id=caller.unit,
        entry=consultation["entry"],
        request=caller.request,
        disclosures=tuple(
            _disclosure(one, instrument, caller, at) for one in handed for instrument in sorted(one.instruments)
        ),
    )


def _disclosure(one: Handed, instrument: str, caller: Caller, at: int) -> tuple[str, str, str, bytes, bytes]:
    """(id, subject pseudonym, instrument id, canonical entry, sealed openings)."""
    version, elements = one.instruments[instrument]
    said = {
        "redisclosure": REDISCLOSURE,
        "subject": one.pseudonym,
        "kind": KIND,
        "elements": sorted(map(str, elements)),
        "profile": one.profiles[instrument],
    }
    hidden = {"instrument": f"{instrument}@{version}", "item": one.position[1]}
    made = disclosure(caller, at, one.key, hidden, said, Purpose.TREATMENT.value)
    return made.id, one.pseudonym, instrument, made.entry, made.opening
