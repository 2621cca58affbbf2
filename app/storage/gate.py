"""The gate: names of its rows, their locks, and the one table of writers that may narrow an answer (design 3)."""

import hashlib
from collections.abc import Iterable
from typing import Final

from app.storage.database import GateKey

SLOTS: Final = 64
"""Locks a unit's patients or cases share: a search of 200 cases then holds some 130 locks, not 400."""

NARROWING_WRITERS: Final = {
    "revoke": "app.exchange.revocations",
    "activate": "app.exchange.signatures",
    "supersede": "app.exchange.signatures",
    "case_event": "app.exchange.cases",
    "file_status": "app.exchange.statuses",
    "file_in_batch": "app.exchange.item_by_item",
    "file_assessment": "app.exchange.assessments",
    "respond": "app.exchange.responses",
    "cancel_transfer": "app.exchange.transfers",
    "retract": "app.exchange.retractions",
    "merge": "app.exchange.merges",
    "suspend_consent": "app.exchange.suspensions",
    "enter_in_error": "app.exchange.errors_found",
    "check_evidence": "app.exchange.evidence",
    "retire_key": "app.exchange.administration",
    "end_assignment": "app.exchange.administration",
    "suspend": "app.exchange.administration",
    "erase": "app.exchange.erasure",
    "restrict": "app.exchange.restrictions",
    "decide_order": "app.exchange.court_order_acts",
    "vacate_order": "app.exchange.court_order_acts",
    "assign": "app.exchange.assignments",
    "close_unit": "app.exchange.closings",
    "set_profile": "app.exchange.closings",
}
"""Kind of write -> the module that performs it. A module that narrows and is missing here fails CI."""


def of_patient(patient: str, unit: str) -> GateKey:
    """What may change for one recipient unit about one patient."""
    return GateKey(f"p:{patient}:{unit}", unit)


def of_unit(unit: str) -> GateKey:
    """The state of a unit: suspension, closure."""
    return GateKey(f"u:{unit}", unit)


def of_client(client: str) -> GateKey:
    """The state of a client: its keys, assignments, suspension."""
    return GateKey(f"c:{client}", client)


def of_case(case_key: str) -> GateKey:
    """The state of a case: its events."""
    return GateKey(f"k:{case_key}", "")


def of_assignment(case_key: str, unit: str) -> GateKey:
    """Whom a justice unit assigned to a case."""
    return GateKey(f"a:{case_key}:{unit}", unit)


KEYS: Final = GateKey("keys", "keys")
"""Held shared by whoever wraps a new key, alone by whoever retires a wrapping key. No answer depends on it."""


def lock_id(key: GateKey) -> int:
    """The bigint advisory lock of (unit, hash mod 64), as PostgreSQL's signed 64 bits."""
    slot = hashlib.sha256(key.name.encode()).digest()[0] % SLOTS
    digest = hashlib.sha256(f"{key.lock_unit}\0{slot}".encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def locks(keys: Iterable[GateKey]) -> list[int]:
    """Hashed, then de-duplicated, then sorted: unsorted keys deadlock."""
    return sorted({lock_id(key) for key in keys})
