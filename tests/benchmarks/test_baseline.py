"""The baseline is what it says: the shipped stack, the same two reads, one row of the same bytes, and nothing else."""

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import bindparam, select

from app.exchange import reads
from app.exchange.authenticate import authenticate
from app.exchange.hub import Hub
from app.sandbox.party import Party
from app.sandbox.start import seed
from app.sandbox.steps import reading
from app.storage import hot, registry
from app.storage import tables as t
from app.storage.statement import Statement
from app.vocabulary import MessageKind, Purpose
from benchmarks import baseline
from benchmarks.baseline import Measure
from benchmarks.witness import Witness
from tests.service import DATABASES, World, run, world

JUDGE, CLINIC = "c-court-treatment-judge", "c-clinic-harbor-clinic-staff"
pytestmark = pytest.mark.parametrize("kind", DATABASES)


@contextlib.contextmanager
def overheard(hub: Hub) -> Iterator[list[str]]:
    """Every statement that the driver sends, by its own tracing: sqlite3's trace callback, asyncpg's query log."""
    spoken: list[str] = []
    database: Any = hub.database
    if database.dialect == "sqlite":
        connections = (database._reader, database._writer)
        for connection in connections:
            connection.set_trace_callback(spoken.append)
        yield spoken
        for connection in connections:
            connection.set_trace_callback(None)
        return

    def log(record: Any) -> None:
        spoken.append(record.query)

    async def listen(connection: Any) -> None:
        connection.add_query_logger(log)

    async def leave(connection: Any) -> None:
        connection.remove_query_logger(log)

    for holder in database.pools.serving._holders:
        holder._setup = listen
    yield spoken
    for holder in database.pools.serving._holders:
        holder._setup = leave


@contextlib.asynccontextmanager
async def compared(kind: str) -> AsyncIterator[tuple[World, FastAPI, Party, str]]:
    """A seeded world, the baseline application on it, the judge's party there, and the path of the read."""
    async with world(kind) as w:
        case_id = await seed(w.party(JUDGE), w.party(CLINIC))
        app = baseline.create_app(w.settings)
        app.state.hub = w.hub
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
            judge = Party(http, w.clients[JUDGE], f"{w.settings.issuer}/oauth/token")
            path = reading("treatment-statuses", case_id, "condition_monitoring")
            assert (await judge.get(path)).status_code == 200  # the first asks the shipped flow what to repeat
            yield w, app, judge, path


def kinds(spoken: list[str], dialect: str) -> list[str]:
    """What each statement is for."""
    starts = {"BEGIN IMMEDIATE": "begin", "COMMIT": "commit", "INSERT INTO consultation": "insert"}
    if dialect == "postgresql":
        exact = {hot.POSTGRESQL["facts"]: "facts", hot.POSTGRESQL["rows"]: "rows", hot.RECORD: "record"}
        exact[registry.LIVE_ASSIGNMENT.positional(dialect, {})[0]] = "authentication"
    else:
        exact = {}
        starts |= {"WITH c AS": "facts", "SELECT * FROM (SELECT": "rows", "SELECT assignment.role": "authentication"}
    return [exact.get(one) or next((starts[s] for s in starts if one.lstrip().startswith(s)), one) for one in spoken]


@run
async def test_two_reads_one_insert_and_authentication(kind: str) -> None:
    """And nothing else: no lock, no second insert, no reset of the connection."""
    async with compared(kind) as (w, _, judge, path):
        with overheard(w.hub) as spoken:
            assert (await judge.get(path)).status_code == 200
        insert = {"sqlite": ["begin", "insert", "commit"], "postgresql": ["insert"]}[kind]
        assert kinds(spoken, kind) == ["authentication", "facts", "rows", *insert]


@run
async def test_same_reads_same_bytes_as_the_gated_read(kind: str) -> None:
    """Same values for both statements, as many bytes recorded and answered, on the same path."""
    async with compared(kind) as (w, app, judge, path):
        (measure,) = app.state.measures.values()
        gated = await w.party(JUDGE).get(path)
        witness = Witness(w.hub.database)
        caller = await authenticate(w.hub, f"Bearer {await judge.token()}", None, "r-1")
        case_id = parse_qs(urlsplit(path).query)["case"][0]
        asked = reads.Reading(MessageKind.TREATMENT_STATUS, case_id, Purpose.CONDITION_MONITORING)
        released = await reads.by_case(witness.of(w.hub), caller, asked)
        assert len(released.value.items) == 5
        assert (witness.asked["facts"], witness.asked["rows"]) == (measure.facts, measure.rows)
        assert witness.recorded is not None
        disclosed = sum(len(entry) + len(opening) for *_, entry, opening in witness.recorded.disclosures)
        assert len(witness.recorded.entry) + disclosed == len(measure.entry)
        answered = await judge.get(path)
        assert len(answered.content) == len(gated.content) == len(measure.body)


@run
async def test_each_baseline_read_leaves_one_row_of_those_bytes(kind: str) -> None:
    async with compared(kind) as (w, app, judge, path):
        (measure,) = app.state.measures.values()
        before = await _rows(w, measure)
        for _ in range(3):
            assert (await judge.get(path)).status_code == 200
        assert await _rows(w, measure) == before + 3


async def _rows(w: World, measure: Measure) -> int:
    rows = Statement(select(t.consultation.c.id).where(t.consultation.c.entry == bindparam("entry")))
    async with w.hub.database.read() as reader:
        return len(await reader.all(rows, entry=measure.entry))
