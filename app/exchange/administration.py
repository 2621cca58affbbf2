"""Administration of the registry from the command line: agencies, units, clients, keys, assignments."""

import secrets
from collections.abc import Sequence

import orjson

from app.errors import Conflict
from app.exchange.hub import Hub
from app.exchange.unit import narrow, write
from app.identity.errors import KeyRefused
from app.identity.keys import public_key, thumbprint
from app.identity.secrets import hash_secret
from app.storage import registry
from app.storage.database import Transaction
from app.storage.gate import of_client, of_unit
from app.vocabulary import KIND_OF_ROLE, AgencyKind, Role


async def add_agency(hub: Hub, kind: AgencyKind, name: str, identifier: str | None = None) -> str:
    """Register an agency and give its id."""
    agency = identifier or f"a-{secrets.token_hex(8)}"

    async def flow(tx: Transaction) -> str:
        await tx.run(registry.ADD_AGENCY, id=agency, kind=kind.value, name=name)
        return agency

    return (await write(hub, flow)).value


async def add_unit(
    hub: Hub,
    agency: str,
    name: str,
    *,
    alias: str,
    time_zone: str,
    profile: str,
    services: Sequence[str] = (),
    languages: Sequence[str] = ("en",),
    identifier: str | None = None,
) -> str:
    """Register a unit of an agency and give its id. ``alias`` names a discloser that must not be named."""
    unit = identifier or f"u-{secrets.token_hex(8)}"
    if profile not in hub.profiles:
        raise Conflict("profile_unknown", f"Known profiles: {', '.join(sorted(hub.profiles))}.")

    async def flow(tx: Transaction) -> str:
        await tx.run(
            registry.ADD_UNIT,
            id=unit,
            agency_id=agency,
            name=name,
            alias=alias,
            time_zone=time_zone,
            profile=profile,
            services=orjson.dumps(list(services)).decode(),
            languages=orjson.dumps(list(languages)).decode(),
        )
        await tx.run(registry.ADD_PROFILE, unit_id=unit, profile=profile, since=await tx.now())
        return unit

    return (await write(hub, flow)).value


async def rename(hub: Hub, unit: str, name: str) -> None:
    """Call a unit by another name from now on. What was signed keeps the name that stood on the form."""

    async def flow(tx: Transaction) -> None:
        if await tx.run(registry.RENAME_UNIT, id_=unit, new_name=name) != 1:
            raise Conflict("unknown", "There is no such unit.")

    await write(hub, flow)


async def add_client(
    hub: Hub,
    unit: str,
    role: Role,
    *,
    jwk: dict[str, object] | None,
    secret: str | None = None,
    assertion_profile: str = "smart22",
    identifier: str | None = None,
) -> str:
    """Register a client with one assignment and its first public key, and give its id.

    Raises:
        Conflict: the role does not belong to the unit's kind of agency, or the unit or key is not usable.
        KeyRefused: the JWK is private, weak or malformed.
    """
    if secret is not None and not hub.sandbox:
        raise Conflict("sandbox_only", "Client secrets exist in the sandbox only.")
    client = identifier or f"c-{secrets.token_hex(8)}"

    async def flow(tx: Transaction) -> str:
        row = await tx.one(registry.UNIT, unit=unit)
        if row is None or AgencyKind(row["kind"]) is not KIND_OF_ROLE[role]:
            raise Conflict("role_not_of_unit", f"{role.value} is no role of this unit.")
        agency = await tx.one(registry.AGENCY_OF_UNIT, unit=unit)
        await tx.run(
            registry.ADD_CLIENT,
            id=client,
            agency_id=agency["agency_id"] if agency else "",
            assertion_profile=assertion_profile,
            secret_hash=hash_secret(secret, secrets.token_bytes(16)) if secret is not None else None,
        )
        await tx.run(
            registry.ADD_ASSIGNMENT, id=f"as-{secrets.token_hex(8)}", client_id=client, unit_id=unit, role=role.value
        )
        if jwk is not None:
            await _add_key(tx, client, jwk)
        return client

    return (await write(hub, flow)).value


