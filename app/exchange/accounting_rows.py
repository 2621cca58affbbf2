"""A row of the disclosure ledger as the patient side reads it: who was told what, under what, by what means."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from app.consent.in_force import known_as
from app.exchange.hub import Hub
from app.storage.database import Row
from app.vocabulary.disclosing import Basis

SERVICE: Final = "service"
"""Channel of what was read through this service; the others are those of what was told outside it."""

_EMERGENCY: Final = ("receiver", "facility", "discloser_name", "nature")
"""What is kept of an emergency with each row of it (42 CFR 2.51(c))."""


def shown_row(hub: Hub, row: Row, names: Mapping[str, Row]) -> dict[str, Any]:
    """What a row says, its openings opened; ``names`` are the registered units by id, ``at`` is in microseconds."""
    entry = orjson.loads(row["entry"])
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    opened = {name: pair[1] for name, pair in opening.items()}
    consent, _, version = opened["instrument"].partition("@")
    person, _, person_name = opened["person"].partition("\n")
    bare = "profile" not in entry
    told, ordered = "transport" in entry, entry.get("basis") == Basis.COURT_ORDER.value
    shown = {
        "at": row["at"],
        "recipient": _recipient(row, entry, opened, names),
        "channel": entry.get("transport", SERVICE),
        "purpose": entry["purpose"],
        "kind": entry["kind"],
        "elements": entry["elements"],
        "basis": entry.get("basis", "consent"),
        "obligations": {} if bare else _obligations(hub, entry),
        "court_order_id" if ordered else "consent_id": consent,
        "consent_version": "" if ordered else version,
        "case": opened["case"],
        "period": opened["period"],
        "made_by": opened.get("made_by", ""),
        "emergency": {name: opened[name] for name in _EMERGENCY if name in opened},
        "acting_user": {"id": person, "name": person_name} if person else {},
        "record": row["id"] if told else "",
    }
    return {name: value for name, value in shown.items() if value not in ("", {})}


def _obligations(hub: Hub, entry: Mapping[str, Any]) -> dict[str, str]:
    """Which notice went with it (42 CFR 2.32), under which profile, and what the recipient may do with it."""
    shown = {"profile": entry["profile"], "redisclosure": entry["redisclosure"]}
    profile = hub.profiles.get(known_as(entry["profile"]))
    if "basis" in entry:  # a banner of its own went with it
        return shown | {"notice_version": entry["basis"]}
    return shown | ({"notice_version": profile.settings["notice"]} if profile is not None else {})


def _recipient(
    row: Row, entry: Mapping[str, Any], opened: Mapping[str, str], names: Mapping[str, Row]
) -> dict[str, str]:
    if opened.get("recipient"):
        return {"name": opened["recipient"]}
    unit = names.get(row["unit_id"])
    shown = {"unit_id": row["unit_id"], "unit_name": unit["name"] if unit else row["unit_id"]}
    shown |= {"agency_name": unit["agency_name"]} if unit else {}
    return shown | ({"role": entry["role"]} if entry["role"] else {})
