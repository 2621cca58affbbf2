"""What a pooled connection carries from one justice caller to the next: nothing; and which pool a caller uses."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import select, text

from app.main import create_app
from app.sandbox.cluster import JUSTICE, SERVING, as_role
from app.sandbox.start import seed
from app.sandbox.steps import must, reading, register_case
from app.storage.database import Database, Unavailable
from app.storage.postgres import PostgresDatabase
from app.storage.statement import Statement
from app.storage.tables import case_view, message
from tests.api.replay import CLIENTS, JUDGE, STAFF, STEPS, carry_out
from tests.exchange.raw import call
from tests.exchange.witness import Witness
from tests.service import World, run, world
from tests.storage.direct import rows
from tests.storage.walled import COURT, PROBATION

VIEWS = Statement(select(case_view.c.unit_id))
SETTING = Statement(text("SELECT current_setting('throughcare.pass', true) AS pass"))
MESSAGES = Statement(select(message.c.id))
TURNS = 500


@asynccontextmanager
async def narrow_house() -> AsyncIterator[tuple[World, PostgresDatabase]]:
    """A court and a probation office with a case each, and their database with one connection behind the wall."""
    async with world("postgresql") as w:
        await seed(w.party(COURT[1]), w.party(STAFF))
        await register_case(w.party(PROBATION[1]), PROBATION[0], "docket", "AP-2026-0007")
        url = w.settings.database_url
        database = await PostgresDatabase.open(as_role(url, SERVING), as_role(url, JUSTICE), size=1, narrow_size=1)
        try:
            yield w, database
        finally:
            await database.close()


def proof(w: World, holder: tuple[str, str]) -> str:
    """A pass as the service gets it."""
    made: str = rows(w.settings.database_url, f"SELECT wall.mint('{holder[0]}', '{holder[1]}')")[0][0]
    return made


@run
async def test_two_units_on_one_connection_never_see_each_others_rows() -> None:
    """A thousand turns, interleaved as they come; reads of their own, transactions, transactions that fail."""
    async with narrow_house() as (w, database):
        turns: list[str] = []

        async def play(holder: tuple[str, str]) -> None:
            behind = database.behind(proof(w, holder))
            for turn in range(TURNS):
                if turn % 3 == 0:
                    async with behind.read() as reader:
                        seen = await reader.all(VIEWS)
                elif turn % 3 == 1:
                    async with behind.write() as tx:
                        seen = await tx.all(VIEWS)
                else:
                    with pytest.raises(Unavailable):
                        async with behind.write() as tx:
                            seen = await tx.all(VIEWS)
                            await tx.all(MESSAGES)
                assert {row["unit_id"] for row in seen} == {holder[0]}
                turns.append(holder[0])
                await asyncio.sleep(0)

        await asyncio.gather(play(COURT), play(PROBATION))
        assert len(turns) == 2 * TURNS
        changes = sum(one != other for one, other in itertools.pairwise(turns))
        assert changes > TURNS / 2, "they took turns"


@run
async def test_a_connection_keeps_no_pass() -> None:
    """After a read, a commit, a failure and a cancelled request: what comes next on the connection has none."""
    async with narrow_house() as (w, database):
        behind = database.behind(proof(w, COURT))
        assert database.justice is not None

        async def bare() -> None:
            async with database.justice.serving.acquire() as connection:  # type: ignore[union-attr]  # just asserted
                assert await connection.fetchval("SELECT current_setting('throughcare.pass', true)") in (None, "")
                with pytest.raises(asyncpg.InsufficientPrivilegeError, match="no valid pass"):
                    await connection.fetch("SELECT unit_id FROM case_view")

        await bare()
        async with behind.read() as reader:
            assert await reader.all(VIEWS)
        await bare()
        async with behind.write() as tx:
            assert (await tx.all(SETTING))[0]["pass"]
        await bare()
        with pytest.raises(Unavailable):
            async with behind.write() as tx:
                await tx.all(MESSAGES)
        await bare()

        async def hang() -> None:
            async with behind.write() as tx:
                await tx.all(Statement(text("SELECT pg_sleep(30)")))

        task = asyncio.create_task(hang())
        await asyncio.sleep(0.1)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, Unavailable)):
            await task
        await bare()


@run
async def test_a_pass_left_in_a_session_is_not_the_next_callers() -> None:
    """Whoever runs SQL on a pooled connection may leave its own pass there: the next caller still goes by its own."""
    async with narrow_house() as (w, database):
        assert database.justice is not None
        async with database.justice.serving.acquire() as connection:
            await connection.execute("SELECT set_config('throughcare.pass', $1, false)", proof(w, PROBATION))
        behind = database.behind(proof(w, COURT))
        async with behind.read() as reader:
            assert {row["unit_id"] for row in await reader.all(VIEWS)} == {COURT[0]}
        async with behind.write() as tx:
            assert {row["unit_id"] for row in await tx.all(VIEWS)} == {COURT[0]}


@run
async def test_an_expired_or_forged_pass_is_unavailable_and_not_an_empty_list() -> None:
    async with narrow_house() as (w, database):
        unit, client, until, mac = proof(w, COURT).split("|")
        for bad in ("", f"{unit}|{client}|{until}|{'0' * 64}", f"{unit}|{client}|0|{mac}"):
            behind = database.behind(bad)
            with pytest.raises(Unavailable):
                async with behind.read() as reader:
                    await reader.all(VIEWS)
            with pytest.raises(Unavailable):
                async with behind.read() as reader:
                    await reader.raw("rows", *([()] * 9))
        with pytest.raises(Unavailable):
            database.behind(None)


@dataclass
class Sides(Witness):
    """Counts what is asked of the serving side; a justice caller's own side is not counted."""

    uses: list[str] = field(default_factory=list)

    def read(self) -> Any:
        """A connection of the serving side."""
        self.uses.append("read")
        return self.inner.read()

    def write(self) -> Any:
        """A transaction of the serving side."""
        self.uses.append("write")
        return self.inner.write()

    def narrowing(self) -> Any:
        """A narrowing transaction of the serving side."""
        self.uses.append("narrowing")
        return self.inner.narrowing()

    async def record(self, recording: Any, *, exclusive: bool) -> bool:
        """A record of the serving side."""
        self.uses.append("record")
        return await self.inner.record(recording, exclusive=exclusive)

    def behind(self, proof: str | None) -> Any:
        """The caller's own side."""
        return self.inner.behind(proof)