async def assign(hub: Hub, client: str, unit: str, role: Role) -> str:
    """Give a client another (unit, role) of its own agency, and the assignment's id."""
    assignment = f"as-{secrets.token_hex(8)}"

    async def flow(tx: Transaction) -> str:
        row = await tx.one(registry.UNIT, unit=unit)
        if row is None or AgencyKind(row["kind"]) is not KIND_OF_ROLE[role]:
            raise Conflict("role_not_of_unit", f"{role.value} is no role of this unit.")
        owner = await tx.one(registry.AGENCY_OF_CLIENT, client=client)
        if owner is None:
            raise Conflict("unknown", "There is no such client.")
        if owner["agency_id"] != row["agency_id"]:
            raise Conflict("unit_of_other_agency", "The unit belongs to another agency than the client.")
        await tx.run(registry.ADD_ASSIGNMENT, id=assignment, client_id=client, unit_id=unit, role=role.value)
        return assignment

    return (await write(hub, flow)).value


async def end_assignment(hub: Hub, assignment: str) -> None:
    """Take a (unit, role) back from its client, at once and with every token made for it."""

    async def flow(tx: Transaction) -> None:
        row = await tx.one(registry.ASSIGNMENT, assignment=assignment)
        if row is None or await tx.run(registry.END_ASSIGNMENT, assignment=assignment, at=await tx.now()) != 1:
            raise Conflict("unknown", "There is no such assignment.")
        await tx.narrow([of_client(row["client_id"])])

    await narrow(hub, flow)


async def rotate(hub: Hub, client: str, jwk: dict[str, object]) -> str:
    """Add a key beside the live one, so that both work until the old one is retired; at most two are live."""

    async def flow(tx: Transaction) -> str:
        if len(await tx.all(registry.CLIENT_KEYS, client=client)) >= 2:
            raise Conflict("two_keys_live", "Two keys are live; retire one first.")
        return await _add_key(tx, client, jwk)

    return (await write(hub, flow)).value


async def retire(hub: Hub, client: str, key: str) -> None:
    """End a key and every token that it asked for, at once."""

    async def flow(tx: Transaction) -> None:
        if await tx.run(registry.RETIRE_KEY, client=client, key=key, at=await tx.now()) != 1:
            raise Conflict("key_unknown", "The client has no such live key.")
        await tx.narrow([of_client(client)])

    await narrow(hub, flow)


async def suspend(
    hub: Hub, *, client: str | None = None, unit: str | None = None, agency: str | None = None, lift: bool = False
) -> None:
    """Suspend a client, a unit or an agency with all its units, at once on every worker; or lift the suspension."""
    statement = next(
        statement
        for name, statement in (
            (client, registry.SUSPEND_CLIENT),
            (unit, registry.SUSPEND_UNIT),
            (agency, registry.SUSPEND_AGENCY),
        )
        if name is not None
    )

    async def flow(tx: Transaction) -> None:
        at = None if lift else await tx.now()
        standing = await tx.one(registry.STANDING, unit=unit) if lift and unit is not None else None
        if standing is not None and standing["closed_at"] is not None:
            raise Conflict("unit_closed", "This unit has closed; register another one.")
        if await tx.run(statement, id_=client or unit or agency, at=at) != 1:
            if agency is not None:
                raise Conflict("unknown", "There is no such agency.")
            raise Conflict("unknown", "There is no such client or unit.")
        if client is not None:
            keys = [of_client(client)]
        elif unit is not None:
            keys = [of_unit(unit)]
        else:
            keys = [of_unit(row["id"]) for row in await tx.all(registry.UNITS_OF_AGENCY, agency=agency)]
        await tx.narrow(keys)

    await narrow(hub, flow)


async def appoint(hub: Hub, officer_unit: str, discloser_unit: str) -> None:
    """Let a privacy office see the accounting of a discloser's patients."""

    async def flow(tx: Transaction) -> None:
        await tx.run(registry.ADD_APPOINTMENT, officer_unit=officer_unit, discloser_unit=discloser_unit)

    await write(hub, flow)


async def _add_key(tx: Transaction, client: str, jwk: dict[str, object]) -> str:
    public_key(jwk)
    key = thumbprint(jwk)
    if await tx.one(registry.KEY_KNOWN, key=key) is not None:
        raise Conflict("key_registered", "This key is registered already, here or with another client: make a new one.")
    registered = orjson.dumps({"kid": key, **jwk}).decode()
    if await tx.run(registry.ADD_KEY, thumbprint=key, client_id=client, jwk=registered, created_at=await tx.now()) != 1:
        raise KeyRefused("this key was registered before; make a new one")
    return key
