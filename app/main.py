"""Compose the service: settings, keys, database, profiles, routers. The only place where they meet."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.consent.profile import Profile, parse_profile
from app.exchange.hub import Hub
from app.identity.keys import ServiceKeys
from app.identity.signer import Signer
from app.identity.tokens import AccessTokenCache
from app.routers import cases, consents, docs, oauth, patients, referrals, registry, reports
from app.routers.middleware import Edge
from app.routers.problems import install as install_problems
from app.schemas.contract import COMPONENTS, SCOPES, own_parameters
from app.settings import Settings, load_keys
from app.storage.database import Database, Unavailable
from app.storage.postgres import PostgresDatabase
from app.storage.sealing import Vault
from app.storage.sqlite import SqliteDatabase

_CONSENT: Final = Path(__file__).parent / "consent"
_ROUTERS: Final = (oauth, registry, cases, referrals, patients, reports, consents)


async def open_database(settings: Settings) -> Database:
    """Connect to the configured database, which must keep what it acknowledges."""
    database: Database
    if settings.database_url.startswith("sqlite:///"):
        database = await SqliteDatabase.open(Path(settings.database_url.removeprefix("sqlite:///")))
    else:
        database = await PostgresDatabase.open(settings.database_url, size=settings.pool_size)
    await database.check()
    return database


async def open_hub(settings: Settings) -> Hub:
    """Everything that a flow needs, from the settings."""
    stored = load_keys(settings.keys)
    keys = ServiceKeys.load(stored["service"])
    return Hub(
        database=await open_database(settings),
        vault=Vault(bytes.fromhex(stored["master"])),
        profiles=profiles(),
        keys=keys,
        signer=Signer(keys),
        issuer=settings.issuer,
        sandbox=settings.sandbox,
        tokens=AccessTokenCache(),
    )


def profiles() -> Mapping[str, Profile]:
    """Every profile ever shipped, by ``id@version``: an old consent is decided under its own and today's."""
    found = {}
    for path in sorted((_CONSENT / "profiles").glob("*.toml")):
        text = path.read_text()
        notice = parse_profile(text).settings["notice"]
        profile = parse_profile(text, (_CONSENT / "texts" / f"{notice}.txt").read_text().strip())
        found[profile.name] = profile
    return found


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application; ``settings`` come from the environment unless given."""
    chosen = settings if settings is not None else Settings.from_environment(os.environ)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.hub = await open_hub(chosen)
        yield
        await app.state.hub.database.close()

    app = FastAPI(
        title="Throughcare",
        version=__version__,
        summary="Consent-gated exchange between courts, police and drug-treatment clinics",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # FastAPI's own instrumentation puts paths and queries into spans: a disclosure path, off by construction.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    for module in _ROUTERS:
        app.include_router(module.router)
    app.include_router(docs.router)
    install_problems(app, unavailable=Unavailable)
    app.add_middleware(Edge, https=chosen.issuer.startswith("https:"))
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]  # FastAPI's documented way to extend it
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The contract: what FastAPI knows of the routes and the schemas of bodies and answers that we register."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary=app.summary,
            routes=app.routes,
            description=_DESCRIPTION,
            openapi_version="3.1.0",
        )
        own_parameters(document)
        components = document.setdefault("components", {})
        components["schemas"] = dict(sorted(COMPONENTS.items()))
        flow = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
        components["securitySchemes"] = {"backend_services": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
        app.openapi_schema = document
    return app.openapi_schema


_DESCRIPTION: Final = """\
Police and courts refer people to drug treatment; clinics answer; patients decide what may be told.

Every read by a justice unit passes one gate: only the elements that this patient allowed this unit, for this purpose \
and case, until this date. Unknown, refused, revoked, expired and never asked give one and the same answer.
"""
