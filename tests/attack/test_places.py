"""The places at the edge: neither one client nor somebody whom nobody knows can hold them all."""

import asyncio
from typing import Any

import pytest
from starlette.types import Message, Receive, Scope, Send

from app.exchange.allowances import EACH_AT_ONCE, Allowances
from app.routers.middleware import AT_ONCE, Edge
from app.storage.database import Unavailable
from tests.service import run, world

JUDGE, FAMILY = "c-court-treatment-judge", "c-court-family-judge"


def test_one_client_has_some_of_the_places_and_gives_each_back() -> None:
    assert EACH_AT_ONCE <= AT_ONCE // 2
    allowances = Allowances(600)
    given = [allowances.enter("a") for _ in range(EACH_AT_ONCE)]
    with pytest.raises(Unavailable):
        allowances.enter("a")
    allowances.enter("b")()
    given.pop()()
    given.append(allowances.enter("a"))
    for leave in given:
        leave()
    assert allowances.under_way == {}


@run
async def test_whatever_becomes_of_a_request_its_place_is_given_back() -> None:
    async with world("sqlite") as w:
        judge = w.party(JUDGE)
        statuses = [
            (await judge.get("/v1/me")).status_code,
            (await judge.get("/v1/patients")).status_code,
            (await judge.get("/v1/events?limit=x")).status_code,
            (await judge.post("/v1/cases", {"a": 1})).status_code,
        ]
        assert statuses[0] == 200 and min(statuses[1:]) >= 400
        assert w.hub.allowances.under_way == {}


@run
async def test_a_client_that_holds_all_of_its_places_is_refused_and_nobody_else() -> None:
    async with world("sqlite") as w:
        judge, family = w.party(JUDGE), w.party(FAMILY)
        await judge.token()
        held = [w.hub.allowances.enter(JUDGE) for _ in range(EACH_AT_ONCE)]
        assert (await judge.get("/v1/me")).status_code == 503
        assert (await family.get("/v1/me")).status_code == 200
        for leave in held:
            leave()
        assert (await judge.get("/v1/me")).status_code == 200


async def _reads_all(scope: Scope, receive: Receive, send: Send) -> None:
    """What the token endpoint does: read a body of somebody whom nobody knows yet, then work on it."""
    while (await receive()).get("more_body", False):
        pass
    await scope["work"].wait()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


async def _asked(edge: Edge, come: asyncio.Event, work: asyncio.Event) -> int:
    """The status of one request whose body comes when the event says so."""
    statuses: list[int] = []

    async def receive() -> Message:
        await come.wait()
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    plain: dict[str, Any] = {"type": "http", "method": "POST", "path": "/oauth/token", "query_string": b""}
    await edge({**plain, "headers": [], "work": work}, receive, send)
    return statuses[0]


@run
async def test_bodies_of_strangers_that_do_not_come_hold_no_place_until_they_do() -> None:
    edge, late, now, work = Edge(_reads_all, at_once=2), asyncio.Event(), asyncio.Event(), asyncio.Event()
    now.set()
    work.set()
    slow = [asyncio.create_task(_asked(edge, late, work)) for _ in range(5)]
    await asyncio.sleep(0.01)
    assert await _asked(edge, now, work) == 200
    work.clear()
    late.set()
    await asyncio.sleep(0.01)
    work.set()
    assert sorted(await asyncio.gather(*slow)) == [200, 200, 503, 503, 503]
    assert edge.served == 0
