"""A tiny application with the whole edge around it, and one way to ask it: in this process, without a socket."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

import httpx
from fastapi import APIRouter, FastAPI
from pydantic import TypeAdapter
from starlette.requests import Request

from app.errors import Conflict, Forbidden, NotFound, Unauthenticated
from app.routers import docs, problems
from app.routers.body import raw_digest_bytes, read_body
from app.routers.middleware import Edge


class Service(StrEnum):
    """A code list."""

    INTAKE = "intake"
    DETOX = "detox"


@dataclass(frozen=True)
class Session:
    """A member that is itself an object."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    held_at: datetime
    minutes: int


@dataclass(frozen=True)
class Report:
    """A body with a member of every kind that messages use."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    case: str
    service: Service
    day: date
    sessions: tuple[Session, ...] = ()
    first: Session | None = None
    score: float | None = None
    signed: bool = False


REPORT = TypeAdapter(Report)


class Unavailable(Exception):
    """What a flow raises when it cannot record."""


RAISED: dict[str, Exception] = {
    "missing": Unauthenticated("missing_token", "Send an access token."),
    "token": Unauthenticated("invalid_token", "The access token is not valid here."),
    "scope": Forbidden("insufficient_scope", "This operation needs the scope reports.read."),
    "purpose": Forbidden("purpose_not_for_role", "The role may not state this purpose."),
    "hidden": NotFound(),
    "conflict": Conflict("consent_not_proposed", "Only a proposal can be declined."),
    "unavailable": Unavailable("CANARY in words"),
    "bug": ValueError("CANARY in words"),
}


def make_app(*, https: bool = False, body_seconds: float = 20.0) -> FastAPI:
    """The application. Each route stands for one thing that the edge does."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    router = APIRouter()

    @router.post("/reports")
    async def report(request: Request) -> dict[str, Any]:
        value = await read_body(request, REPORT)
        return {"case": value.case, "bytes": len(raw_digest_bytes(request))}

    @router.get("/reports")
    async def reports(request: Request, limit: int = 10) -> dict[str, int]:
        request.state.client_id, request.state.unit_id = "client-1", "unit-1"
        return {"limit": limit}

    @router.get("/cases/{case_id}")
    async def case(case_id: str) -> None:
        return None

    @router.get("/raise/{what}")
    async def raising(what: str) -> None:
        raise RAISED[what]

    app.include_router(router)
    app.include_router(docs.router)
    problems.install(app, Unavailable)
    app.add_middleware(Edge, https=https, body_seconds=body_seconds)
    return app


APP = make_app()


def ask(
    method: str,
    path: str,
    *,
    content: bytes | AsyncIterator[bytes] | None = None,
    headers: Mapping[str, str] | None = None,
    app: FastAPI = APP,
) -> httpx.Response:
    """One request; an exception that left the application would be raised here."""

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://edge") as client:
            return await client.request(method, path, content=content, headers=headers)

    return asyncio.run(send())


def post(content: bytes | AsyncIterator[bytes], **headers: str) -> httpx.Response:
    """A body to the one route that takes one. Header names are written with an underscore."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask("POST", "/reports", content=content, headers={"content-type": "application/json", **named})