@run
async def test_a_justice_caller_uses_the_serving_pool_to_be_known_and_for_nothing_else() -> None:
    """Every operation of the contract that a justice client may carry out."""
    async with world("postgresql") as w:
        sides, app = Sides(w.hub.database), create_app(w.settings)
        app.state.hub = replace(w.hub, database=sides)
        known = {"unit_id": "u-clinic-harbor"}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
            tokens = {name: await w.party(name).token() for name in CLIENTS}
            asked = 0
            for step in STEPS:
                sides.uses.clear()
                answer = await carry_out(step, http, w.clients, known, tokens)
                assert answer.is_success, (step.operation, answer.text)
                if step.client == JUDGE and step.operation != "issue_token":
                    assert sides.uses == ["read"], step.operation
                    asked += 1
        assert asked >= 15


class Closing(Sides):
    """Closes the serving pool as soon as a justice caller is known."""

    def behind(self, proof: str | None) -> Any:
        """The caller's own side, when the other one is gone."""
        database: Any = self.inner
        database.pools.serving.terminate()
        database.pools.small.terminate()
        return self.inner.behind(proof)


@run
async def test_a_release_needs_no_serving_pool() -> None:
    async with world("postgresql") as w:
        case_id = await seed(w.party(JUDGE), w.party(STAFF))
        app, token = create_app(w.settings), await w.party(JUDGE).token()
        path = reading("treatment-statuses", case_id, "condition_monitoring")
        before = (await must(await w.party(JUDGE).get(path)))["items"]
        other: Database = await PostgresDatabase.open(
            w.settings.database_url, w.settings.justice_database_url, size=2, narrow_size=1
        )
        app.state.hub = replace(w.hub, database=Closing(other))
        answer = await call(app, token, "GET", path)
        assert (answer.status, answer.json["items"]) == (200, before)
        assert before
        assert (await call(app, token, "GET", path)).status == 503, "nobody is known any more"
        await other.close()
