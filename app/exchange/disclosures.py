"""Accounting of disclosures: who saw what of a patient, when and why (42 CFR 2.25), a plain sentence a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from app.errors import Flaw, Invalid, NotFound
from app.exchange.authenticate import Caller
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.times import instant_of, rfc3339
from app.exchange.unit import Committed, write
from app.storage import disclosures, patients, registry
from app.storage.database import Reader, Transaction
from app.vocabulary import AgencyKind, Purpose
from app.vocabulary.calendar import DAY_US


@dataclass(frozen=True, slots=True)
class Range:
    """Which rows are asked for: instants in microseconds, half-open, and one recipient unit or all."""

    from_at: int
    to_at: int
    recipient: str | None


def range_of(asked: Mapping[str, str]) -> Range:
    """The range that a query names; a day in ``to`` is included whole.

    Raises:
        Invalid: an instant that is not RFC 3339, or an unknown ``on_behalf_of``.
    """
    if asked.get("on_behalf_of", "patient") != "patient":
        raise Invalid((Flaw("", "parameter_invalid", "on_behalf_of is patient."),))
    from_at = _instant(asked, "from", 0, whole_day=False)
    return Range(from_at, _instant(asked, "to", 2**62, whole_day=True), asked.get("recipient"))


def _instant(asked: Mapping[str, str], name: str, default: int, *, whole_day: bool) -> int:
    text = asked.get(name)
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    dated = len(text) == 10
    if moment is None or (moment.tzinfo is None) != dated:
        detail = f"{name} is a day as 2026-11-24 or an instant with its offset as 2026-11-24T09:00:00Z."
        raise Invalid((Flaw("", "parameter_invalid", detail),))
    if dated:
        return instant_of(moment.replace(tzinfo=UTC)) + (DAY_US if whole_day else 0)
    return instant_of(moment)


async def account(hub: Hub, caller: Caller, patient: str, asked: Range) -> Committed[list[dict[str, Any]]]:
    """The disclosures about a patient of this clinic, or of one that appointed this privacy office; NotFound else.

    Who looked is recorded with it.
    """
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS

    async def flow(tx: Transaction) -> list[dict[str, Any]]:
        pseudonym = await _pseudonym(tx, caller, patient)
        looked = Looked("accounting", str(purpose), pseudonym)
        await tx.run(disclosures.ADD_CONSULTATION, **own_consultation(caller, hub.vault, looked, await tx.now()))
        rows = await tx.all(disclosures.OF_SUBJECT, subject=pseudonym, from_at=asked.from_at, to_at=asked.to_at)
        names = {row["id"]: row for row in await tx.all(registry.ALL_UNITS)}
        groups: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in rows:
            if asked.recipient is None or row["unit_id"] == asked.recipient:
                _group(groups, _shown(hub, row, names))
        return [_finished(group) for group in groups.values()]

    return await write(hub, flow)


async def _pseudonym(reader: Reader, caller: Caller, patient: str) -> str:
    row = await reader.one(patients.DISCLOSER, patient=patient)
    if row is None:
        raise NotFound
    appointed: set[str] = {caller.unit}
    if caller.kind is AgencyKind.PRIVACY_OFFICE:
        rows = await reader.all(registry.APPOINTED, officer=caller.unit)
        appointed = {one["discloser_unit"] for one in rows}
    if row["unit_id"] not in appointed:
        raise NotFound
    pseudonym: str = row["pseudonym"]
    return pseudonym


def _shown(hub: Hub, row: Any, names: dict[str, Any]) -> dict[str, Any]:
    entry = orjson.loads(row["entry"])
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    opened = {name: pair[1] for name, pair in opening.items()}
    person, _, person_name = opened["person"].partition("\n")
    unit = names.get(row["unit_id"])
    shown = {
        "at": row["at"],
        "recipient": {
            "unit_id": row["unit_id"],
            "unit_name": unit["name"] if unit else row["unit_id"],
            "agency_name": unit["agency_name"] if unit else "",
            "role": entry["role"],
        },
        "purpose": entry["purpose"],
        "case": opened["case"],
        "kind": entry["kind"],
        "elements": entry["elements"],
        "consent_id": opened["instrument"].partition("@")[0],
        "basis": "consent",
    }
    shown |= {"period": opened["period"]} if opened["period"] else {}
    return shown | ({"acting_user": {"id": person, "name": person_name}} if person else {})


def _group(groups: dict[tuple[Any, ...], dict[str, Any]], shown: dict[str, Any]) -> None:
    """Re-reads of the same thing by the same recipient under the same consent are one row with a count."""
    at = shown.pop("at")
    key = tuple(orjson.dumps(value, option=orjson.OPT_SORT_KEYS) for _, value in sorted(shown.items()))
    group = groups.setdefault(key, shown | {"first_at": at, "times": 0})
    group["last_at"] = at
    group["times"] += 1


def _finished(group: dict[str, Any]) -> dict[str, Any]:
    sentence = _sentence(group)
    times = {"first_at": rfc3339(group["first_at"]), "last_at": rfc3339(group["last_at"])}
    return group | times | {"sentence": sentence}


def _sentence(group: dict[str, Any]) -> str:
    who = group["recipient"]
    what = ", ".join(element.replace(".", " ").replace("_", " ") for element in group["elements"])
    first, last = rfc3339(group["first_at"]), rfc3339(group["last_at"])
    when = f"on {first}" if group["times"] == 1 else f"{group['times']} times from {first} to {last}"
    about = f" for {group['period'].replace('/', ' to ')}" if "period" in group else ""
    why = group["purpose"].replace("_", " ")
    role = who["role"].replace("_", " ")
    return (
        f"{who['agency_name']}, {who['unit_name']} ({role}) read {what}{about} in case {group['case']}, {why}, {when}."
    )
