"""Accounting of disclosures: who was told what of a patient, when and why (42 CFR 2.25), a plain sentence a row."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import orjson

from app.consent.form import Wording
from app.errors import Flaw, Invalid, NotFound
from app.exchange.accounting_rows import shown_row
from app.exchange.accounting_words import sentence
from app.exchange.authenticate import Caller
from app.exchange.consent_forms import spoken
from app.exchange.cursors import place_in
from app.exchange.despite_pending import told_meanwhile
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.suspended import suspended
from app.exchange.times import instant_of, rfc3339
from app.exchange.unit import Committed, write
from app.storage import disclosures, patients, registry
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, Purpose
from app.vocabulary.calendar import DAY_US

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
    by_patient: bool
    """Whether it is for the patient: what is suspended is then not in it (45 CFR 164.528(a)(2))."""


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
        caller.kind is not AgencyKind.PRIVACY_OFFICE or "on_behalf_of" in query or limit is None,
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
    return Position(*place_in(hub, caller, query["after"], _binding(patient, query)))


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
        until = await suspended(tx, subject.unit, patient)
        rows = [row for row in await _rows(tx, patient, asked) if not (asked.by_patient and row["unit_id"] in until)]
        waited = await told_meanwhile(tx, rows)
        shown = [
            shown_row(hub, row, names) | _until(until, row) | _despite(waited, row) | {"disclosure_id": row["id"]}
            for row in rows
        ]
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


def _until(until: Mapping[str, int], row: Row) -> dict[str, str]:
    return {"suspended_until": rfc3339(until[row["unit_id"]])} if row["unit_id"] in until else {}


def _despite(waited: frozenset[str], row: Row) -> dict[str, bool]:
    return {"despite_pending_revocation": True} if row["id"] in waited else {}


def _wanted(shown: Mapping[str, Any], asked: Asked) -> bool:
    has = (shown["recipient"].get("unit_id"), shown["purpose"], shown["kind"])
    return all(wish in (None, one) for wish, one in zip((asked.recipient, asked.purpose, asked.kind), has, strict=True))


def _grouped(rows: Sequence[dict[str, Any]]) -> dict[Position, dict[str, Any]]:
    """Re-reads of the same thing by the same recipient under the same consent are one row with a count."""
    groups: dict[str, dict[str, Any]] = {}
    for row in rows:
        said = {name: value for name, value in row.items() if name not in ("at", "disclosure_id")}
        digest = hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
        group = groups.setdefault(digest, said | {"first_at": row["at"], "times": 0})
        group["last_at"], group["disclosure_id"] = row["at"], row["disclosure_id"]
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
