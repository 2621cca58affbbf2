"""What is sent after a head or after an answer: trailers are no headers, and nothing holds a connection for ever."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import uvicorn
import uvloop

from app.routers.connections import Connection
from tests.api.edge import make_app
from tests.service import run

GET = b"GET /reports HTTP/1.1\r\nHost: a\r\n"
BODY = b'{"case":"a","service":"detox","day":"2026-01-01"}'
CHUNKED = b"POST /reports HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
TYPE = b"Content-Type: application/json\r\n"


class Hasty(Connection):
    """The same with limits that a test can wait for."""

    head_seconds = 0.5
    write_seconds = 0.5


@pytest.fixture
def _uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop that serves: it is less lenient with a connection that is gone."""
    monkeypatch.setattr(asyncio, "run", uvloop.run)


@contextlib.asynccontextmanager
async def connected() -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server in this process."""
    config = uvicorn.Config(make_app(), port=0, http=Hasty, log_config=None, lifespan="off", timeout_keep_alive=1)
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    while not running.started:
        await asyncio.sleep(0.01)
    reader, writer = await asyncio.open_connection("127.0.0.1", running.servers[0].sockets[0].getsockname()[1])
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        running.should_exit = True
        await task


def _trailed(head: bytes, trailers: bytes) -> bytes:
    return CHUNKED + head + b"\r\n" + b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n" + trailers + b"\r\n"


@run
async def test_a_trailer_is_no_header() -> None:
    """A proxy checks, adds and removes headers, and lets trailers pass: they say nothing (RFC 9110 6.5)."""
    async with connected() as (reader, writer):
        for sent, status in (
            (_trailed(TYPE, b""), b"200"),
            (_trailed(b"", TYPE), b"415"),
            (_trailed(TYPE, b"X-Request-Id: " + b"a" * 20 + b"\r\n"), b"200"),
        ):
            writer.write(sent)
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.split()[1] == status and b"a" * 20 not in head
            length = next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))


@pytest.mark.parametrize(
    ("sent", "more"),
    [
        (GET + b"Content-Length: 9000000\r\n\r\n", b"x"),
        (GET + b"Content-Length: 3\r\n\r\n", b"x"),
        (GET + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (GET + b"\r\n", b"\r\n"),
    ],
    ids=["a body that goes on", "a body that ends late", "chunks that go on", "empty lines"],
)
@run
async def test_what_trickles_in_after_an_answer_holds_no_connection(sent: bytes, more: bytes) -> None:
    async with connected() as (reader, writer):
        writer.write(sent)
        await reader.readuntil(b"\r\n\r\n")
        async with asyncio.timeout(8):
            for _ in range(3):
                await asyncio.sleep(0.1)
                writer.write(more)
            rest = b""
            with contextlib.suppress(ConnectionError):
                while part := await reader.read(4096):
                    rest += part
        assert b"HTTP/1.1 " not in rest  # no second answer to one request


@run
async def test_a_body_that_ends_late_leaves_a_connection_that_serves_on() -> None:
    async with connected() as (reader, writer):
        writer.write(GET + b"Content-Length: 6\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(12)
        for part in (b"xxx", b"xxx" + GET, b"\r\n"):
            await asyncio.sleep(0.2)
            writer.write(part)
        assert (await reader.readuntil(b"\r\n\r\n")).split()[1] == b"200"


@pytest.mark.usefixtures("_uvloop")
@run
async def test_a_client_that_reads_no_answer_is_cut_off_and_holds_no_place(capsys: pytest.CaptureFixture[str]) -> None:
    """Answers that fill what the network takes, one behind another: each request would be served without an end."""
    asked = b"GET /docs/assets/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n"
    async with connected() as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # typeshed has it on the read side alone
        writer.write(asked * 12)
        await asyncio.sleep(2)
        assert [one for one in asyncio.all_tasks() if "run_asgi" in repr(one)] == []
    told = capsys.readouterr()
    assert '"level":"error"' not in told.out + told.err
