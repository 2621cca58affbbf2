"""Planted leaks, each of a kind that real services have had. The comparison is worth something only if it finds them.

Each is put into the running application of both worlds alike: what differs is only what it lets out.
"""

import hashlib
from contextvars import ContextVar
from typing import Any

import orjson
import pytest
from sqlalchemy import bindparam, func, select
from starlette.responses import Response

from app.consent import item, minimise, obligations
from app.errors import Forbidden
from app.exchange import reads, release
from app.routers import answering, reports
from app.storage import content
from app.storage import tables as t
from app.storage.statement import Statement

_CASE = (
    select(t.case_view.c.case_key)
    .where(t.case_view.c.unit_id == bindparam("unit"), t.case_view.c.case_id == bindparam("case_id"))
    .scalar_subquery()
)
_ABOUT = select(t.referral.c.patient_id).where(t.referral.c.case_key == _CASE)
_TOTAL = Statement(select(func.count().label("rows")).select_from(t.message).where(t.message.c.patient_id.in_(_ABOUT)))
_NEWEST = Statement(
    select(t.message.c.id)
    .where(t.message.c.kind != "referral")
    .order_by(t.message.c.created_at.desc(), t.message.c.id)
    .limit(1)
)
_CONSENTS = Statement(select(func.count().label("rows")).select_from(t.consent).where(t.consent.c.case_key == _CASE))
_KNOWN: ContextVar[Any] = ContextVar("known")
"""What the leaky step of a request knows beyond what may be told, for its later steps."""


def total(monkeypatch: pytest.MonkeyPatch) -> None:
    """A count made before the filter, beside the items."""
    by_case, answer = reads.by_case, answering.answer_released

    async def counted(hub: Any, caller: Any, reading: Any) -> Any:
        async with hub.database.read() as reader:
            row = await reader.one(_TOTAL, unit=caller.unit, case_id=reading.case_id)
        _KNOWN.set(row["rows"])
        return await by_case(hub, caller, reading)

    def answered(*arguments: Any) -> Response:
        response = answer(*arguments)
        if response.status_code != 200:
            return response
        body = orjson.loads(response.body) | {"total": _KNOWN.get()}
        return Response(orjson.dumps(body), 200, {"ETag": response.headers["etag"]}, "application/json")

    monkeypatch.setattr(reads, "by_case", counted)
    monkeypatch.setattr(reports, "answer_released", answered)


def _knows_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    read_rows = content.read_rows

    async def read(reader: Any, verdict: Any, vault: Any) -> Any:
        row = await reader.one(_NEWEST)
        _KNOWN.set(row["id"] if row is not None else "")
        return await read_rows(reader, verdict, vault)

    monkeypatch.setattr(release, "read_rows", read)


def rotating_id(monkeypatch: pytest.MonkeyPatch) -> None:
    """An item id derived from the newest message: it changes with a report that shows nothing."""
    item_id = item.item_id
    _knows_newest(monkeypatch)

    def rotating(*arguments: Any) -> str:
        return hashlib.sha256(f"{item_id(*arguments)}{_KNOWN.get('')}".encode()).hexdigest()[:32]

    monkeypatch.setattr(minimise, "item_id", rotating)


def etag_of_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """An ETag from the row's version, not from what is shown."""
    conditional = answering._conditional
    _knows_newest(monkeypatch)

    def of_row(*arguments: Any, **named: Any) -> Response:
        response = conditional(*arguments, **named)
        known = f"{response.headers['etag']}{_KNOWN.get('')}"
        response.headers["etag"] = f'"{hashlib.sha256(known.encode()).hexdigest()[:32]}"'
        return response

    monkeypatch.setattr(answering, "_conditional", of_row)


def refused_aloud(monkeypatch: pytest.MonkeyPatch) -> None:
    """403 where there is something that may not be seen, an empty list where there is nothing."""
    by_case = reads.by_case

    async def told(hub: Any, caller: Any, reading: Any) -> Any:
        released = await by_case(hub, caller, reading)
        async with hub.database.read() as reader:
            row = await reader.one(_CONSENTS, unit=caller.unit, case_id=reading.case_id)
        if not released.value.items and row["rows"]:
            raise Forbidden("no_consent", "No consent covers this.")
        return released

    monkeypatch.setattr(reads, "by_case", told)


def consent_version(monkeypatch: pytest.MonkeyPatch) -> None:
    """The consent's version in the scope text: it counts what other recipients have lost."""
    scope = obligations.scope

    def versioned(instrument: Any, *arguments: Any) -> dict[str, Any]:
        return scope(instrument, *arguments) | {"version": instrument.version}

    monkeypatch.setattr(obligations, "scope", versioned)
