"""Compose the service: settings, keys, database, profiles, routers. The only place where they meet."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app import __version__
from app.exchange import high_water
from app.instance import keep_no_core, open_hub, ready_hub
from app.profile_files import profiles
from app.routers import (
    accounting,
    accounting_suspensions,
    amendments,
    assignments,
    batches,
    cases,
    consent_forms,
    consents,
    court,
    court_orders,
    docs,
    emergencies,
    events,
    explanations,
    holds,
    incidents,
    merges,
    notices,
    oauth,
    own_record,
    patients,
    referrals,
    registry,
    reports,
    reports_due,
    restrictions,
    retractions,
    reviews,
    subject_requests,
    suspensions,
    transfers,
    webhooks,
)
from app.routers.middleware import Edge
from app.routers.problems import install as install_problems
from app.schemas.components import components
from app.schemas.contract import SCOPES, own_parameters
from app.settings import Settings
from app.storage.database import Unavailable

__all__ = ["create_app", "open_hub", "openapi", "profiles"]

# The framework matches in order: the gated reads first.
_ROUTERS: Final = (
    reports,
    batches,
    reports_due,
    court,
    events,
    webhooks,
    referrals,
    amendments,
    retractions,
    suspensions,
    reviews,
    cases,
    assignments,
    patients,
    accounting,
    accounting_suspensions,
    explanations,
    own_record,
    restrictions,
    subject_requests,
    holds,
    merges,
    incidents,
    consents,
    consent_forms,
    transfers,
    notices,
    emergencies,
    court_orders,
    registry,
    oauth,
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The ASGI application; ``settings`` come from the environment unless given."""
    chosen = settings if settings is not None else Settings.from_environment(os.environ)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        keep_no_core()
        app.state.hub = await ready_hub(chosen)
        await high_water.require(app.state.hub, chosen.keys)
        gc.freeze()  # what is there now stays: looking through all of it for garbage stops every request for 0.1 s
        yield
        await app.state.hub.database.close()

    app = FastAPI(
        title="Throughcare",
        version=__version__,
        summary="Consent-gated exchange between courts, police and drug-treatment clinics",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,  # a redirect repeats the host and the query that were sent
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
        parts = document.setdefault("components", {})
        parts["schemas"] = components()
        flow = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
        parts["securitySchemes"] = {"backend_services": {"type": "oauth2", "flows": {"clientCredentials": flow}}}
        app.openapi_schema = document
    return app.openapi_schema


_DESCRIPTION: Final = """\
Police and courts refer people to drug treatment; clinics answer; patients decide what may be told.

Every read by a justice unit passes one gate: only the elements that this patient allowed this unit, for this purpose \
and case, until this date. Unknown, refused, revoked, expired and never asked give one and the same answer.
"""
