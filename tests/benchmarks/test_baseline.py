"""The baseline is what it says: the shipped stack, the same two reads, one row of the same bytes, and nothing else."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.sandbox.party import Party
from app.sandbox.start import seed
from app.sandbox.steps import reading
from app.storage import registry
from app.storage.postgres import PostgresDatabase
from app.storage.sqlite import SqliteDatabase
from benchmarks import baseline
from tests.service import DATABASES, World, run, world

JUDGE, CLINIC = "c-court-treatment-judge", "c-clinic-harbor-clinic-staff"


@dataclass
class Spoken:
    """Every statement that reached the database, in order, with its values where the driver tells them."""

    statements: list[str] = field(default_factory=list)

    def beginning(self, text: str) -> list[str]:
        """The statements that begin with this text."""
        return [one for one in self.statements if one.lstrip().startswith(text)]


@contextlib.contextmanager
def overheard(w: World) -> Iterator[Spoken]:
    """What the drivers send, by their own tracing: sqlite3's trace callback, asyncpg's query log."""
    spoken = Spoken()
    database: Any = w.hub.database
    if isinstance(database, SqliteDatabase):
        connections = (database._reader, database._writer)
        for connection in connections:
            connection.set_trace_callback(spoken.statements.append)
        yield spoken
        for connection in connections:
            connection.set_trace_callback(None)
    else:
        assert isinstance(database, PostgresDatabase)

        async def listen(connection: Any) -> None:
            connection.add_query_logger(log)

        async def log(record: Any) -> None:
            spoken.statements.append(record.query)

        holders = database._serving._holders
        for holder in holders:
            holder._setup = listen
        yield spoken


@contextlib.asynccontextmanager
async def asked(w: World) -> AsyncIterator[tuple[FastAPI, Party, str]]:
    """The baseline application on a seeded world, warm: the judge's party on it and the path of the read."""
    case_id = await seed(w.party(JUDGE), w.party(CLINIC))
    app = baseline.create_app(w.settings)
    app.state.hub = w.hub
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
        judge = Party(http, w.clients[JUDGE], f"{w.settings.issuer}/oauth/token")
        path = reading("treatment-statuses", case_id, "condition_monitoring")
        first = await judge.get(path)
        assert first.status_code == 200
        yield app, judge, path


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_baseline_makes_the_two_reads_and_one_insert(kind: str) -> None:
    async with world(kind) as w, asked(w) as (_, judge, path):
        with overheard(w) as spoken:
            assert (await judge.get(path)).status_code == 200
        text, _names = registry.LIVE_ASSIGNMENT._for(kind)[:2]
        kinds = [_kind(one, text) for one in spoken.statements]
        around = {"sqlite": ["begin", "insert", "commit"], "postgresql": ["insert"]}[kind]
        assert [one for one in kinds if one != "reset"] == ["authentication", "facts", "rows", *around]
