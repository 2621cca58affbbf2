"""Throwaway instances to measure: one database, seeded, served by the shipped application and by the baseline."""

import asyncio
import base64
import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from app.main import create_app, open_hub
from app.sandbox.cluster import Cluster, both_roles, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.sandbox.start import seed
from app.sandbox.steps import reading
from app.serving import prepare
from app.settings import Settings, read_keys
from benchmarks.figures import ROOT

JUDGE: Final = "c-court-treatment-judge"
CLINIC: Final = "c-clinic-harbor-clinic-staff"
BASELINE: Final = (
    "-m uvicorn benchmarks.baseline:create_app --factory --loop uvloop --http httptools --no-access-log "
    "--no-server-header --log-level warning --timeout-graceful-shutdown 20 --limit-concurrency 1000 --host 127.0.0.1"
)
"""The options of ``app.serving.serve``."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A migrated and seeded database and how a process reaches it."""

    kind: str
    settings: Settings
    environment: dict[str, str]
    judge: dict[str, Any]
    clinic: dict[str, Any]
    case_id: str
    folder: Path

    @property
    def path(self) -> str:
        """The judge's gated read of the seeded item."""
        return reading("treatment-statuses", self.case_id, "condition_monitoring")

    @property
    def database_file(self) -> Path:
        """The SQLite database."""
        return self.folder / "throughcare.db"


@dataclass(frozen=True, slots=True)
class Running:
    """One server process."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def base_url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def throwaway(*, needed: bool) -> Iterator[Cluster | None]:
    """A PostgreSQL of its own for as long as this lasts; None if none is needed."""
    if not needed:
        yield None
        return
    cluster = Cluster()
    cluster.start()
    try:
        yield cluster
    finally:
        cluster.stop()


@contextlib.contextmanager
def instance(kind: str, cluster: Cluster | None) -> Iterator[Instance]:
    """A seeded instance on SQLite, or on PostgreSQL if a cluster is given; removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-bench-"))
    name = f"b{uuid.uuid4().hex}"
    url = cluster.create(name) if cluster is not None else f"sqlite:///{folder / 'throughcare.db'}"
    environment = {
        "THROUGHCARE_KEYS": str(folder / "keys.json"),
        "THROUGHCARE_SANDBOX": "1",
        "THROUGHCARE_ISSUER": "http://127.0.0.1:8000",
        "THROUGHCARE_RATE_PER_MINUTE": "0",  # one client alone is the load
    } | both_roles(url)
    settings = Settings.from_environment(environment)
    try:
        prepare(settings, url)
        with contextlib.redirect_stderr(io.StringIO()):  # its log lines are of no interest here
            judge, clinic, case_id = asyncio.run(_seeded(settings))
        yield Instance(kind, settings, environment, judge, clinic, case_id, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _seeded(settings: Settings) -> tuple[dict[str, Any], dict[str, Any], str]:
    hub = await open_hub(settings)
    try:
        clients = {c["client_id"]: c for c in await register(hub, bytes.fromhex(read_keys(settings)["master"]))}
        app = create_app(settings)
        app.state.hub = hub
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=settings.issuer) as http:
            judge, clinic = (Party(http, clients[name], f"{settings.issuer}/oauth/token") for name in (JUDGE, CLINIC))
            return clients[JUDGE], clients[CLINIC], await seed(judge, clinic)
    finally:
        await hub.database.close()


@contextlib.contextmanager
def served(of: Instance, *, baseline: bool) -> Iterator[Running]:
    """A server process of this instance: the shipped application, or the baseline."""
    port = free_port()
    command = f"{BASELINE} --port {port}" if baseline else f"-m app serve --host 127.0.0.1 --port {port}"
    log = of.folder / f"{'baseline' if baseline else 'shipped'}.log"
    running = Running(start(command, of, log), port)
    try:
        wait_until_ready(running, log)
        yield running
    finally:
        running.process.terminate()
        running.process.wait(30)


def start(command: str, of: Instance, log: Path) -> "subprocess.Popen[bytes]":
    """Start a Python process on this instance, its output in ``log``."""
    environment = os.environ | of.environment
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, *command.split()], cwd=ROOT, env=environment, stdout=output, stderr=output
        )


def wait_until_ready(running: Running, log: Path, path: str = "/healthz", seconds: float = 30) -> None:
    """Ask until the answer is 200."""
    deadline = time.monotonic() + seconds
    while running.process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            with urllib.request.urlopen(running.base_url + path, timeout=2) as answer:
                if answer.status == 200:
                    return
        time.sleep(0.002)
    raise TimeoutError(log.read_text()[-2000:])


def token(running: Running, client: dict[str, Any]) -> str:
    """An access token, by the sandbox's client secret; it lives for 300 s."""
    pair = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
    request = urllib.request.Request(
        f"{running.base_url}/oauth/token", form, {"Authorization": f"Basic {pair}"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        issued: str = json.load(answer)["access_token"]
    return issued
