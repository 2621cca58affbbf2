"""Accounting of disclosures: who was told what of a patient, when and why (42 CFR 2.25), a plain sentence a row."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import orjson

from app.consent.form import Wording
from app.errors import Flaw, Invalid, NotFound
from app.exchange.accounting_words import sentence
from app.exchange.authenticate import Caller
from app.exchange.consent_forms import spoken
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.times import instant_of, rfc3339
from app.exchange.unit import Committed, write
from app.storage import disclosures, patients, registry
from app.storage.database import Reader, Row, Transaction
from app.storage.sealing import Unsealable
from app.vocabulary import AgencyKind, Purpose
from app.vocabulary.calendar import DAY_US

SERVICE: Final = "service"
"""Channel of what was read through this service; the others are those of what was told outside it."""

_FILTERS: Final = ("from", "to", "recipient", "purpose", "kind")


class Position(NamedTuple):
    """A row's place in the list: when it first happened, and a digest of what it says."""

    first_at: int
    digest: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows are asked for: instants in microseconds, half-open; None is no filter. ``limit`` None: all of them."""

    from_at: int
    to_at: int
    recipient: str | None
    purpose: str | None
    kind: str | None
    wording: Wording
    after: Position
    limit: int | None


def asked_of(hub: Hub, caller: Caller, patient: str, query: Mapping[str, str], limit: int | None) -> Asked:
    """What a query asks for; a day in ``to`` is included whole.

    Raises:
        Invalid: an instant that is not RFC 3339, an unknown ``on_behalf_of`` or language, another list's cursor.
    """
    if query.get("on_behalf_of", "patient") != "patient":
        raise Invalid((Flaw("", "parameter_invalid", "on_behalf_of is patient."),))
    return Asked(
        _instant(query, "from", -(2**62), whole_day=False),
        _instant(query, "to", 2**62, whole_day=True),
        query.get("recipient"),
        query.get("purpose"),
        query.get("kind"),
        spoken(query.get("lang", "en"))[-1],
        _position(hub, caller, patient, query),
        limit,
    )


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


def _binding(patient: str, query: Mapping[str, str]) -> list[str | None]:
    return ["disclosures", patient, *(query.get(name) for name in _FILTERS)]


def _position(hub: Hub, caller: Caller, patient: str, query: Mapping[str, str]) -> Position:
    if "after" not in query:
        return Position(-(2**62), "")
    try:
        position: Any = hub.vault.position(caller.unit, caller.client, query["after"])
    except Unsealable:
        position = []
    binding = _binding(patient, query)
    if position[: len(binding)] != binding:
        raise Invalid((Flaw("", "cursor_invalid", "This cursor is not one of this list; begin again without after."),))
    return Position(*position[len(binding) :])


def cursor(hub: Hub, caller: Caller, patient: str, query: Mapping[str, str], following: Position | None) -> str | None:
    """The sealed cursor of the next page, if there is one."""
    return hub.vault.cursor(caller.unit, caller.client, [*_binding(patient, query), *following]) if following else None


async def account(
    hub: Hub, caller: Caller, patient: str, asked: Asked
) -> Committed[tuple[list[dict[str, Any]], Position | None]]:
    """The disclosures about a patient of this clinic, or of one that appointed this privacy office; NotFound else.

    Who looked is recorded with it.
    """
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS

    async def flow(tx: Transaction) -> tuple[list[dict[str, Any]], Position | None]:
        subject = await subject_of(tx, caller, patient)
        looked = Looked("accounting", str(purpose), subject.pseudonym)
        await tx.run(disclosures.ADD_CONSULTATION, **own_consultation(caller, hub.vault, looked, await tx.now()))
        names = {row["id"]: row for row in await tx.all(registry.ALL_UNITS)}
        shown = [_shown(hub, row, names) for row in await _rows(tx, patient, asked)]
        return _page(_grouped([one for one in shown if _wanted(one, asked)]), names[subject.unit]["name"], asked)

    return await write(hub, flow)


class Subject(NamedTuple):
    """A patient whose accounting this caller keeps: the discloser's unit, and the ledger's name for the person."""

    unit: str
    pseudonym: str


async def subject_of(reader: Reader, caller: Caller, patient: str) -> Subject:
    """The patient, if it is of this clinic or of one that appointed this privacy office; NotFound else."""
    row = await reader.one(patients.DISCLOSER, patient=patient)
    if row is None:
        raise NotFound
    appointed: set[str] = {caller.unit}
    if caller.kind is AgencyKind.PRIVACY_OFFICE:
        rows = await reader.all(registry.APPOINTED, officer=caller.unit)
        appointed = {one["discloser_unit"] for one in rows}
    if row["unit_id"] not in appointed:
        raise NotFound
    return Subject(row["unit_id"], row["pseudonym"])


async def _rows(reader: Reader, patient: str, asked: Asked) -> list[Row]:
    """The disclosures under each record that is of the same person, oldest first."""
    found: list[Row] = []
    for record in await records_of(reader, patient):
        row = await reader.one(patients.DISCLOSER, patient=record)
        if row is not None:
            between = {"from_at": asked.from_at, "to_at": asked.to_at}
            found += await reader.all(disclosures.OF_SUBJECT, subject=row["pseudonym"], **between)
    return sorted(found, key=lambda row: (row["at"], row["id"]))


def _wanted(shown: Mapping[str, Any], asked: Asked) -> bool:
    has = (shown["recipient"].get("unit_id"), shown["purpose"], shown["kind"])
    return all(wish in (None, one) for wish, one in zip((asked.recipient, asked.purpose, asked.kind), has, strict=True))


def _shown(hub: Hub, row: Row, names: Mapping[str, Row]) -> dict[str, Any]:
    entry = orjson.loads(row["entry"])
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    opened = {name: pair[1] for name, pair in opening.items()}
    consent, _, version = opened["instrument"].partition("@")
    person, _, person_name = opened["person"].partition("\n")
    bare = "profile" not in entry
    told = "transport" in entry
    shown = {
        "at": row["at"],
        "recipient": _recipient(row, entry, opened, names),
        "channel": entry.get("transport", SERVICE),
        "purpose": entry["purpose"],
        "kind": entry["kind"],
        "elements": entry["elements"],
        "basis": entry.get("basis", "consent"),
        "obligations": {} if bare else _obligations(hub, entry),
        "consent_id": consent,
        "consent_version": version,
        "case": opened["case"],
        "period": opened["period"],
        "made_by": opened.get("made_by", ""),
        "acting_user": {"id": person, "name": person_name} if person else {},
        "record": row["id"] if told else "",
    }
    return {name: value for name, value in shown.items() if value not in ("", {})}


def _obligations(hub: Hub, entry: Mapping[str, Any]) -> dict[str, str]:
    """Which notice went with it (42 CFR 2.32), under which profile, and what the recipient may do with it."""
    shown = {"profile": entry["profile"], "redisclosure": entry["redisclosure"]}
    profile = hub.profiles.get(entry["profile"])
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


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[Position, dict[str, Any]]:
    """Re-reads of the same thing by the same recipient under the same consent are one row with a count."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        said = {name: value for name, value in row.items() if name != "at"}
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
        group = groups.setdefault(digest, said | {"first_at": row["at"], "times": 0})
        group["last_at"] = row["at"]
        group["times"] += 1
    return {Position(group["first_at"], digest): group for digest, group in groups.items()}


def _page(
    groups: Mapping[Position, dict[str, Any]], discloser: str, asked: Asked
) -> tuple[list[dict[str, Any]], Position | None]:
    places = [place for place in sorted(groups) if place > asked.after]
    page = places[: asked.limit]
    following = page[-1] if len(places) > len(page) else None
    return [_finished(groups[place], discloser, asked.wording) for place in page], following


def _finished(group: dict[str, Any], discloser: str, wording: Wording) -> dict[str, Any]:
    group.pop("record", None)
    said = sentence(group, discloser, wording)
    times = {"first_at": rfc3339(group["first_at"]), "last_at": rfc3339(group["last_at"])}
    return group | times | {"sentence": said}
