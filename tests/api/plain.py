"""An instance as in production: no sandbox, so no secrets; its few clients are registered with their keys."""

import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from app.exchange import administration
from app.main import create_app, open_hub
from app.sandbox.register import private_jwk
from app.vocabulary import AgencyKind, Role
from tests.service import World, settings_for

COURT, CLINIC = "u-court", "u-clinic"


def key(name: str) -> dict[str, Any]:
    """A private P-256 JWK, the same for the same name."""
    return private_jwk(b"a key of the tests and nobody's else", name)


def public(name: str) -> dict[str, Any]:
    """Its public members."""
    return {member: value for member, value in key(name).items() if member != "d"}


@contextlib.asynccontextmanager
async def instance(kind: str) -> AsyncIterator[World]:
    """A court and a clinic with one client each, ``judge`` and ``staff``; the court's key is ``judge``'s own."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    settings = settings_for(kind, folder, 8000, THROUGHCARE_SANDBOX="0")
    hub = await open_hub(settings)
    try:
        clients = {}
        for agency, unit, role, name in (
            (AgencyKind.COURT, COURT, Role.JUDGE, "judge"),
            (AgencyKind.CLINIC, CLINIC, Role.CLINIC_STAFF, "staff"),
        ):
            owner = await administration.add_agency(hub, agency, f"The {agency.value}")
            place = {"alias": "A provider", "time_zone": "America/Chicago", "profile": "us-42cfr2@1"}
            await administration.add_unit(hub, owner, f"Unit of the {agency.value}", identifier=unit, **place)
            await administration.add_client(hub, unit, role, jwk=public(name), identifier=f"c-{name}")
            clients[name] = {"client_id": f"c-{name}", "private_jwk": key(name), "unit_id": unit, "agency_id": owner}
        app = create_app(settings)
        app.state.hub = hub
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.issuer) as http:
            yield World(settings, hub, http, clients, folder)
    finally:
        await hub.database.close()
        shutil.rmtree(folder, ignore_errors=True)
