"""A running instance for tests: real database, migrated; the sandbox registered; clients speak HTTP to it.

``world(kind)`` runs the application in this process over ASGI; ``server(kind)`` is a real uvicorn process.
"""

import asyncio
import contextlib
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from app.exchange.hub import Hub
from app.main import create_app, open_hub
from app.sandbox.cluster import Cluster, both_roles, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.serving import new_keys
from app.settings import Settings, read_keys
from app.storage.migrate import upgrade

DATABASES = ("sqlite", "postgresql")
ROOT = Path(__file__).resolve().parents[1]
_TEMPLATE = "throughcare_template"


@functools.cache
def cluster() -> Cluster:
    """One PostgreSQL cluster for this test process, stopped at its end by ``tests/conftest.py``."""
    started = Cluster()
    started.start()
    upgrade(started.create(_TEMPLATE))
    return started


def stop_cluster() -> None:
    """Stop the cluster and remove the template, if a test made them."""
    if cluster.cache_info().currsize:
        cluster().stop()
    if _sqlite_template.cache_info().currsize:
        shutil.rmtree(_sqlite_template().parent, ignore_errors=True)


@functools.cache
def _sqlite_template() -> Path:
    path = Path(tempfile.mkdtemp(prefix="throughcare-test-")) / "template.db"
    upgrade(f"sqlite:///{path}")
    return path


def fresh_database(kind: str, folder: Path) -> str:
    """The URL of a new, migrated, empty database."""
    if kind == "sqlite":
        path = folder / "throughcare.db"
        shutil.copy(_sqlite_template(), path)
        return f"sqlite:///{path}"
    return cluster().create(f"t{uuid.uuid4().hex}", _TEMPLATE)


def settings_for(kind: str, folder: Path, port: int, **more: str) -> Settings:
    """Sandbox settings with a fresh database and keys in ``folder``."""
    chosen = both_roles(fresh_database(kind, folder)) | {
        "THROUGHCARE_KEYS": str(folder / "keys.json"),
        "THROUGHCARE_SANDBOX": "1",
        "THROUGHCARE_PORT": str(port),
        "THROUGHCARE_ISSUER": f"http://127.0.0.1:{port}",
        "THROUGHCARE_RATE_PER_MINUTE": "0",  # a few clients play what many would in a day
    }
    chosen |= more
    chosen |= both_roles(chosen["THROUGHCARE_DATABASE_URL"])
    (folder / "environment.json").write_text(json.dumps(chosen))
    settings = Settings.from_environment(chosen)
    if not settings.keys.exists():
        settings.keys.write_text(json.dumps(new_keys()))
    return settings


@dataclass
class World:
    """One instance and its clients."""

    settings: Settings
    hub: Hub
    http: httpx.AsyncClient
    clients: dict[str, dict[str, Any]]
    folder: Path

    def party(self, client: str) -> Party:
        """A sandbox client by id, such as ``c-court-treatment-judge``."""
        return Party(self.http, self.clients[client], f"{self.settings.issuer}/oauth/token")


@contextlib.asynccontextmanager
async def world(kind: str, **more: str) -> AsyncIterator[World]:
    """An instance in this process."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    settings = settings_for(kind, folder, 8000, **more)
    hub = await open_hub(settings)
    try:
        clients = await register(hub, bytes.fromhex(read_keys(settings)["master"]))
        app = create_app(settings)
        app.state.hub = hub
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.issuer) as http:
            yield World(settings, hub, http, {client["client_id"]: client for client in clients}, folder)
    finally:
        await hub.database.close()
        _drop(settings.database_url)
        shutil.rmtree(folder, ignore_errors=True)


def _drop(url: str) -> None:
    if url.startswith("postgresql"):
        name = url.rpartition("/")[2]
        with psycopg.connect(cluster().url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def run(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Decorator: run an async test in a loop of its own."""

    @functools.wraps(test)
    def plain(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return plain


@dataclass
class Server:
    """A real server process and how to start it again after it was killed."""

    settings: Settings
    folder: Path
    workers: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return self.settings.issuer

    def start(self) -> None:
        """Start, and wait until it answers."""
        environment = os.environ | json.loads((self.folder / "environment.json").read_text())
        command = [sys.executable, "-m", "app", "serve", "--workers", str(self.workers)]
        with open(self.folder / "server.log", "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + 60
        with httpx.Client(base_url=self.base_url, timeout=2) as http:
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.HTTPError):
                    if http.get("/readyz").status_code == 200:
                        return
                time.sleep(0.05)
        raise TimeoutError((self.folder / "server.log").read_text()[-2000:])

    def kill(self) -> None:
        """SIGKILL, workers included."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> int:
        """SIGTERM and the exit code."""
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)


@contextlib.contextmanager
def server(kind: str, workers: int = 1) -> Iterator[tuple[Server, dict[str, dict[str, Any]]]]:
    """A real uvicorn process on a free port, the sandbox registered; gives it and its clients by id."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    settings = settings_for(kind, folder, free_port())

    async def prepared() -> list[dict[str, Any]]:
        hub = await open_hub(settings)
        try:
            return await register(hub, bytes.fromhex(read_keys(settings)["master"]))
        finally:
            await hub.database.close()

    clients = {client["client_id"]: client for client in asyncio.run(prepared())}
    running = Server(settings, folder, workers)
    try:
        running.start()
        yield running, clients
    finally:
        running.kill()
        _drop(settings.database_url)
        shutil.rmtree(folder, ignore_errors=True)
