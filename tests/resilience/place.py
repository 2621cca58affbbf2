"""A service, its sequencing worker and its database, all of them a test's own, so that killing disturbs no other."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from app.main import open_hub
from app.sandbox.cluster import Cluster, as_role, both_roles, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.serving import prepare
from app.settings import Settings, read_keys
from tests.resilience.patient import NAMES, Patient, begin
from tests.service import ROOT, Server, settings_for

Victim = tuple[Callable[[], None], Callable[[], None]]
"""How to kill it and how to start it again."""


class Sequencer:
    """``python -m app work`` as a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, unless it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        environment = os.environ | json.loads((self._folder / "environment.json").read_text())
        with open(self._folder / "work.log", "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "app", "work"], cwd=ROOT, env=environment, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


class Place:
    """A service and its database."""

    def __init__(self, kind: str, folder: Path, cluster: Cluster | None = None, *, workers: int = 1) -> None:
        self.folder = folder
        self.cluster = cluster
        more = {"THROUGHCARE_RATE_PER_MINUTE": "0"}
        if kind == "postgresql":
            if self.cluster is None:
                self.cluster = Cluster()
                self.cluster.start()
            more["THROUGHCARE_DATABASE_URL"] = self.cluster.create("throughcare")
        self.settings = settings_for("sqlite", folder, free_port(), **more)
        prepare(self.settings, as_role(self.settings.database_url))
        self.service = Server(self.settings, folder, workers)
        self.sequencer = Sequencer(folder)
        self.clients: dict[str, dict[str, Any]] = {}

    async def registered(self) -> None:
        """Register the sandbox."""
        hub = await open_hub(self.settings)
        try:
            entries = await register(hub, bytes.fromhex(read_keys(self.settings)["master"]))
        finally:
            await hub.database.close()
        self.clients = {entry["client_id"]: entry for entry in entries}

    def point_at(self, url: str) -> None:
        """Have the next start of the service and of the worker use another database."""
        path = self.folder / "environment.json"
        chosen = json.loads(path.read_text()) | both_roles(url)
        path.write_text(json.dumps(chosen))
        self.settings = self.service.settings = Settings.from_environment(chosen)

    def victims(self) -> dict[str, Victim]:
        """What can be killed, by name."""
        found: dict[str, Victim] = {"service": (self.service.kill, self.service.start)}
        if self.cluster is not None:
            found["database"] = (self.cluster.kill, self.start_database)
        return found

    def more_victims(self) -> dict[str, Victim]:
        """Single processes: one of the service's workers, the sequencing worker, one connection of the database."""
        found = {"sequencer": (self.sequencer.kill, self.sequencer.start)}
        if self.service.workers > 1:
            found["service worker"] = (self._kill_a_worker, self.wait)
        return found

    def _kill_a_worker(self) -> None:
        """Kill the youngest worker process: the oldest child is Python's own tracker of resources."""
        assert self.service.process is not None
        listed = subprocess.run(
            ["pgrep", "-n", "-P", str(self.service.process.pid)], capture_output=True, text=True, check=False
        )
        for process in listed.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(process), signal.SIGKILL)

    def start_database(self) -> None:
        """Start the cluster and wait until the service has found it again."""
        assert self.cluster is not None
        self.cluster.start()
        self.wait()

    def wait(self) -> None:
        """Wait until the service is ready."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(f"{self.service.base_url}/readyz", timeout=5).status_code == 200:
                    return
            time.sleep(0.05)
        raise TimeoutError("the service did not find its database again")

    def party(self, http: httpx.AsyncClient, name: str) -> Party:
        """A sandbox client."""
        return Party(http, self.clients[name], f"{self.service.base_url}/oauth/token")

    async def patient(self, http: httpx.AsyncClient) -> Patient:
        """The seeded patient."""
        return await begin(*(self.party(http, name) for name in NAMES))

    def end(self) -> None:
        """Kill everything and remove it."""
        self.sequencer.kill()
        self.service.kill()
        if self.cluster is not None:
            self.cluster.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@contextlib.contextmanager
def place(
    kind: str, cluster: Cluster | None = None, *, workers: int = 1, folder: Path | None = None
) -> Iterator[Place]:
    """A running place; ``folder``: where its directory is made."""
    there = Place(kind, Path(tempfile.mkdtemp(prefix="throughcare-test-", dir=folder)), cluster, workers=workers)
    try:
        asyncio.run(there.registered())
        there.service.start()
        yield there
    finally:
        there.end()


def connected(there: Place) -> httpx.AsyncClient:
    """A client that keeps no connection for longer than the service does.

    As many as it likes: a request that is given up keeps its place in the pool for ever now and then, and after some
    hundred hang-ups the client would wait for itself.
    """
    limits = httpx.Limits(max_connections=None, keepalive_expiry=2)
    return httpx.AsyncClient(base_url=there.service.base_url, timeout=15, limits=limits)
