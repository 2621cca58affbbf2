"""A court's receiver of rings: a real HTTP server on loopback that keeps every request as it came."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from app.delivery.sender import Sender
from app.exchange import doorbells
from app.exchange.ringing import ring
from app.sandbox.party import Party
from app.sandbox.steps import must
from tests.service import World
from tests.storage.direct import change

OK = b"HTTP/1.1 204 No Content\r\n\r\n"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"


@dataclass(frozen=True)
class Rung:
    """One request: its line, its headers by lower-case name, its body."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The ring that it is a try of."""
        return self.headers["webhook-id"]

    def is_signed_by(self, secret: str) -> bool:
        """As the specification of Standard Webhooks says, with nothing of the service's own."""
        signed = f"{self.id}.{self.headers['webhook-timestamp']}.".encode() + self.body
        mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), signed, hashlib.sha256).digest()
        return self.headers["webhook-signature"] == "v1," + base64.b64encode(mac).decode()


@dataclass
class Receiver:
    """What came so far, and what it answers; ``held`` is never answered at all."""

    url: str = ""
    rung: list[Rung] = field(default_factory=list)
    answer: bytes = OK
    held: bool = False
    sent: int = 0
    """Bytes of answers that left."""
    came: asyncio.Event = field(default_factory=asyncio.Event)
    open: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def ids(self) -> list[str]:
        """Of every request, in order."""
        return [one.id for one in self.rung]

    async def take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        self.open.append(writer)
        with contextlib.closing(writer), contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            line, *named = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {key.lower(): value.strip() for key, _, value in (one.partition(":") for one in named if one)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            self.rung.append(Rung(line, headers, body))
            self.came.set()
            while self.held:
                await asyncio.sleep(0.05)
            for begin in range(0, len(self.answer), 65_536):
                writer.write(self.answer[begin : begin + 65_536])
                await writer.drain()
                self.sent += len(self.answer[begin : begin + 65_536])


@contextlib.asynccontextmanager
async def receiver(tls: ssl.SSLContext | None = None) -> AsyncIterator[Receiver]:
    """A receiver on a free port."""
    one = Receiver()
    server = await asyncio.start_server(one.take, "127.0.0.1", 0, ssl=tls)
    port = server.sockets[0].getsockname()[1]
    one.url = f"https://localhost:{port}/doorbell" if tls else f"http://127.0.0.1:{port}/doorbell"
    try:
        yield one
    finally:
        one.held = False
        server.close()
        for writer in one.open:
            writer.transport.abort()
        await asyncio.sleep(0.05)  # for the transports to notice


async def register(party: Party, url: str) -> dict[str, Any]:
    """A webhook of the party's unit and role."""
    return await must(await party.post("/v1/webhooks", {"url": url}), 201)


async def turn(w: World, **sender: Any) -> None:
    """A worker's look, and every ring that is set rung, whenever it would be due."""
    await doorbells.look(w.hub)
    change(w.settings.database_url, "UPDATE doorbell SET next_at = 1 WHERE next_at IS NOT NULL")
    sending = Sender(sandbox=w.settings.sandbox, **sender)
    try:
        await ring(w.hub, sending, once=True)
    finally:
        await sending.close()


def plain(rung: Rung) -> dict[str, Any]:
    """The body as JSON."""
    document: dict[str, Any] = json.loads(rung.body)
    return document
