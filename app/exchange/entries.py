"""What is recorded of a release: one consultation, the same for hit, miss and unknown, and its disclosures."""

import secrets
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import orjson

from app.consent.minimise import Item, Parcel
from app.consent.verdict import Refusal
from app.exchange.authenticate import Caller
from app.ledger.entry import VERSION, commitment
from app.storage.database import GateKey, Recording
from app.storage.sealing import Vault

HIDDEN: Final = ("case", "instrument", "item", "period", "person")
"""What an entry only commits to, each under its own salt."""


CONSULTED: Final = ("case", "person")
"""The same of a consultation: which of the unit's own cases, and who asked for it (LED Art 25)."""


def recording(parcel: Parcel, caller: Caller, vault: Vault, asked: str) -> Recording:
    """The record of a parcel, conditional on the gate rows that its facts were read with.

    ``asked`` is the case_id that the caller named, known or not: the row has the same shape for both.
    """
    verdict = parcel.verdict
    base = _base(caller, verdict.at, str(verdict.ask.purpose))
    pairs = [(item, instrument) for item in parcel.items for instrument in sorted(item.instruments)]
    consultation, *chance = _random(1 + len(CONSULTED) + len(pairs) * (1 + len(HIDDEN)))
    salts, chance = chance[: len(CONSULTED)], chance[len(CONSULTED) :]
    fell = {reason for finding in verdict.findings for reason in set(finding.fell.values())}
    consulted = base | {
        "op": "consultation",
        "id": consultation,
        "outcome": "deny" if isinstance(verdict, Refusal) else "permit",
        "reasons": sorted(map(str, fell)),
    }
    consulted |= _consulted(asked, caller, salts, vault, consultation)
    disclosures = _Disclosures(parcel, caller, vault, base)
    return Recording(
        gates=tuple((GateKey(name, lock_unit), epoch) for name, lock_unit, epoch in verdict.facts.gates),
        as_of=verdict.at,
        valid_until=verdict.valid_until,
        consultation_id=consultation,
        unit_id=caller.unit,
        entry=canonical_bytes(consulted),
        request=caller.request,
        disclosures=tuple(
            disclosures.of(item, instrument, chance[number :: len(pairs)])
            for number, (item, instrument) in enumerate(pairs)
        ),
    )


class Looked(NamedTuple):
    """A look at what is the caller's own: what came of it, for what purpose, at whom (a pseudonym), in which case."""

    outcome: str
    purpose: str
    subject: str
    case: str = ""


def own_consultation(caller: Caller, vault: Vault, looked: Looked, at: int) -> dict[str, Any]:
    """The row of such a look: like that of a release, but no gate stands before what is one's own (LED Art 25)."""
    identifier, *salts = _random(1 + len(CONSULTED))
    entry = _base(caller, at, looked.purpose) | {
        "op": "consultation",
        "id": identifier,
        "outcome": looked.outcome,
        "reasons": [],
        "subject": looked.subject,
    }
    entry |= _consulted(looked.case, caller, salts, vault, identifier)
    return {
        "id": identifier,
        "at": at,
        "unit_id": caller.unit,
        "entry": canonical_bytes(entry),
        "request_id": caller.request,
    }


def _consulted(asked: str, caller: Caller, salts: list[str], vault: Vault, consultation: str) -> dict[str, Any]:
    hidden = {"case": asked, "person": _person(caller)}
    opening = {name: [salt, hidden[name]] for name, salt in zip(CONSULTED, salts, strict=True)}
    return {
        "committed": {name: commitment(salt, value) for name, (salt, value) in opening.items()},
        "opening": vault.seal(opening, "consultation", consultation).hex(),
    }


def _person(caller: Caller) -> str:
    return f"{caller.person or ''}\n{caller.person_name or ''}"


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """The bytes of ``ledger.entry.canonical``, at a tenth of its cost: on every read there are several (RFC 8785)."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _base(caller: Caller, at: int, purpose: str) -> dict[str, Any]:
    return {
        "v": VERSION,
        "at": at,
        "unit": caller.unit,
        "role": str(caller.role),
        "client": caller.client,
        "purpose": purpose,
    }


class _Disclosures:
    """The disclosures of one parcel: what they share is put together once."""

    def __init__(self, parcel: Parcel, caller: Caller, vault: Vault, base: dict[str, Any]) -> None:
        facts = parcel.verdict.facts
        self._vault = vault
        self._base = base | {"op": "disclosure", "redisclosure": "same_action_official_duty_only"}
        viewer = facts.viewer
        self._case = f"{viewer.case_type} {viewer.case_value}" if viewer is not None else ""
        self._profiles = {i.id: facts.today[i.discloser] for i in facts.instruments}
        self._person = _person(caller)

    def of(self, item: Item, instrument: str, chance: list[str]) -> tuple[str, str, str, bytes, bytes]:
        """One item under one instrument: (id, subject pseudonym, instrument id, canonical entry, sealed openings).

        ``chance`` is its identifier and a salt for each of ``HIDDEN``.
        """
        version, elements = item.instruments[instrument]
        body, period = item.body, item.body.get("period")
        hidden = (
            self._case,
            f"{instrument}@{version}",
            body["id"],
            f"{period['start']}/{period['end']}" if period else "",
            self._person,
        )
        identifier, *salts = chance
        entry = self._base | {
            "id": identifier,
            "subject": item.pseudonym,
            "kind": body["kind"],
            "elements": sorted(map(str, elements)),
            "profile": self._profiles[instrument],
            "committed": dict(zip(HIDDEN, map(commitment, salts, hidden), strict=True)),
        }
        openings = dict(zip(HIDDEN, zip(salts, hidden, strict=True), strict=True))
        opening = self._vault.seal(openings, "disclosure", identifier)
        return identifier, item.pseudonym, instrument, canonical_bytes(entry), opening


def _random(count: int) -> list[str]:
    """So many random values of 128 bits, in hexadecimal, from one call to the system."""
    digits = secrets.token_hex(16 * count)
    return [digits[32 * number : 32 * number + 32] for number in range(count)]
