"""Drafts of incidents: releases that turned out to lack their basis, for a person at the discloser to judge.

A draft decides nothing and tells no justice unit anything. It names who got what, so that whoever judges it can tell
whether it is a breach (42 CFR 2.16(b), 45 CFR 164.402) without going through the accounting row by row.
"""

import secrets
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from operator import itemgetter
from typing import Any

import orjson

from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.breaches import assessed, deadline
from app.exchange.cursors import place_in
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.storage import disclosures, incidents, withdrawals
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, Purpose


class IncidentKind(StrEnum):
    """Why somebody has to look."""

    WRONG_PATIENT = "wrong_patient"
    WRONG_MERGE = "wrong_merge"
    LATE_REVOCATION = "late_revocation"
    LATE_CASE_EVENT = "late_case_event"
    CONSENT_IN_ERROR = "consent_in_error"
    """A consent was entered in error: all that was released under it lacked its basis (domain rules 5.1)."""
    EVIDENCE_MISMATCH = "evidence_mismatch"
    """The page that lies at the clinic is not the one that was signed (42 CFR 2.31(c)(4))."""
    UNFOUNDED_EMERGENCY = "unfounded_emergency"
    """Something left for an emergency that the discloser does not find to have been one."""
    VACATED_ORDER = "vacated_order"
    """Something left under a court order that was vacated, or never was one about this patient."""
    TOLD_OUTSIDE = "told_outside"
    """What was told on paper, by word of mouth or in an emergency was put right since; a person has to tell of it."""


async def draft(
    tx: Transaction,
    hub: Hub,
    unit: str,
    patient: str,
    kind: IncidentKind,
    discovered_at: int,
    detail: Mapping[str, Any],
) -> str:
    """Add a draft about a patient of the clinic ``unit``; its id.

    ``discovered_at`` is the instant (microseconds) from which the time to notify counts: when it was first known to
    the discloser (45 CFR 164.404(a)(2)). ``detail`` is JSON: ``recipients`` as ``releases`` gives them, and what led
    to the draft. It is sealed, since it says of whom which elements left.
    """
    identifier, key = secrets.token_hex(16), await keys.of(tx, hub, patient)
    await tx.run(
        incidents.ADD,
        id=identifier,
        unit_id=unit,
        patient_id=patient,
        kind=kind.value,
        discovered_at=discovered_at,
        created_at=await tx.now(),
        sealed=key.seal(dict(detail), "incident", identifier),
    )
    return identifier


async def releases(
    reader: Reader, hub: Hub, patient: str, from_at: int, to_at: int, instruments: Collection[str] | None = None
) -> list[dict[str, Any]]:
    """Who was sent what of a patient from ``from_at`` until before ``to_at``; only under ``instruments`` if given."""
    rows = await reader.all(withdrawals.RELEASED, patient=patient, from_at=from_at, to_at=to_at)
    return grouped(hub, [row for row in rows if instruments is None or row["instrument_id"] in instruments])


def grouped(hub: Hub, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Disclosure rows by recipient, role, purpose and kind, with the elements that left and when.

    What was told outside this service has its channel, and a recipient that is no registered unit its name.
    """
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in rows:
        entry = orjson.loads(row["entry"])
        channel = entry.get("transport", "")
        recipient = _recipient(hub, row, entry["role"])
        key = (*sorted(recipient.values()), channel, entry["purpose"], entry["kind"])
        said = {"recipient": recipient, "purpose": entry["purpose"], "kind": entry["kind"]}
        said |= {"channel": channel} if channel else {}
        group = found.setdefault(key, said | {"elements": set(), "first_at": row["at"], "times": 0})
        group["elements"] |= set(entry["elements"])
        group["last_at"], group["times"] = row["at"], group["times"] + 1
    return [
        group
        | {
            "elements": sorted(group["elements"]),
            "first_at": rfc3339(group["first_at"]),
            "last_at": rfc3339(group["last_at"]),
        }
        for _, group in sorted(found.items(), key=itemgetter(0))
    ]


def _recipient(hub: Hub, row: Row, role: str) -> dict[str, str]:
    if role:
        return {"org_unit": row["unit_id"], "role": role}
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    name = opening.get("recipient", ("", ""))[1]
    return {"name": name} if name else {"org_unit": row["unit_id"]}


async def listed(
    hub: Hub, caller: Caller, after: tuple[int, str], limit: int
) -> Committed[tuple[list[dict[str, Any]], str | None]]:
    """The drafts of this clinic, or of those that appointed this privacy office, oldest first, and the next cursor.

    That somebody looked is recorded.
    """
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS

    async def flow(tx: Transaction) -> tuple[list[dict[str, Any]], str | None]:
        looked = own_consultation(caller, hub.vault, Looked("incidents", purpose.value, ""), await tx.now())
        await tx.run(disclosures.ADD_CONSULTATION, **looked)
        rows = await tx.all(incidents.LIST, unit=caller.unit, after_at=after[0], after_id=after[1], most=limit + 1)
        page = rows[:limit]
        shown = [await _judged(hub, tx, row) for row in page]
        return shown, _cursor(hub, caller, page[-1]) if len(rows) > limit else None

    return await write(hub, flow)


def position(hub: Hub, caller: Caller, after: str | None) -> tuple[int, str]:
    """Where a page begins.

    Raises:
        Invalid: a cursor of another list or another unit.
    """
    if after is None:
        return 0, ""
    at, identifier = place_in(hub, caller, after, ["incidents"])
    return at, identifier


def _cursor(hub: Hub, caller: Caller, last: Row) -> str:
    return hub.vault.cursor(caller.unit, caller.client, ["incidents", last["created_at"], last["id"]])


async def _judged(hub: Hub, reader: Reader, row: Row) -> dict[str, Any]:
    """A draft with the day by which to notify if it is a breach, and what a person found of it."""
    found = await assessed(reader, hub, row)
    by = {"notify_by": rfc3339(await deadline(reader, hub, row))}
    return _shown(hub, row) | by | ({"assessment": found} if found is not None else {})


def _shown(hub: Hub, row: Row) -> dict[str, Any]:
    detail: Any = hub.vault.open(row["sealed"], "incident", row["id"])
    return {
        "recipients": [],
        **detail,
        "id": row["id"],
        "kind": row["kind"],
        "discloser": row["unit_id"],
        "patient_id": row["patient_id"],
        "discovered_at": rfc3339(row["discovered_at"]),
        "created_at": rfc3339(row["created_at"]),
    }
