"""What is recorded of a release: one consultation, the same for hit, miss and unknown, and its disclosures."""

import secrets
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple
from zlib import crc32

import orjson

from app.consent.in_force import considered, names
from app.consent.minimise import Item, Parcel
from app.consent.verdict import Permit, Refusal
from app.consent.withdrawn import Stub
from app.exchange.authenticate import Caller
from app.ledger.entry import VERSION, commitment
from app.storage.database import GateKey, Recording
from app.storage.sealing import Vault
from app.vocabulary import OUTBOUND, ConsentKind, Element
from app.vocabulary import VERSION as TAXONOMY
from app.vocabulary.disclosing import Basis

HIDDEN: Final = ("case", "instrument", "item", "period", "person")
"""What an entry only commits to, each under its own salt."""


WITHDRAWN: Final = "withdrawn"
"""Kind of an entry that says of an item, and of nothing in it, that it was found wrong."""
CORRECTION: Final = "correction"
"""Basis of such an entry: what is wrong is put right with whoever holds it (GDPR 19, LED 7(3)), whatever has ended."""

_ORDERED: Final = {"basis": Basis.COURT_ORDER.value, "redisclosure": "as_ordered_only"}
"""What an entry says of an item that left under an order of a court: no consent, and no use beyond the order."""

CONSULTED: Final = ("case", "person")
"""The same of a consultation: which of the unit's own cases, and who asked for it (LED Art 25)."""

ASKED: Final = "asked"
"""What else a consultation says of what was asked, so that it can be decided again: in how many cases, which kinds of
message, in which version of the taxonomy."""


def recording(parcels: Sequence[Parcel], caller: Caller, vault: Vault, asked: Sequence[str]) -> Recording:
    """The record of the parcels of one read, conditional on the gate rows that their facts were read with.

    ``asked`` are the case_ids that the caller named, known or not: the row has the same shape for both.
    """
    verdicts = [parcel.verdict for parcel in parcels]
    at = verdicts[0].at
    told = [(_Disclosures(parcel, caller, vault, at), parcel) for parcel in parcels if parcel.items or parcel.withdrawn]
    pairs = [(one, item, name) for one, parcel in told for item in parcel.items for name in sorted(item.instruments)]
    stubs = [(one, stub) for one, parcel in told for stub in parcel.withdrawn]
    rows = len(pairs) + len(stubs)
    consultation, *chance = _random(1 + len(CONSULTED) + rows * (1 + len(HIDDEN)))
    salts, chance = chance[: len(CONSULTED)], chance[len(CONSULTED) :]
    purposes = sorted({str(verdict.ask.purpose) for verdict in verdicts})
    consulted = base(caller, at, " ".join(purposes)) | {"op": "consultation", "id": consultation}
    consulted |= outcome_of(verdicts)
    consulted |= _consulted(" ".join(asked), caller, salts, vault, consultation)
    kinds = _kinds(frozenset().union(*(verdict.ask.elements for verdict in verdicts)))
    consulted[ASKED] = {"cases": len(asked), "kinds": kinds, "taxonomy": TAXONOMY}
    gates = {gate for verdict in verdicts for gate in verdict.facts.gates}
    return Recording(
        gates=tuple((GateKey(name, lock_unit), epoch) for name, lock_unit, epoch in sorted(gates)),
        as_of=at,
        valid_until=min(verdict.valid_until for verdict in verdicts),
        consultation_id=consultation,
        unit_id=caller.unit,
        entry=canonical_bytes(consulted),
        request=caller.request,
        disclosures=(
            *(one.of(item, name, chance[number::rows]) for number, (one, item, name) in enumerate(pairs)),
            *(one.withdrawn(stub, chance[number::rows]) for number, (one, stub) in enumerate(stubs, len(pairs))),
        ),
    )


@cache
def _kinds(elements: frozenset[Element]) -> list[str]:
    return sorted(kind.value for kind, own in OUTBOUND.items() if not own.isdisjoint(elements))


def outcome_of(verdicts: Sequence[Permit | Refusal]) -> dict[str, Any]:
    """What is recorded of decisions: whether anything was permitted, why what fell fell, the profiles considered."""
    fell = {reason for verdict in verdicts for finding in verdict.findings for reason in set(finding.fell.values())}
    refused = all(isinstance(verdict, Refusal) for verdict in verdicts)
    profiles = sorted({name for verdict in verdicts for name in considered(verdict.facts)})
    return {"outcome": "deny" if refused else "permit", "reasons": sorted(map(str, fell)), "profiles": profiles}


