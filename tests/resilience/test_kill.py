"""kill -9 of the service and of PostgreSQL while clients write and read, at any moment between commit and answer.

Every received body has its record, every acknowledged write is there once, a repeated one is not doubled.
``THROUGHCARE_ROUNDS`` sets how often each victim is killed (2; ``make chaos`` takes 25).
"""

import asyncio
import contextlib
import os
import random
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from app.main import open_hub
from app.sandbox.cluster import Cluster, both_roles, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.serving import prepare
from app.settings import load_keys
from tests.resilience.patient import NAMES, Patient, begin
from tests.resilience.reckoning import Reckoning, stored
from tests.resilience.traffic import Traffic, Write
from tests.service import DATABASES, Server, run, settings_for

ROUNDS = int(os.environ.get("THROUGHCARE_ROUNDS", "2"))


class Place:
    """A service and its database, both its own, so that killing them disturbs no other test."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.cluster: Cluster | None = None
        more, owner_url = {}, None
        if kind == "postgresql":
            self.cluster = Cluster()
            self.cluster.start()
            owner_url = self.cluster.create("throughcare")
            more = both_roles(owner_url)
        self.settings = settings_for("sqlite", folder, free_port(), **more)
        prepare(self.settings, owner_url)
        self.service = Server(self.settings, folder, workers=1)
        self.clients: dict[str, dict[str, Any]] = {}

    async def registered(self) -> None:
        """Register the sandbox."""
        hub = await open_hub(self.settings)
        try:
            entries = await register(hub, bytes.fromhex(load_keys(self.settings.keys)["master"]))
        finally:
            await hub.database.close()
        self.clients = {entry["client_id"]: entry for entry in entries}

    def victims(self) -> dict[str, tuple[Callable[[], None], Callable[[], None]]]:
        """What can be killed: name -> (kill, start)."""
        found: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
            "service": (self.service.kill, self.service.start)
        }
        if self.cluster is not None:
            found["database"] = (self.cluster.kill, self._start_database)
        return found

    def _start_database(self) -> None:
        assert self.cluster is not None
        self.cluster.start()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.service.base_url}/readyz", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("the service did not find its database again")

    async def patient(self, http: httpx.AsyncClient) -> Patient:
        """The seeded patient."""
        token_url = f"{self.service.base_url}/oauth/token"
        return await begin(*(Party(http, self.clients[name], token_url) for name in NAMES))


@contextlib.contextmanager
def place(kind: str) -> Iterator[Place]:
    """A running place."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    there = Place(kind, folder)
    try:
        asyncio.run(there.registered())
        there.service.start()
        yield there
    finally:
        there.service.kill()
        if there.cluster is not None:
            there.cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


async def repeat(writes: list[Write]) -> None:
    """Send what was not acknowledged again, each with its own key, until it is."""
    for write in writes:
        deadline = time.monotonic() + 20
        while write.acknowledged is None and not await write.send():
            assert time.monotonic() < deadline, f"{write.path} is not acknowledged any more"
            await asyncio.sleep(0.05)


async def one_round(traffic: Traffic, kill: Callable[[], None], start: Callable[[], None]) -> None:
    """Traffic, a kill at any moment, and the restart."""
    stop = asyncio.Event()
    running = asyncio.create_task(traffic.run(stop))
    await asyncio.sleep(random.uniform(0.2, 0.9))
    await asyncio.to_thread(kill)
    await asyncio.sleep(0.05)
    stop.set()
    await running
    await asyncio.to_thread(start)


def connected(there: Place) -> httpx.AsyncClient:
    """A client that keeps no connection for longer than the service does."""
    limits = httpx.Limits(max_connections=32, keepalive_expiry=2)
    return httpx.AsyncClient(base_url=there.service.base_url, timeout=15, limits=limits)


async def any_moment(there: Place, someone: Patient) -> str:
    """Each victim is killed under traffic, ``ROUNDS`` times; what was told of it."""
    traffic, reckoning = Traffic(someone), Reckoning(there.settings, stored(there.settings.database_url))
    for _ in range(ROUNDS):
        for kill, start in there.victims().values():
            await one_round(traffic, kill, start)
            reckoning.after_restart(traffic)
            await repeat(traffic.writes)
            reckoning.after_repetition(traffic)
    assert len(traffic.received) > ROUNDS
    assert {write.table for write in traffic.writes} == set(stored(reckoning.url))
    kills, lost = ROUNDS * len(there.victims()), reckoning.committed_unanswered
    done = f"{len(traffic.writes)} writes, {lost} of them committed and unanswered"
    return f"{kills} kills: {done}; {len(traffic.received)} bodies, each recorded"


def request(method: str, path: str, token: str, body: Any = None, key: str = "") -> bytes:
    """The bytes of a request."""
    content = b"" if body is None else orjson.dumps(body)
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"] if content else []
    lines += [f"Idempotency-Key: {key}"] if key else []
    return "\r\n".join([*lines, "", ""]).encode() + content


def killed_on_answer(there: Place, *sent: bytes) -> None:
    """Send requests, and kill the service once the first byte of each answer is on the wire; nobody reads them."""
    with contextlib.ExitStack() as stack:
        for one in sent:
            wire = stack.enter_context(socket.create_connection(("127.0.0.1", there.settings.port), timeout=10))
            wire.sendall(one)
            assert wire.recv(1, socket.MSG_PEEK)
        there.service.kill()


async def on_the_wire(there: Place, someone: Patient) -> None:
    """A write and a read, killed with their answers on the wire.

    The same key gives the same referral, not a second one. All of a body whose first byte has left is recorded: the
    patient is told of what may have arrived.
    """
    token, url = await someone.judge.token(), there.settings.database_url
    items = [item["id"] for item in await someone.read()]
    own = (await someone.judge.get("/v1/referrals")).json()["items"][0]
    body = {name: own[name] for name in ("recipient", "case_id", "stage", "person", "conditions")}
    write, before = Write(someone.judge, "referral", "id", "/v1/referrals", body), stored(url)
    sent = request("POST", write.path, token, body, write.key)
    killed_on_answer(there, sent, request("GET", someone.path, token))
    reckoning = Reckoning(there.settings, before)
    reckoning.after_restart(Traffic(someone, writes=[write], received=[items, items]))
    with pytest.raises(AssertionError, match="have no record"):  # a body more than was recorded would be told
        reckoning.after_restart(Traffic(someone, writes=[write], received=[items] * 3))
    (kept,) = set(stored(url)["referral"]) - set(before["referral"])
    there.service.start()
    await repeat([write])
    assert write.acknowledged == kept
    assert len(stored(url)["referral"]) == len(before["referral"]) + 1


@pytest.mark.parametrize("kind", DATABASES)
def test_killed_between_commit_and_answer(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    with place(kind) as there:

        @run
        async def story() -> None:
            async with connected(there) as http:
                someone = await there.patient(http)
                await on_the_wire(there, someone)
                told = await any_moment(there, someone)
            with capsys.disabled():
                print(f"\n{kind}, {told}")

        story()
