"""Cases: register, alias, event. Any justice unit may register a case; only its imposing unit's acts have effect."""

import secrets
from collections.abc import Sequence
from typing import Any

from app.errors import Flaw, Invalid, NotFound
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.times import not_after
from app.exchange.unit import Committed, read
from app.storage import cases, registry
from app.storage.database import GateKey, Reader, Row, Transaction
from app.storage.gate import of_case
from app.storage.sealing import normalised
from app.vocabulary import JUSTICE, AgencyKind, CaseEvent, CaseIdentifierType

Body = dict[str, Any]
Identifier = tuple[CaseIdentifierType, str]


def checked(identifiers: list[Identifier]) -> list[Identifier]:
    """At least one identifier, each a short visible value.

    Raises:
        Invalid: none, too many, or one that is blank or too long.
    """
    flaws = [
        Flaw(f"/identifiers/{number}/value", "identifier_malformed", "An identifier has 1 to 100 visible characters.")
        for number, (_, value) in enumerate(identifiers)
        if not (0 < len(value.strip()) <= 100 and value.isprintable())
    ]
    if not 1 <= len(identifiers) <= 20:
        flaws.append(Flaw("/identifiers", "identifiers_missing", "Give 1 to 20 identifiers."))
    if flaws:
        raise Invalid(tuple(flaws))
    return identifiers


async def register(
    hub: Hub, caller: Caller, imposing_unit: str, identifiers: list[Identifier], tx: Transaction
) -> Body:
    """Register a case under its imposing unit and identifiers; the first one gives the caller's ``case_id``.

    The answer depends on the caller's own words alone, whoever else registered the same case.
    """
    await require_justice_unit(tx, "/imposing_unit", imposing_unit)
    first, *others = identifiers
    key, since = await _resolve(tx, hub, imposing_unit, first)
    case_id = await view(tx, hub, caller.unit, imposing_unit, key, first, since)
    case = await tx.one(cases.IMPOSING_UNIT, key=key)  # it may have been transferred since: then it is no more theirs
    if case is not None and caller.unit == imposing_unit == case["imposing_unit"]:
        for other in others:
            await _alias(tx, hub, imposing_unit, key, other)
    shown = [{"type": type_.value, "value": value} for type_, value in identifiers]
    return {"case_id": case_id, "imposing_unit": imposing_unit, "identifiers": shown}


async def add_identifier(hub: Hub, caller: Caller, case_id: str, identifier: Identifier, tx: Transaction) -> Body:
    """Another identifier of the caller's own case. Never a joinder: a clash, or another's case, is without effect."""
    row = await own(tx, caller.unit, case_id)
    if row["imposing_unit"] == caller.unit:
        await _alias(tx, hub, caller.unit, row["case_key"], identifier)
    return {"status": "received"}


async def add_event(
    caller: Caller, row: Row, code: CaseEvent, occurred_at: int, tx: Transaction, also: Sequence[GateKey] = ()
) -> Body:
    """An event of a case, effective when it occurred. Only the imposing unit's has effect; every unit gets the same.

    ``row`` is the caller's own view of it, ``also`` what else of the gate the report moves.
    """
    now = await tx.now()
    occurred = happened(occurred_at, now)
    effective = row["imposing_unit"] == caller.unit
    await tx.run(
        cases.ADD_EVENT,
        id=secrets.token_hex(16),
        case_key=row["case_key"],
        unit_id=caller.unit,
        code=code.value,
        occurred_at=occurred,
        received_at=now,
        effective=int(effective),
    )
    gates = [*also, of_case(row["case_key"])] if effective else [*also]
    if gates:
        await tx.narrow(gates)
    return {"status": "received"}


def happened(occurred_at: int, now: int) -> int:
    """The instant (microseconds) of what is said to have happened in a case.

    Raises:
        Invalid: it has not happened yet.
    """
    occurred = not_after(occurred_at, now)
    if occurred is None:
        raise Invalid((Flaw("/occurred_at", "occurred_in_future", "The event lies in the future."),))
    return occurred


async def unregistered(hub: Hub, caller: Caller, case_ids: Sequence[str]) -> Committed[list[str]]:
    """Those of the ids that the caller's unit never registered: knowledge of its own, whoever else has such a case."""

    async def flow(reader: Reader) -> list[str]:
        return [one for one in case_ids if await reader.one(cases.VIEW, unit=caller.unit, case_id=one) is None]

    return await read(hub, flow)


async def own(tx: Transaction, unit: str, case_id: str) -> Any:
    """The unit's own view of a case it registered; NotFound for any other ``case_id``."""
    row = await tx.one(cases.VIEW, unit=unit, case_id=case_id)
    if row is None:
        raise NotFound
    return row


async def view(
    tx: Transaction, hub: Hub, unit: str, imposing_unit: str, key: str, identifier: Identifier, since: int = 0
) -> str:
    """Give a unit its own ``case_id`` of a case: an HMAC of its own words, the same ever after.

    ``since`` is when the identifier became one of this case. What a patient signed before then does not answer to it:
    an alias made later would else open a consent under a case that the form never named.
    """
    type_, value = identifier
    case_id = hub.vault.view_id(unit, "case", imposing_unit, type_.value, normalised(value))
    sealed = hub.vault.seal([type_.value, value], "case_view", unit, case_id)
    await tx.run(cases.ADD_VIEW, unit_id=unit, case_id=case_id, case_key=key, since=since, sealed=sealed)
    return case_id


async def _resolve(tx: Transaction, hub: Hub, imposing_unit: str, identifier: Identifier) -> tuple[str, int]:
    index = _index(hub, imposing_unit, identifier)
    row = await tx.one(cases.KEY_OF_INDEX, blind_index=index)
    if row is None:
        key = secrets.token_hex(16)
        await tx.run(cases.ADD_CASE, key=key, imposing_unit=imposing_unit)
        await tx.run(cases.ADD_IDENTIFIER, blind_index=index, case_key=key, since=0)
        row = await tx.one(cases.KEY_OF_INDEX, blind_index=index)  # another may have won meanwhile
    assert row is not None  # noqa: S101  # inserted above, and identifiers are never deleted
    return row["case_key"], row["since"]


async def _alias(tx: Transaction, hub: Hub, imposing_unit: str, key: str, identifier: Identifier) -> None:
    index = _index(hub, imposing_unit, identifier)
    await tx.run(cases.ADD_IDENTIFIER, blind_index=index, case_key=key, since=await tx.now())


def _index(hub: Hub, imposing_unit: str, identifier: Identifier) -> str:
    return hub.vault.blind("case", imposing_unit, identifier[0].value, identifier[1])


async def require_justice_unit(tx: Transaction, pointer: str, unit: str) -> None:
    """Refuse any unit but a registered one of a justice agency.

    Raises:
        Invalid: there is none of this id.
    """
    row = await tx.one(registry.UNIT, unit=unit)
    if row is None or AgencyKind(row["kind"]) not in JUSTICE:
        detail = "No justice unit of this id is registered; see GET /v1/units."
        raise Invalid((Flaw(pointer, "unit_unknown", detail),))
