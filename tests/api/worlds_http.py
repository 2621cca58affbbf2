"""The application called as ASGI, nothing between: status, every header in order, the body's own bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message

HOST = b"127.0.0.1:8000"


@dataclass(frozen=True)
class Asked:
    """One request as an observer made it. ``label`` says what it is meant to find out, the same in both worlds."""

    who: str
    label: str
    method: str
    target: str
    body: bytes = b""
    headers: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Answered:
    """What came back, and the route that answered (None: no route did)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    route: str | None

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def exchange(app: ASGIApp, asked: Asked) -> Answered:
    """Send one request to the application and collect the whole response."""
    url = urlsplit(asked.target)
    headers = [(b"host", HOST), (b"content-length", str(len(asked.body)).encode())]
    headers += [(key.lower().encode(), value.encode()) for key, value in (asked.headers or {}).items()]
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": asked.method,
        "path": url.path,
        "raw_path": url.path.encode(),
        "query_string": url.query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 50000),
        "server": ("127.0.0.1", 8000),
    }
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": asked.body, "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    named = tuple((key.decode("latin-1").lower(), value.decode("latin-1")) for key, value in start["headers"])
    content = b"".join(message.get("body", b"") for message in rest)
    return Answered(start["status"], named, content, _route(scope))


def _route(scope: Mapping[str, Any]) -> str | None:
    """The template of the route that answered; a plain one of the framework has its own path for a template."""
    path: str | None = getattr(scope.get("route"), "path", scope["path"] if "endpoint" in scope else None)
    return path
