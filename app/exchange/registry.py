"""Who takes part: what anyone may read of the registry, and what a unit says of itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.errors import Flaw, Invalid, NotFound
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.unit import Committed, published, read, write
from app.storage import registry
from app.storage.database import Reader, Row, Transaction, Unavailable
from app.vocabulary import KIND_OF_ROLE, PURPOSES_OF_ROLE, SCOPES_OF_ROLE, AgencyKind, Role
from app.vocabulary.codes import Service
from app.vocabulary.units import LANGUAGES, UnitCapacity, WaitingTime


async def me(hub: Hub, caller: Caller) -> Committed[dict[str, Any]]:
    """The calling client, the assignment in use and every other that it holds."""

    async def flow(reader: Reader) -> dict[str, Any]:
        rows = await reader.all(registry.ASSIGNMENTS, client=caller.client)
        return {
            "client_id": caller.client,
            "agency_id": caller.agency,
            "agency_kind": caller.kind.value,
            "unit_id": caller.unit,
            "unit_name": caller.unit_name,
            "role": caller.role.value,
            "purposes": sorted(purpose.value for purpose in PURPOSES_OF_ROLE[caller.role]),
            "scopes": sorted(scope.value for scope in caller.scopes),
            "assignments": [
                {"id": row["id"], "unit_id": row["unit_id"], "unit_name": row["name"], "role": row["role"]}
                for row in rows
            ],
        }

    return await read(hub, flow)


async def units(
    hub: Hub, kind: AgencyKind | None, service: str | None, language: str | None
) -> Committed[list[dict[str, Any]]]:
    """Live units with what they say of themselves; nothing here is computed from patients."""

    async def flow(reader: Reader) -> list[dict[str, Any]]:
        shown = [_unit(row) for row in await reader.all(registry.UNITS) if kind is None or row["kind"] == kind.value]
        return [
            unit
            for unit in shown
            if (service is None or service in unit["services"]) and (language is None or language in unit["languages"])
        ]

    return await read(hub, flow)


async def unit(hub: Hub, identifier: str) -> Committed[dict[str, Any]]:
    """One live unit; NotFound for any other id."""

    async def flow(reader: Reader) -> dict[str, Any]:
        return _unit(await _live(reader, identifier))

    return await read(hub, flow)


@dataclass(frozen=True, slots=True)
class Description:
    """What a unit says of itself; None leaves it as it was."""

    services: tuple[Service, ...] | None
    languages: tuple[str, ...] | None
    capacity: UnitCapacity | None
    waiting_time: WaitingTime | None


async def describe(hub: Hub, caller: Caller, identifier: str, said: Description) -> Committed[dict[str, Any]]:
    """Keep what the caller's own unit says of itself, as it was typed in; NotFound for any other unit."""
    flaws = [
        Flaw(f"/languages/{number}", "language_unknown", "Give the ISO 639 code of a language, as en or es.")
        for number, language in enumerate(said.languages or ())
        if language not in LANGUAGES
    ]
    if flaws:
        raise Invalid(flaws)

    async def flow(tx: Transaction) -> dict[str, Any]:
        if identifier != caller.unit:
            raise NotFound
        await tx.run(
            registry.DESCRIBE,
            id_=identifier,
            said_services=_codes(said.services),
            said_languages=_codes(said.languages),
            said_capacity=said.capacity,
            said_waiting_time=said.waiting_time,
        )
        return _unit(await _live(tx, identifier))

    return await write(hub, flow)


def _codes(said: Sequence[str] | None) -> str | None:
    """Each code once, in the order typed in; None for what was not said."""
    return None if said is None else orjson.dumps([str(code) for code in dict.fromkeys(said)]).decode()


async def _live(reader: Reader, identifier: str) -> Row:
    row = next((row for row in await reader.all(registry.UNITS) if row["id"] == identifier), None)
    if row is None:
        raise NotFound
    return row


async def ready(hub: Hub) -> Committed[bool]:
    """Whether the database answers and keeps what it acknowledged."""
    try:
        await hub.database.check()
    except Unavailable:
        return published(False)
    return published(True)


def kind_of(text: str | None) -> AgencyKind | None:
    """A kind of agency, if one is named.

    Raises:
        Invalid: an unknown kind.
    """
    if text is None:
        return None
    try:
        return AgencyKind(text)
    except ValueError:
        known = ", ".join(kind.value for kind in AgencyKind)
        raise Invalid((Flaw("", "parameter_invalid", f"kind is one of {known}."),)) from None


def _unit(row: Any) -> dict[str, Any]:
    unit = {
        "id": row["id"],
        "name": row["name"],
        "agency_id": row["agency_id"],
        "agency_name": row["agency_name"],
        "agency_kind": row["kind"],
        "services": orjson.loads(row["services"]),
        "languages": orjson.loads(row["languages"]),
        "roles": sorted(role.value for role, kind in KIND_OF_ROLE.items() if kind.value == row["kind"]),
    }
    said = {"capacity": row["capacity"], "waiting_time": row["waiting_time"]}
    return unit | {name: value for name, value in said.items() if value is not None}


def scopes_of(role: Role) -> list[str]:
    """The scopes that a token of this role may carry."""
    return sorted(scope.value for scope in SCOPES_OF_ROLE[role])
