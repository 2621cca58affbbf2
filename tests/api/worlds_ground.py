"""Where the machine plays: two servers of this process, and fresh databases put under them for each sequence.

The sandbox is registered and the first referrals are sent once, in a template; each sequence begins with two copies.
"""

import asyncio
import copy
import shutil
import tempfile
import time
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, TypeVar

import psycopg
import uvloop
from fastapi import FastAPI

from app.exchange.hub import Hub
from app.main import create_app, open_hub
from app.sandbox.cluster import JUSTICE, SERVING, as_role
from app.sandbox.register import register
from app.settings import Settings, read_keys
from tests.api.worlds_bells import Door, door, listen
from tests.api.worlds_http import Wire, serving
from tests.api.worlds_scene import Scene, settle_county, start_of_clock
from tests.api.worlds_visible import beginning, draw
from tests.service import cluster, settings_for

T = TypeVar("T")
_TEMPLATE_SECONDS: Final = 1200.0
"""Then it is made anew: the worlds' clock is ahead of the real one and must stay so."""
_TOKEN_SECONDS: Final = 150.0


@dataclass(frozen=True)
class Template:
    """What every sequence begins with. ``begins`` in microseconds since 1970, ``made`` in seconds of this process."""

    settings: Settings
    clients: dict[str, dict[str, Any]]
    kept: dict[str, Any]
    begins: int
    made: float


class Ground:
    """Two servers and what is under them; one a test process and kind of database."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
        self._servers = AsyncExitStack()
        self._folder = Path(tempfile.mkdtemp(prefix="throughcare-test-"))
        self._worlds: list[tuple[FastAPI, Wire]] = []
        self._open: list[tuple[Hub, str]] = []
        self._door: Door | None = None
        self._template: Template | None = None
        self._tokens: tuple[float, dict[str, str]] = (0.0, {})
        self._number = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Let everything in this ground run until ``work`` is done."""
        return self._runner.run(work)

    async def two_worlds(self) -> tuple[Scene, Scene, int]:
        """Two worlds that begin alike, and where their clock begins; what was played before is gone."""
        await self.clear()
        template = await self._current()
        if time.monotonic() - self._tokens[0] > _TOKEN_SECONDS:
            self._tokens = (time.monotonic(), {})
        plain, other = [await self._scene(template, *world) for world in self._worlds]
        return plain, other, template.begins

    @property
    def door(self) -> Door:
        """Where the bells of both worlds ring."""
        assert self._door is not None
        return self._door

    async def clear(self) -> None:
        """Close and remove the databases of the sequence before."""
        for hub, url in self._open:
            await hub.database.close()
            _remove(url)
        self._open.clear()

    def close(self) -> None:
        """Stop the servers and remove everything."""

        async def end() -> None:
            await self.clear()
            await self._servers.aclose()

        try:
            self.run(end())
            if self._template is not None:
                _remove(self._template.settings.database_url)
        finally:
            self._runner.close()
            shutil.rmtree(self._folder, ignore_errors=True)

    async def _scene(self, template: Template, app: FastAPI, wire: Wire) -> Scene:
        self._number += 1
        url = self._copied(template.settings.database_url)
        hub = app.state.hub = await open_hub(on(template.settings, url))
        self._open.append((hub, url))
        scene = Scene(app, hub, wire, template.clients)
        scene.kept = copy.deepcopy(template.kept)
        scene.tokens = self._tokens[1]
        return scene

    def _copied(self, url: str) -> str:
        if self.kind == "sqlite":
            path = self._folder / f"{self._number}.db"
            shutil.copy(url.removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        name = url.rpartition("/")[2]
        return cluster().create(f"{name}_{self._number}", name)

    async def _current(self) -> Template:
        if self._template is not None and time.monotonic() - self._template.made < _TEMPLATE_SECONDS:
            return self._template
        if self._template is not None:
            _remove(self._template.settings.database_url)
        settings = settings_for(self.kind, self._folder, 8000)
        if not self._worlds:
            self._door = await self._servers.enter_async_context(door())
            for _ in range(2):
                app = create_app(settings)
                self._worlds.append((app, await self._servers.enter_async_context(serving(app))))
        self._template = await self._made(settings)
        return self._template

    async def _made(self, settings: Settings) -> Template:
        made, begins = time.monotonic(), start_of_clock()
        hub = await open_hub(settings)
        try:
            registered = await register(hub, bytes.fromhex(read_keys(settings)["master"]))
            clients = {client["client_id"]: client for client in registered} | await settle_county(hub)
            app, wire = self._worlds[0]
            app.state.hub = hub
            scene, drawn = Scene(app, hub, wire, clients), draw("template", begins)
            for number, (_, step) in enumerate(beginning(drawn)):
                await scene.turn(begins + number * 1_000_000)
                await step(scene)
            await listen(scene, self.door.url)
        finally:
            await hub.database.close()
        return Template(settings, clients, scene.kept, begins + 10_000_000, made)


def on(settings: Settings, url: str) -> Settings:
    """The same settings for another database."""
    if url.startswith("sqlite"):
        return replace(settings, database_url=url)
    return replace(settings, database_url=as_role(url, SERVING), justice_database_url=as_role(url, JUSTICE))


def _remove(url: str) -> None:
    if url.startswith("sqlite"):
        for path in Path(url.removeprefix("sqlite:///")).parent.glob(Path(url).name + "*"):
            path.unlink()
        return
    with psycopg.connect(cluster().url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)'.encode())
