"""The outermost layer, in plain ASGI: request id, security headers, one log line, limits, the last catch.

An exception that reached the server would be logged with its words and its values; so none does.
"""

import asyncio
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType, TracebackType
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import Problem
from app.log import log
from app.routers import framing
from app.routers.problems import internal_error, response_of, unavailable
from app.routers.refusals import BadRequest, TooSlow, UriTooLong
from app.schemas import deprecation

BODY_SECONDS: Final = 20.0
AT_ONCE: Final = 256
"""Requests that one process serves at a time: more would only wait for the database, each with its body in memory."""
ALIVE: Final = "/healthz"
"""Answered however much is asked: a process that has much to do is not dead."""
PATH_BYTES: Final = 2048
QUERY_BYTES: Final = 4096
HEADERS: Final[Mapping[bytes, bytes]] = MappingProxyType(
    {
        b"cache-control": b"no-store",
        b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
        b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        b"referrer-policy": b"no-referrer",
        b"x-content-type-options": b"nosniff",
        b"x-frame-options": b"DENY",
    }
)
"""On every response that does not set its own; the pages of the documentation set the first two."""

_HSTS: Final = (b"strict-transport-security", b"max-age=63072000")
_METHODS: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{8,64}")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_CONTROL_QUERY: Final = re.compile(rb"[\x00-\x1f\x7f]|%[01][0-9A-Fa-f]|%7[Ff]")
_CONTROL_HEADER: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class Edge:
    """Wraps the application. ``https``: whether callers reach it by TLS; ``body_seconds``: the time for one body."""

    def __init__(
        self, app: ASGIApp, *, https: bool = False, body_seconds: float = BODY_SECONDS, at_once: int = AT_ONCE
    ) -> None:
        self.app = app
        self.body_seconds = body_seconds
        self.at_once = at_once
        self.served = 0
        self.headers = [*HEADERS.items(), *([_HSTS] if https else [])]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of the server; whatever is not HTTP passes through."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        self.served += 1
        try:
            await _Exchange(self, scope, receive, send).serve()
        finally:
            self.served -= 1


class _Full(Exception):
    """All places were taken while a body came."""


def _nothing() -> None:
    """For a request that was not admitted."""


class _Exchange:
    """One request and its response."""

    def __init__(self, edge: Edge, scope: Scope, receive: Receive, send: Send) -> None:
        self._edge = edge
        self._scope = scope
        self._receive = receive
        self._send = send
        self._state: dict[str, Any] = scope.setdefault("state", {})
        self._state["request_id"] = _request_id(scope)
        self._status: int | None = None
        self._body_read = False
        self._deadline = asyncio.get_running_loop().time() + edge.body_seconds

    async def serve(self) -> None:
        begun = time.perf_counter()
        try:
            refusal = refused(self._scope)
            if self._edge.served > self._edge.at_once and self._scope["path"] != ALIVE:
                self._state["code"] = "unavailable"
                await unavailable()(self._scope, self._receive, self.send)
            elif refusal is None:
                await self._edge.app(self._scope, self.receive, self.send)
            else:
                self._state["code"] = refusal.code
                await response_of(refusal)(self._scope, self._receive, self.send)
        except ClientDisconnect:
            self._state["code"] = "client_disconnected"
        except _Full:
            self._state["code"] = "unavailable"
            await unavailable()(self._scope, self._receive, self.send)
        except Exception as error:
            await self._fail(error)
        finally:
            self._state.pop("leave", _nothing)()
            self._log(round((time.perf_counter() - begun) * 1000, 3))

    async def receive(self) -> Message:
        """The next event, within what is left of the time for the body."""
        if self._body_read:
            return await self._receive()
        stranger = "client_id" not in self._state
        self._edge.served -= stranger  # one whom nobody knows yet, and who has not said all, holds no place
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow from None
        finally:
            self._edge.served += stranger
        self._body_read = not message.get("more_body", False)
        if stranger and self._body_read and self._edge.served > self._edge.at_once:
            raise _Full
        return message

    async def send(self, message: Message) -> None:
        """Pass an event on, with our headers on the first."""
        if message["type"] == "http.response.start":
            self._status = message["status"]
            given = [(name, value) for name, value in message.get("headers", ()) if name.lower() != b"x-request-id"]
            names = {name.lower() for name, _ in given}
            ours = [header for header in self._edge.headers if header[0] not in names]
            ours += deprecation.headers(getattr(self._scope.get("route"), "openapi_extra", None) or {})
            identity = (b"x-request-id", self._state["request_id"].encode())
            message = {**message, "headers": [*given, *ours, identity]}
        await self._send(message)

    async def _fail(self, error: Exception) -> None:
        """A 500, or a cut connection if the response has begun: half an answer must not look like a whole one."""
        self._state["code"] = "internal_error"
        self._state["error_class"] = type(error).__name__
        self._state["error_at"] = place(error.__traceback__)
        if self._status is None:
            await internal_error()(self._scope, self._receive, self.send)

    def _log(self, duration_ms: float) -> None:
        state, method = self._state, self._scope["method"]
        log(
            "request",
            level="error" if "error_class" in state else "info",
            request_id=state["request_id"],
            method=method if method in _METHODS else "other",
            route=getattr(self._scope.get("route"), "path", None),
            status=self._status,
            duration_ms=duration_ms,
            client_id=state.get("client_id"),
            unit_id=state.get("unit_id"),
            role=state.get("role"),
            code=state.get("code"),
            error_class=state.get("error_class"),
            error_at=state.get("error_at"),
        )


def install(app: FastAPI, *, https: bool) -> None:
    """Put the edge around every route, inside the framework's own catch, which would hand exceptions to the server."""
    app.add_middleware(Edge, https=https)


def refused(scope: Scope) -> Problem | None:
    """Why a request is not even routed: too long, or with control characters, which no store and no log should meet."""
    raw_path = scope.get("raw_path") or scope["path"].encode()
    if len(raw_path) > PATH_BYTES or len(scope["query_string"]) > QUERY_BYTES:
        return UriTooLong()
    if _CONTROL.search(scope["path"]) or _CONTROL_QUERY.search(scope["query_string"]):
        return BadRequest("uri_malformed", "The path and the query hold no control characters, encoded or not.")
    if any(_CONTROL_HEADER.search(value) for _, value in scope["headers"]):
        return BadRequest("header_malformed", "A header holds no control characters.")
    unread = framing.flaw_of(scope)
    return BadRequest("request_malformed", unread) if unread is not None else None


def place(trace: TracebackType | None) -> str | None:
    """File and line of the innermost frame of ours: where to look, without a value. None if none is ours."""
    found = None
    while trace is not None:
        parts = PurePath(trace.tb_frame.f_code.co_filename).parts
        if "app" in parts and "site-packages" not in parts:
            last = len(parts) - 1 - parts[::-1].index("app")
            found = f"{'/'.join(parts[last:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return found


def _request_id(scope: Scope) -> str:
    """The caller's own id if it is a plain one, else a new random one of 128 bits."""
    sent = [value for name, value in scope["headers"] if name == b"x-request-id"]
    text = sent[0].decode("latin-1") if len(sent) == 1 else ""
    return text if _REQUEST_ID.fullmatch(text) else secrets.token_urlsafe(16)
