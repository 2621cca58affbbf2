"""Two instances of the service with the same keys and the same clock, and the parties that act in them.

Beside the sandbox's own agencies there is a neighbouring county, registered in both worlds alike: a court, a sheriff
and a clinic whose acts happen in the hidden world alone. Nobody who observes belongs to them.
"""

import base64
import json
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI
from sqlalchemy import bindparam, update

from app.exchange import administration
from app.exchange.hub import Hub
from app.main import create_app
from app.storage import tables as t
from app.storage.statement import Statement
from app.vocabulary import JUSTICE, AgencyKind, Role
from tests.api.worlds_http import Answered, Asked, Wire, serving
from tests.service import World, world

HARBOR: Final = "c-clinic-harbor-clinic-staff"
HILLSIDE: Final = "c-clinic-hillside-clinic-staff"
JUDGE: Final = "c-court-treatment-judge"
TEAM: Final = "c-court-treatment-court-team"
DIVERSION: Final = "c-police-diversion-police-diversion"
PROBATION: Final = "c-probation-adult-probation-officer"
FAMILY: Final = "c-court-family-judge"
PRIVACY: Final = "c-privacy-privacy-officer"
COUNTY: Final = "c-county-court-judge"
SHERIFF: Final = "c-sheriff-police-diversion"
LAKESIDE: Final = "c-clinic-lakeside-clinic-staff"
_COUNTY: Final = (
    (AgencyKind.COURT, "u-county-court", Role.JUDGE, COUNTY),
    (AgencyKind.POLICE, "u-sheriff", Role.POLICE_DIVERSION, SHERIFF),
    (AgencyKind.CLINIC, "u-clinic-lakeside", Role.CLINIC_STAFF, LAKESIDE),
)
_TURN = Statement(update(t.clock_floor).values(at=bindparam("at_")))
UNKNOWN: Final = "0" * 32
"""An id of nothing."""
AHEAD_US: Final = 3_600_000_000
"""The worlds' clock is the stored floor, an hour ahead of the real one: both read the very same instants."""


class Scene:
    """One world: the application, the way to its server, its clients, and the ids that its own steps have given."""

    def __init__(self, app: FastAPI, hub: Hub, wire: Wire, clients: Mapping[str, Mapping[str, Any]]) -> None:
        self.app = app
        self.hub = hub
        self.wire = wire
        self.clients = clients
        self.kept: dict[str, Any] = {}
        self.twin: Scene | None = None
        """For the plain world the one in which hidden things happen: its observers guess the very same ids there."""
        self.answered: set[tuple[str, str, str, int]] = set()
        """(method, path, client, status) of every answer."""
        self.now = 0
        """Microseconds since the clock of an example began."""
        self.clock = 0
        """Where the clock was last set, in microseconds since 1970; 0 while it never was."""
        self.tokens: dict[str, str] = {}
        """Access tokens by client."""

    @property
    def justice(self) -> list[str]:
        """Every justice client of the sandbox."""
        kinds = {kind.value for kind in JUSTICE}
        return [name for name, one in self.clients.items() if one["agency_kind"] in kinds]

    @property
    def observers(self) -> list[str]:
        """Every justice client of the sandbox, and the second clinic."""
        return [*self.justice, HILLSIDE]

    def role(self, who: str) -> Role:
        """The role of a sandbox client."""
        return Role(self.clients[who]["role"])

    def guessed(self, name: str) -> str:
        """The id that an observer tries for what is remembered under a name; nothing's, if nothing is."""
        whose = self.twin if self.twin is not None and name.startswith("hidden ") else self
        return str(whose.kept.get(name, UNKNOWN))

    async def turn(self, at: int) -> None:
        """Set the clock, in microseconds since 1970."""
        async with self.hub.database.write() as transaction:
            await transaction.run(_TURN, at_=at)
        self.clock = at

    async def token(self, who: str) -> str:
        """The party's access token; asked for once, it outlives a sequence."""
        if who not in self.tokens:
            answered = await self.wire.exchange(token_request(who, self.clients[who]["client_secret"]))
            self.tokens[who] = answered.json()["access_token"]
        return self.tokens[who]

    async def ask(self, asked: Asked) -> Answered:
        """Send a request with the party's token, unless it brings its own credentials or none on purpose."""
        headers = dict(asked.headers or {})
        if "Authorization" not in headers:
            headers["Authorization"] = f"Bearer {await self.token(asked.who)}"
        if asked.body:
            headers.setdefault("Content-Type", "application/json")
        sent = {name: value for name, value in headers.items() if value}
        answered = await self.wire.exchange(replace(asked, headers=sent))
        self.answered.add((asked.method, asked.target.partition("?")[0], asked.who, answered.status))
        return answered

    async def does(self, who: str, method: str, path: str, body: Any = None, key: str | None = None) -> Any:
        """A step of the sequence: it has to succeed. With ``key`` it can be replayed word for word."""
        content = json.dumps(body).encode() if body is not None else b""
        asked = Asked(who, "step", method, path, content, {"Idempotency-Key": key} if key else None)
        if key is not None:
            self.kept.setdefault("replayable", []).append(asked)
        answered = await self.ask(asked)
        if not 200 <= answered.status < 300:
            raise RuntimeError(f"{who} {method} {path}: {answered.status} {answered.body.decode()[:600]}")
        return answered.json()


def token_request(who: str, secret: str, **form: str) -> Asked:
    """A token request with the sandbox's client secret."""
    body = urlencode({"grant_type": "client_credentials"} | form).encode()
    basic = base64.b64encode(f"{who}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
    return Asked(who, f"token {sorted(form)}", "POST", "/oauth/token", body, headers)


@asynccontextmanager
async def two_worlds(kind: str) -> AsyncIterator[tuple[Scene, Scene]]:
    """The plain world and the hidden one, on one kind of database, alike until a hidden step is taken."""
    folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
    shared = {"THROUGHCARE_KEYS": str(folder / "keys.json")}
    try:
        async with world(kind, **shared) as plain, world(kind, **shared) as hidden:
            async with _scene(plain) as one, _scene(hidden) as other:
                yield one, other
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@asynccontextmanager
async def one_world(kind: str) -> AsyncIterator[Scene]:
    """A single world, for examples."""
    async with world(kind) as alone, _scene(alone) as scene:
        yield scene


@asynccontextmanager
async def _scene(one: World) -> AsyncIterator[Scene]:
    app = create_app(one.settings)
    app.state.hub = one.hub
    neighbours = await settle_county(one.hub)
    async with serving(app) as wire:
        yield Scene(app, one.hub, wire, one.clients | neighbours)


async def settle_county(hub: Hub) -> dict[str, dict[str, Any]]:
    """Register the neighbouring county; gives its clients."""
    clients: dict[str, dict[str, Any]] = {}
    for kind, unit, role, client in _COUNTY:
        secret = secrets.token_hex(16)
        agency = await administration.add_agency(hub, kind, "Neighbouring county", f"a-{client}")
        await administration.add_unit(
            hub, agency, unit, alias=unit, time_zone="America/Chicago", profile="us-42cfr2@1", identifier=unit
        )
        await administration.add_client(hub, unit, role, jwk=None, secret=secret, identifier=client)
        clients[client] = {"client_secret": secret, "unit_id": unit, "role": role.value, "agency_kind": "neighbour"}
    return clients


def start_of_clock() -> int:
    """The first instant of both worlds' clock, in microseconds since 1970."""
    return int(datetime.now(UTC).timestamp()) * 1_000_000 + AHEAD_US
