"""A real server of two workers on SQLite, and bytes sent to it as no client library would send them."""

import asyncio
import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from app.sandbox.party import Party
from tests.api.replay import CLIENTS
from tests.service import Server, server

STATUS = re.compile(rb"(?:^|(?<=[}\]\n.]))HTTP/1\.[01] (\d{3}) ")
CANARY = "Zq7WireCanary"


@dataclass(frozen=True)
class Heard:
    """All that came back: status of each answer in order, every byte, and whether the server closed."""

    statuses: tuple[int, ...]
    raw: bytes
    closed: bool


@dataclass
class Line:
    """The server, its log, and a token of a court's client."""

    process: Server
    clients: dict[str, dict[str, Any]]
    tokens: dict[str, str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.process.base_url.rpartition(":")[2])

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.process.folder / "server.log"

    def renew(self) -> None:
        """Tokens of all who carry out a worked example: they live for five minutes."""
        asyncio.run(self._renew())

    async def _renew(self) -> None:
        async with httpx.AsyncClient(base_url=self.process.base_url) as http:
            for name in CLIENTS:
                party = Party(http, self.clients[name], f"{self.process.base_url}/oauth/token")
                self.tokens[name] = await party.token()


@contextlib.contextmanager
def line(kind: str = "sqlite", workers: int = 1) -> Iterator[Line]:
    """A running server and its clients' tokens."""
    with server(kind, workers) as (process, clients):
        there = Line(process, clients, {})
        there.renew()
        yield there


async def say(port: int, data: bytes, patience: float = 1.5) -> Heard:
    """Send the bytes on a connection of their own and listen until the server closes or says nothing more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    heard = bytearray()
    closed = False
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(patience):
            try:
                writer.write(data)
                await writer.drain()
                while part := await reader.read(65_536):
                    heard += part
                closed = True
            except ConnectionError:
                closed = True
    writer.transport.abort()
    return Heard(tuple(int(status) for status in STATUS.findall(bytes(heard))), bytes(heard), closed)


async def say_all(port: int, cases: dict[str, bytes], patience: float = 1.5) -> dict[str, Heard]:
    """Each on its own connection, all at once."""
    heard = await asyncio.gather(*(say(port, data, patience) for data in cases.values()))
    return dict(zip(cases, heard, strict=True))


def logged(path: Path) -> list[dict[str, Any]]:
    """The lines of a log, each one JSON object; ValueError for one that is none."""
    lines = [json.loads(text) for text in path.read_text("utf-8").splitlines()]
    if not all(isinstance(one, dict) and "event" in one for one in lines):
        raise ValueError("a line of the log is no event")
    return lines
