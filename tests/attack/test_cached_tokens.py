"""A token that every worker has seen and remembers: what the registry ends, ends on all of them at the next request.

Each worker is asked over a connection that it holds already, so that none is missed.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from app.exchange import administration
from app.exchange.hub import Hub
from app.identity.keys import thumbprint
from app.main import open_hub
from app.sandbox.party import Party
from app.storage.registry import ASSIGNMENTS
from tests.attack.wire import Line, line
from tests.service import run

End = Callable[[Hub], Awaitable[None]]
WORKERS = {"sqlite": 2, "postgresql": 4}


async def _assignment(hub: Hub) -> None:
    async with hub.database.read() as reader:
        (row,) = await reader.all(ASSIGNMENTS, client="c-custody-custody-officer")
    await administration.end_assignment(hub, row["id"])


def _endings(there: Line) -> dict[str, End]:
    """Client -> what ends it."""
    key = {name: value for name, value in there.clients[STAFF]["private_jwk"].items() if name != "d"}
    return {
        "c-police-diversion-police-diversion": lambda hub: administration.suspend(
            hub, client="c-police-diversion-police-diversion"
        ),
        "c-probation-adult-probation-officer": lambda hub: administration.suspend(hub, unit="u-probation-adult"),
        "c-court-treatment-judge": lambda hub: administration.suspend(hub, agency="a-court"),
        STAFF: lambda hub: administration.retire(hub, STAFF, thumbprint(key)),
        "c-custody-custody-officer": _assignment,
    }


STAFF = "c-clinic-harbor-clinic-staff"


def _holders(there: Line) -> dict[int, int]:
    """How many connections each worker process holds, from the system's own tables."""
    assert there.process.process is not None
    parent = there.process.process.pid
    children = [int(one) for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]
    rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{there.port:04X}") and row[3] == "01"}
    held: dict[int, int] = {}
    for child in children:
        for link in Path(f"/proc/{child}/fd").iterdir():
            with contextlib.suppress(OSError):
                held[child] = held.get(child, 0) + (str(link.readlink()) in ours)
    return {child: count for child, count in held.items() if count}


@contextlib.asynccontextmanager
async def _everywhere(there: Line, workers: int) -> AsyncIterator[list[httpx.AsyncClient]]:
    """Connections of one client each, until every worker holds one."""
    open_: list[httpx.AsyncClient] = []
    try:
        while len(_holders(there)) < workers and len(open_) < 400:
            more = [httpx.AsyncClient(base_url=there.process.base_url, timeout=20) for _ in range(8)]
            open_ += more
            await asyncio.gather(*(one.get("/healthz") for one in more))
        assert len(_holders(there)) == workers
        yield open_
    finally:
        await asyncio.gather(*(one.aclose() for one in open_))


@pytest.mark.parametrize("kind", WORKERS)
def test_what_is_ended_is_ended_on_every_worker_at_the_next_request(kind: str) -> None:
    """Client, unit, agency, key, assignment: the token was good on every worker, and is refused as any bad one."""
    with line(kind, WORKERS[kind]) as there:
        _run(there, WORKERS[kind])


@run
async def _run(there: Line, workers: int) -> None:
    hub = await open_hub(there.process.settings)
    try:
        async with _everywhere(there, workers) as connections:
            bad = (await connections[0].get("/v1/me", headers={"Authorization": "Bearer x"})).json()["code"]
            for client, end in _endings(there).items():
                party = Party(connections[0], there.clients[client], f"{there.process.base_url}/oauth/token")
                head = {"Authorization": f"Bearer {await party.token()}"}
                before = await asyncio.gather(*(one.get("/v1/me", headers=head) for one in connections))
                await end(hub)
                after = await asyncio.gather(*(one.get("/v1/me", headers=head) for one in connections))
                assert {answer.status_code for answer in before} == {200}, client
                assert {(answer.status_code, answer.json()["code"]) for answer in after} == {(401, bad)}, client
                with pytest.raises(httpx.HTTPStatusError):
                    await Party(connections[-1], there.clients[client], f"{there.process.base_url}/oauth/token").token()
    finally:
        await hub.database.close()
