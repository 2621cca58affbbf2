"""What is recorded of a release: one consultation, the same for hit, miss and unknown, and its disclosures."""

import secrets
from typing import Any

from app.consent.decide import Refusal
from app.consent.minimise import Item, Parcel
from app.exchange.authenticate import Caller
from app.ledger.entry import VERSION, canonical, commitment
from app.storage.database import GateKey, Recording
from app.storage.sealing import Vault


def recording(parcel: Parcel, caller: Caller, vault: Vault) -> Recording:
    """The record of a parcel, conditional on the gate rows that its facts were read with."""
    verdict = parcel.verdict
    consultation = secrets.token_hex(16)
    consulted = _base(parcel, caller, "consultation") | {
        "id": consultation,
        "outcome": "deny" if isinstance(verdict, Refusal) else "permit",
        "reasons": sorted({reason.value for finding in verdict.findings for reason in finding.fell.values()}),
    }
    return Recording(
        gates=tuple((GateKey(name, lock_unit), epoch) for name, lock_unit, epoch in verdict.facts.gates),
        as_of=verdict.at,
        valid_until=verdict.valid_until,
        consultation_id=consultation,
        unit_id=caller.unit,
        entry=canonical(consulted),
        disclosures=tuple(
            _disclosure(item, instrument, parcel, caller, vault)
            for item in parcel.items
            for instrument in sorted(item.instruments)
        ),
    )


def _base(parcel: Parcel, caller: Caller, operation: str) -> dict[str, Any]:
    return {
        "v": VERSION,
        "op": operation,
        "at": parcel.verdict.at,
        "unit": caller.unit,
        "role": caller.role.value,
        "client": caller.client,
        "purpose": parcel.verdict.ask.purpose.value,
    }


def _disclosure(
    item: Item, instrument: str, parcel: Parcel, caller: Caller, vault: Vault
) -> tuple[str, str, str, bytes, bytes]:
    identifier = secrets.token_hex(16)
    version, elements = item.instruments[instrument]
    case = item.body["case"]
    hidden = {
        "case": f"{case['type']} {case['value']}",
        "instrument": f"{instrument}@{version}",
        "item": item.body["id"],
        "period": _period(item),
        "person": f"{caller.person or ''}\n{caller.person_name or ''}",
    }
    salts = {name: secrets.token_hex(16) for name in hidden}
    entry = _base(parcel, caller, "disclosure") | {
        "id": identifier,
        "subject": item.pseudonym,
        "kind": item.body["kind"],
        "elements": sorted(element.value for element in elements),
        "profile": parcel.verdict.facts.today[_discloser(item, parcel)],
        "redisclosure": "same_action_official_duty_only",
        "committed": {name: commitment(salts[name], value) for name, value in hidden.items()},
    }
    opening = vault.seal({name: [salts[name], value] for name, value in hidden.items()}, "disclosure", identifier)
    return identifier, item.pseudonym, instrument, canonical(entry), opening


def _period(item: Item) -> str:
    period = item.body.get("period")
    return f"{period['start']}/{period['end']}" if period else ""


def _discloser(item: Item, parcel: Parcel) -> str:
    (instrument, *_) = item.instruments
    return next(i.discloser for i in parcel.verdict.facts.instruments if i.id == instrument)
