"""Real servers and what a client of theirs sees of HTTP: status, every header in order, the body's own bytes.

Servers run in the loop of the test, so that a test can put a database, or a fault, under them; between client and
server there is a loopback socket, as in production, and nothing that would tidy up what comes back.
"""

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import uvicorn
from starlette.types import ASGIApp

HOST: Final = "127.0.0.1:8000"
"""What both worlds are asked by, whatever their ports: a name of the host may come back in an answer."""

_Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_BODILESS: Final = frozenset({204, 304})


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
    """What came back."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first header of this name."""
        return next((value for key, value in self.headers if key == name), None)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Wire:
    """Connections to one server, kept alive, each used for one request at a time."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[_Connection] = []

    async def exchange(self, asked: Asked) -> Answered:
        """Send one request and read the whole response."""
        fresh = not self._idle
        connection = await asyncio.open_connection("127.0.0.1", self._port) if fresh else self._idle.pop()
        reader, writer = connection
        writer.write(_request(asked))
        answered = await _response(reader, asked.method)
        if answered.header("connection") == "close":
            writer.close()
        else:
            self._idle.append(connection)
        return answered

    async def close(self) -> None:
        """Hang up."""
        for _, writer in self._idle:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
        self._idle.clear()


def _request(asked: Asked) -> bytes:
    named = {"Host": HOST, "Content-Length": str(len(asked.body))} | dict(asked.headers or {})
    lines = [f"{asked.method} {asked.target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + asked.body


async def _response(reader: asyncio.StreamReader, method: str) -> Answered:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    status = int(first.split(" ", 2)[1])
    headers = tuple((name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines))
    sized = dict(headers)
    if method == "HEAD" or status in _BODILESS:
        return Answered(status, headers, b"")
    if "content-length" not in sized:  # nothing here is sent in chunks: a body is whole before it is sent
        raise RuntimeError(f"a response of no stated length: {headers}")
    return Answered(status, headers, await reader.readexactly(int(sized["content-length"])))


class _Server(uvicorn.Server):
    """uvicorn as in production, but that it takes no signals: those are the test run's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


@asynccontextmanager
async def serving(app: ASGIApp) -> AsyncIterator[Wire]:
    """A server of this application on a loopback port of its own, and a way to it."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # or each answer waits for an acknowledgement
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="off",  # whoever serves has opened the hub, and closes it
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_keep_alive=3600,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.005)
    wire = Wire(listening.getsockname()[1])
    try:
        yield wire
    finally:
        await wire.close()
        server.should_exit = True
        await running
