"""Register the sandbox and write its clients to a file: secrets and private keys that exist in sandbox mode only."""

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from app.exchange import administration, registry
from app.exchange.hub import Hub
from app.identity.base64url import encode
from app.sandbox.seeds import AGENCIES, APPOINTMENTS, SeedAgency, SeedUnit, client_id
from app.vocabulary import Role

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the P-256 group (NIST SP 800-186)."""


async def register(hub: Hub, master: bytes) -> list[dict[str, Any]]:
    """Register every agency, unit and client that is not there yet; the clients as ``sandbox.json`` lists them.

    Secrets and keys are derived from the instance's own master secret, so that starting again gives the same ones.
    """
    here = {unit["id"] for unit in (await registry.units(hub, None, None, None)).value}
    clients = []
    for agency in AGENCIES:
        fresh = not any(unit.id in here for unit in agency.units)
        if fresh:
            await administration.add_agency(hub, agency.kind, agency.name, agency.id)
        for unit in agency.units:
            clients += await _unit(hub, master, agency, unit, fresh=fresh)
    if not here:
        for officer, discloser in APPOINTMENTS:
            await administration.appoint(hub, officer, discloser)
    return clients


async def _unit(hub: Hub, master: bytes, agency: SeedAgency, unit: SeedUnit, *, fresh: bool) -> list[dict[str, Any]]:
    if fresh:
        await administration.add_unit(
            hub,
            agency.id,
            unit.name,
            alias=unit.alias,
            time_zone="America/Chicago",
            profile="us-42cfr2@1",
            services=unit.services,
            languages=unit.languages,
            identifier=unit.id,
        )
    clients = []
    for role in unit.roles:
        client, key = client_id(unit, role), private_jwk(master, client_id(unit, role))
        secret = hmac.new(master, f"sandbox/secret/{client}".encode(), hashlib.sha256).hexdigest()
        if fresh:
            public = {name: value for name, value in key.items() if name != "d"}
            await administration.add_client(hub, unit.id, role, jwk=public, secret=secret, identifier=client)
        clients.append(_entry(agency, unit, role, client, secret, key))
    return clients


def _entry(
    agency: SeedAgency, unit: SeedUnit, role: Role, client: str, secret: str, key: dict[str, Any]
) -> dict[str, Any]:
    return {
        "client_id": client,
        "client_secret": secret,
        "private_jwk": key,
        "agency_id": agency.id,
        "agency_kind": agency.kind.value,
        "unit_id": unit.id,
        "unit_name": unit.name,
        "role": role.value,
        "scopes": registry.scopes_of(role),
    }


def private_jwk(master: bytes, client: str) -> dict[str, Any]:
    """The sandbox client's P-256 private key as a JWK (RFC 7517), for ES256 assertions."""
    seed = hmac.new(master, f"sandbox/key/{client}".encode(), hashlib.sha512).digest()
    private = ec.derive_private_key(int.from_bytes(seed, "big") % (_ORDER - 1) + 1, ec.SECP256R1())
    numbers = private.private_numbers()
    public = numbers.public_numbers
    parts = {"d": numbers.private_value, "x": public.x, "y": public.y}
    members = {name: encode(value.to_bytes(32, "big")) for name, value in parts.items()}
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": client, **members}


def write(path: Path, base_url: str, clients: list[dict[str, Any]]) -> None:
    """Write ``sandbox.json``, readable by its owner only."""
    document = {"base_url": base_url, "token_url": f"{base_url}/oauth/token", "clients": clients}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(document, file, indent=2)
    temporary.replace(path)
