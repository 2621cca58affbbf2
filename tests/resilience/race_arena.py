"""A real server of four workers on a PostgreSQL that remembers when each transaction was committed."""

import contextlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx

from app.exchange.hub import Hub
from app.main import open_hub
from app.sandbox.cluster import Cluster, as_role, free_port
from app.sandbox.party import Party
from app.sandbox.register import register
from app.serving import prepare
from app.settings import read_keys
from tests.resilience.race import Pace, Race
from tests.service import Server, settings_for

CLINIC: Final = "u-clinic-harbor"
PRISON: Final = "u-prison-health"
WORKERS: Final = 4
PATIENCE: Final = 240.0
"""Seconds, beside those that any other test waits for a server."""
_CONNECTIONS: Final = 70


@contextlib.contextmanager
def serving() -> Iterator[Server]:
    """The server, on a cluster of its own."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    cluster = Cluster(track_commit_timestamp="on")
    running = None
    try:
        cluster.start()
        url = cluster.create("races")
        # settings_for makes a database of its kind unless it is given one.
        settings = settings_for("sqlite", folder, free_port(), THROUGHCARE_DATABASE_URL=url)
        prepare(settings, url)
        running = Server(settings, folder, WORKERS)
        _start(running)
        yield running
    finally:
        if running is not None:
            running.kill()
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: Server) -> None:
    """Start it; where many things run at once, four processes take longer than a minute to import the service."""
    try:
        server.start()
    except TimeoutError:
        deadline = time.monotonic() + PATIENCE
        with httpx.Client(base_url=server.base_url, timeout=5) as http:
            while time.monotonic() < deadline:
                with contextlib.suppress(httpx.HTTPError):
                    if http.get("/readyz").status_code == 200:
                        return
                time.sleep(0.5)
        raise


@dataclass
class Arena:
    """What every lane shares: the server, the flows of the command line, the clinics, the database's own clock."""

    server: Server
    hub: Hub
    http: httpx.AsyncClient
    pool: Any
    clients: dict[str, dict[str, Any]]
    races: list[Race] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.clinic = self._known("c-clinic-harbor-clinic-staff")
        self.nurse = self._known("c-prison-health-prison-clinician")

    @property
    def url(self) -> str:
        """Of the database."""
        return self.server.settings.database_url

    def _known(self, client: str) -> Party:
        entry = self.clients[client]
        return self.party(client, entry["unit_id"], entry["private_jwk"])

    def party(self, client: str, unit: str, key: dict[str, Any]) -> Party:
        """A client with one of its keys, without a token yet."""
        entry = {"client_id": client, "unit_id": unit, "private_jwk": key}
        return Party(self.http, entry, f"{self.server.base_url}/oauth/token")

    async def stamp(self, gates: Sequence[str]) -> tuple[datetime, datetime | None]:
        """The server's own clock, by which commits are stamped too, and the newest commit of these gate rows."""
        newest = "SELECT max(pg_xact_commit_timestamp(xmin)) FROM gate WHERE key = ANY($1::text[])"
        row = await self.pool.fetchrow(f"SELECT clock_timestamp() AS at, ({newest}) AS done", list(gates))
        return row["at"], row["done"]

    async def ask(self, text: str, *values: Any) -> Any:
        """One value from the database, beside the service."""
        return await self.pool.fetchval(text, *values)


@contextlib.asynccontextmanager
async def arena_of(server: Server) -> AsyncIterator[Arena]:
    """The arena of a running server, the sandbox registered."""
    limits = httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=2)  # less than the server keeps them
    hub = await open_hub(server.settings)
    try:
        entries = await register(hub, bytes.fromhex(read_keys(server.settings)["master"]))
        clients = {entry["client_id"]: entry for entry in entries}
        async with (
            httpx.AsyncClient(base_url=server.base_url, limits=limits, timeout=60) as http,
            asyncpg.create_pool(as_role(server.settings.database_url), min_size=1, max_size=6) as pool,
        ):
            yield Arena(server, hub, http, pool, clients)
    finally:
        await hub.database.close()
