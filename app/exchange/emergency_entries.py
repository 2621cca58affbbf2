"""What is recorded of an emergency: one consultation, hit or miss, and a disclosure an item, with the four facts."""

from collections.abc import Sequence
from typing import Any

from app.exchange.authenticate import Caller
from app.exchange.disclosed_entry import disclosure
from app.exchange.emergency_content import Found, Item
from app.exchange.entries import Looked, own_consultation
from app.exchange.handover_entries import REDISCLOSURE
from app.exchange.hub import Hub
from app.storage.database import GateKey, Recording
from app.vocabulary import Element, Purpose
from app.vocabulary.calendar import DAY_US
from app.vocabulary.disclosing import Basis


def recording(
    hub: Hub, caller: Caller, access: tuple[str, int], gates: Sequence[tuple[GateKey, int]], found: Found | None
) -> Recording:
    """The record, conditional on the gate rows that were read; ``access`` is the emergency's id and now."""
    at = access[1]
    outcome = "permit" if found is not None and found.items else "deny"
    looked = Looked(outcome, Purpose.TREATMENT.value, "")
    consultation = own_consultation(caller, hub.vault, looked, at)
    told = zip(found.items, found.elements, strict=True) if found is not None else ()
    return Recording(
        gates=tuple(gates),
        as_of=at,
        valid_until=at + DAY_US,
        consultation_id=consultation["id"],
        unit_id=caller.unit,
        entry=consultation["entry"],
        request=caller.request,
        disclosures=tuple(_disclosure(caller, access, found, *one) for one in told if found is not None),
    )


def _disclosure(
    caller: Caller, access: tuple[str, int], found: Found, item: Item, elements: frozenset[Element]
) -> tuple[str, str, str, bytes, bytes]:
    """(id, subject pseudonym, instrument id, canonical entry, sealed openings): no instrument permits it."""
    said = {
        "redisclosure": REDISCLOSURE,
        "basis": Basis.MEDICAL_EMERGENCY.value,
        "subject": found.pseudonym,
        "kind": item["kind"],
        "elements": sorted(map(str, elements)),
        "profile": found.profile,
    }
    hidden = {"item": access[0]} | _four(found)
    made = disclosure(caller, access[1], found.key, hidden, said, Purpose.TREATMENT.value)
    return made.id, found.pseudonym, "", made.entry, made.opening


def _four(found: Found) -> dict[str, Any]:
    """42 CFR 2.51(c): who received and at which facility, who disclosed, the nature; the time stands in the entry."""
    receiver = found.facts["receiver"]
    return {
        "receiver": receiver["name"],
        "facility": receiver["facility"],
        "discloser_name": found.facts["discloser_name"],
        "nature": f"{found.facts['nature']}: {found.facts['nature_in_words']}",
    }