class Looked(NamedTuple):
    """A look at what is the caller's own: what came of it, for what purpose, at whom (a pseudonym), in which case."""

    outcome: str
    purpose: str
    subject: str
    case: str = ""


def own_consultation(caller: Caller, vault: Vault, looked: Looked, at: int) -> dict[str, Any]:
    """The row of such a look: like that of a release, but no gate stands before what is one's own (LED Art 25)."""
    identifier, *salts = _random(1 + len(CONSULTED))
    entry = base(caller, at, looked.purpose) | {
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
    hidden = {"case": asked, "person": person_of(caller)}
    opening = {name: [salt, hidden[name]] for name, salt in zip(CONSULTED, salts, strict=True)}
    return {
        "committed": {name: commitment(salt, value) for name, (salt, value) in opening.items()},
        "opening": vault.seal(opening, "consultation", consultation).hex(),
    }


def person_of(caller: Caller) -> str:
    """Who asked, as their agency says: staff id and name, a line each."""
    return f"{caller.person or ''}\n{caller.person_name or ''}"


def mark(value: object, epistemic: str) -> int:
    """What tells two values of one element apart, and says nothing of either: it is only ever kept sealed."""
    return crc32(orjson.dumps([value, epistemic]))


def canonical_bytes(document: Mapping[str, Any]) -> bytes:
    """The bytes of ``ledger.entry.canonical``, at a tenth of its cost: on every read there are several (RFC 8785)."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def base(caller: Caller, at: int, purpose: str) -> dict[str, Any]:
    """What every entry begins with."""
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

    def __init__(self, parcel: Parcel, caller: Caller, vault: Vault, at: int) -> None:
        facts = parcel.verdict.facts
        self._key = cache(lambda subject: vault.key_behind(facts.keys[subject]))
        self._base = base(caller, at, str(facts.ask.purpose)) | {"op": "disclosure"}
        viewer = facts.viewer
        self._referral = facts.ask.referral or ""
        self._case = f"{viewer.case_type} {viewer.case_value}" if viewer is not None else ""
        self._case_id = viewer.case_id if viewer is not None else ""
        self._profiles = {i.id: names(i, facts) for i in facts.instruments}
        self._orders = {i.id for i in facts.instruments if i.kind is ConsentKind.COURT_ORDER}
        self._person = person_of(caller)

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
            "redisclosure": "same_action_official_duty_only",
            "elements": sorted(map(str, elements)),
            "profile": self._profiles[instrument],
            "committed": dict(zip(HIDDEN, map(commitment, salts, hidden), strict=True)),
        }
        entry |= _ORDERED if instrument in self._orders else {}
        openings = dict(zip(HIDDEN, zip(salts, hidden, strict=True), strict=True))
        # By what follows a correction finds who holds the item and whether with the value that is now known wrong.
        openings["case_id"] = ("", body["case"]["case_id"])
        openings["referral"] = ("", self._referral)
        told = body["elements"]
        marks = {name: mark(told[name]["value"], told[name]["epistemic"]) for name in entry["elements"]}
        openings["marks"] = ("", marks)
        opening = self._key(item.pseudonym).seal(openings, "disclosure", identifier)
        return identifier, item.pseudonym, instrument, canonical_bytes(entry), opening

    def withdrawn(self, stub: Stub, chance: list[str]) -> tuple[str, str, str, bytes, bytes]:
        """The same of an item that was taken back as wrong, or of which the feed said that there is news: no instrument
        permits that, and no element goes with it.
        """
        identifier, *salts = chance
        hidden = (self._case, "", stub.id, "", self._person)
        entry = self._base | {
            "id": identifier,
            "subject": stub.subject,
            "kind": WITHDRAWN if stub.id else f"event:{stub.kind}",
            "basis": CORRECTION,
            "elements": [],
            "committed": dict(zip(HIDDEN, map(commitment, salts, hidden), strict=True)),
        }
        openings = dict(zip(HIDDEN, zip(salts, hidden, strict=True), strict=True))
        openings["case_id"] = ("", self._case_id)
        opening = self._key(stub.subject).seal(openings, "disclosure", identifier)
        return identifier, stub.subject, "", canonical_bytes(entry), opening


def _random(count: int) -> list[str]:
    """So many random values of 128 bits, in hexadecimal, from one call to the system."""
    digits = secrets.token_hex(16 * count)
    return [digits[32 * number : 32 * number + 32] for number in range(count)]
