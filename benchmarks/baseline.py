"""What the gate is measured beside: the same path, stack and token check, and no gate. Never part of app/.

The application is the shipped one with one endpoint exchanged, so that middleware, routing and reading of the request
cost the same. The exchanged endpoint runs the same facts statement and the same rows statement with the same keys, and
inserts one row that holds as many bytes as a gated read records; it takes no lock, decides nothing, minimises nothing,
and answers with constant bytes of the same length.
"""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from sqlalchemy import bindparam, insert, select
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import reads
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.main import create_app as create_shipped
from app.routers import reports
from app.routers.answering import answer_released
from app.routers.asking import admit_justice, number, purpose_of, query
from app.settings import Settings
from app.storage import tables as t
from app.storage.sqlite import SqliteDatabase
from app.storage.statement import Statement
from app.vocabulary import MessageKind, Scope
from benchmarks.witness import Witness

PATH: Final = "/v1/treatment-statuses"
ONE_ROW_PATH: Final = "/v1/one-row"
INSERT: Final = Statement(
    insert(t.consultation).values(
        id=bindparam("id"), at=bindparam("at"), unit_id=bindparam("unit_id"), entry=bindparam("entry")
    )
)
ONE_ROW: Final = Statement(
    select(t.case_view.c.sealed).where(
        t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_id == bindparam("case")
    )
)


@dataclass(frozen=True, slots=True)
class Measure:
    """What one gated read of this question did: its two statements' values, the bytes recorded, the bytes answered."""

    facts: tuple[Any, ...]
    rows: tuple[Sequence[Any], ...]
    entry: bytes
    body: bytes


def create_app(settings: Settings | None = None) -> FastAPI:
    """The shipped application with the gated read of treatment statuses exchanged, and a bare one-row read."""
    app = create_shipped(settings if settings is not None else Settings.from_environment(os.environ))
    here = next(n for n, r in enumerate(app.router.routes) if getattr(r, "original_router", None) is reports.router)
    app.include_router(_exchanged(reports.router))
    app.router.routes[here] = app.router.routes.pop()
    app.add_api_route(ONE_ROW_PATH, one_row, methods=["GET"])
    app.state.measures = {}
    return app


def _exchanged(router: APIRouter) -> APIRouter:
    made = APIRouter()
    for route in router.routes:
        if getattr(route, "path", "") == PATH and "GET" in getattr(route, "methods", ()):
            made.add_api_route(PATH, ungated, methods=["GET"])
        else:
            made.routes.append(route)
    return made


async def ungated(request: Request) -> Response:
    """The same token, the same parameters, the same two reads, one row, and constant bytes."""
    caller, hub = await admit_justice(request, Scope.REPORTS_READ), _unwalled(request)
    asked = query(request, "referral", "after", "limit", required=("case", "purpose"))
    purpose, limit = purpose_of(asked["purpose"]), number(asked, "limit", 100, 200)
    measures: dict[tuple[str, str], Measure] = request.app.state.measures
    measure = measures.get((caller.client, asked["case"]))
    if measure is None:
        reading = reads.Reading(MessageKind.TREATMENT_STATUS, asked["case"], purpose, limit=limit)
        measure = measures[caller.client, asked["case"]] = await measured(request, hub, caller, reading)
    row = {"id": secrets.token_hex(16), "unit_id": caller.unit, "entry": measure.entry}
    if isinstance(hub.database, SqliteDatabase):
        await _on_sqlite(hub.database, measure, row)
    else:
        async with hub.database.read() as reader:
            (facts,) = await reader.raw("facts", *measure.facts)
            await reader.raw("rows", *measure.rows)
            await reader.all(INSERT, **row, at=facts["at"])  # in autocommit: a transaction by itself
    return Response(measure.body, media_type="application/json")


def _unwalled(request: Request) -> Hub:
    """The service as its own role reaches it: the baseline has no second wall either."""
    hub: Hub = request.app.state.hub
    return hub


async def _on_sqlite(database: SqliteDatabase, measure: Measure, row: dict[str, Any]) -> None:
    async with database.read() as reader:
        (facts,) = await reader.raw("facts", *measure.facts)
        await reader.raw("rows", *measure.rows)
    text, arguments = INSERT.named("sqlite", row | {"at": facts["at"]})
    await database.grouped(lambda writer: writer.execute(text, arguments).rowcount == 1)


async def one_row(request: Request) -> Response:
    """For context: one row by its primary key, no token, nothing recorded."""
    asked = query(request, required=("case", "unit"))
    async with _unwalled(request).database.read() as reader:
        row = await reader.one(ONE_ROW, unit=asked["unit"], case=asked["case"])
    return Response(row["sealed"] if row is not None else b"", media_type="application/octet-stream")


async def measured(request: Request, hub: Hub, caller: Caller, reading: reads.Reading) -> Measure:
    """Play one gated read, by the shipped flow, and keep what it asked, recorded and answered."""
    witness = Witness(hub.database)
    released = await reads.by_case(witness.of(hub), caller, reading)
    assert witness.recorded is not None
    record = witness.recorded
    entry = record.entry + b"".join(entry + opening for *_, entry, opening in record.disclosures)
    answer = answer_released(request, hub, caller, released, reads.next_cursor(hub, caller, reading, released.value))
    return Measure(witness.asked["facts"], witness.asked["rows"], entry, bytes(answer.body))
