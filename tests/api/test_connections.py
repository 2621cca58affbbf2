"""The server's side of a connection, over real sockets: slow heads, slow bodies, too many connections."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator

import uvicorn
from starlette.types import Message

from app.routers.connections import Connection
from app.routers.middleware import Edge
from tests.api.edge import make_app
from tests.service import run


class Hasty(Connection):
    """The same with limits that a test can wait for."""

    most = 3
    head_seconds = 0.5


@contextlib.asynccontextmanager
async def serving(body_seconds: float = 20.0) -> AsyncIterator[int]:
    """The port of a server in this process."""
    app = make_app(body_seconds=body_seconds)
    running = uvicorn.Server(uvicorn.Config(app, port=0, http=Hasty, log_config=None, lifespan="off"))
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    await task


async def said(port: int, *parts: bytes, pause: float = 0.0) -> tuple[bytes, dict[str, object]]:
    """Send the parts, read until the server closes: the status line and the problem."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
        await asyncio.sleep(pause)
    answered = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    head, _, body = answered.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    assert b"content-type: application/problem+json" in head.lower()
    return head.partition(b"\r\n")[0], json.loads(body)


@run
async def test_a_head_that_never_ends_and_a_connection_that_says_nothing_are_closed() -> None:
    async with serving() as port:
        for parts in ((), (b"GET /reports HTTP/1.1\r\nHost: a\r\n",), (b"G", b"E", b"T", b" ")):
            status, problem = await said(port, *parts, pause=0.1)
            assert status.startswith(b"HTTP/1.1 408 ") and problem["code"] == "request_timeout"


@run
async def test_a_body_that_trickles_is_refused_and_its_connection_closed() -> None:
    async with serving(body_seconds=0.5) as port:
        head = b"POST /reports HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n"
        status, problem = await said(port, head, b"{", b" ", b" ", pause=0.1)
        assert status.startswith(b"HTTP/1.1 408 ") and problem["code"] == "request_timeout"


@run
async def test_one_connection_too_many_is_told_so_as_a_problem_and_the_others_go_on() -> None:
    async with serving() as port:
        held = [await asyncio.open_connection("127.0.0.1", port) for _ in range(Hasty.most)]
        status, problem = await said(port)
        assert status.startswith(b"HTTP/1.1 503 ") and problem["code"] == "unavailable"
        reader, writer = held[0]
        writer.write(b"GET /reports HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 ")
        for _, writer in held:
            writer.close()


@run
async def test_more_requests_than_are_served_at_once_get_a_problem_at_once() -> None:
    """The one too many is refused without a look at it; when the others are through, the next is served."""
    gate, sent = asyncio.Event(), list[Message]()

    async def app(scope: object, receive: object, send: object) -> None:
        await gate.wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    def asked(path: str = "/v1/me") -> dict[str, object]:
        return {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}

    edge = Edge(app, at_once=2)
    first = [asyncio.create_task(edge(asked(), receive, send)) for _ in range(2)]
    await asyncio.sleep(0)
    await edge(asked(), receive, send)
    assert [m["status"] for m in sent if m["type"] == "http.response.start"] == [503]
    headers = dict(sent[0]["headers"])
    assert (headers[b"content-type"], headers[b"retry-after"]) == (b"application/problem+json", b"1")
    gate.set()
    await edge(asked("/healthz"), receive, send)
    await asyncio.gather(*first)
    await edge(asked(), receive, send)
    assert [m["status"] for m in sent if m["type"] == "http.response.start"] == [503]
