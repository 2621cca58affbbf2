"""A place in the feed from a state of the database that is lost: refused, never answered with news passed over."""

from typing import Any

import pytest

from app.exchange import high_water
from app.exchange.high_water import Mark, Restored, mark_of
from app.sandbox.steps import must
from tests.api.contract import check
from tests.api.scene import scene
from tests.api.test_feed import allow, pull
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, rows


async def refused(party: Any, after: str) -> bool:
    """Whether a cursor is refused as one of a state that is gone."""
    answer = await party.get(f"/v1/events?after={after}")
    check(answer, "GET", "/v1/events")
    return bool(answer.status_code == 410 and answer.json()["code"] == "cursor_too_old")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_number_that_was_not_given_yet_is_refused_before_it_is_given_again(kind: str) -> None:
    """The copy lacks the entry; were the cursor taken, the entry's number would go to another, unread."""
    async with world(kind) as w:
        s = await scene(w)
        begun = await pull(s.judge)
        await allow(s, elements=["enrolment.status"])
        page = await pull(s.judge, begun["next"])
        change(w.settings.database_url, "DELETE FROM feed_view")
        change(w.settings.database_url, "DELETE FROM feed_seen")
        assert await refused(s.judge, page["next"])
        assert rows(w.settings.database_url, "SELECT count(*) FROM feed_view") == [(0,)], "nothing was numbered"
        assert [entry["number"] for entry in (await pull(s.judge, begun["next"]))["items"]] == [1]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_after_an_accepted_restore_every_older_place_is_refused(kind: str) -> None:
    """Its number may have been given anew already: nothing but the life of the database tells."""
    async with world(kind) as w:
        s = await scene(w)
        await allow(s, elements=["enrolment.status"])
        page = await pull(s.judge)
        await high_water.accept(w.hub, w.settings.keys)
        assert await refused(s.judge, page["next"])
        anew = await pull(s.judge)
        assert [entry["number"] for entry in anew["items"]] == [1]
        assert (await pull(s.judge, anew["next"]))["items"] == []
        await high_water.accept(w.hub, w.settings.keys)
        assert await refused(s.judge, anew["next"]), "each acceptance begins another life"


async def older(w: World) -> bool:
    """Whether the database is refused as an older copy."""
    try:
        await high_water.require(w.hub, w.settings.keys)
    except Restored:
        return True
    return False


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_database_that_lacks_a_revocation_or_a_signed_root_is_not_served(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        assert not await older(w), "without a mark nothing is known"
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        await high_water.keep(w.hub, w.settings.keys)
        assert not await older(w)
        kept = mark_of(w.settings.keys).read_text()
        change(w.settings.database_url, "UPDATE clock_floor SET at = at - 1")
        assert await older(w)
        with pytest.raises(Restored):
            await high_water.keep(w.hub, w.settings.keys)
        assert mark_of(w.settings.keys).read_text() == kept, "the mark is never lowered by itself"
        await high_water.accept(w.hub, w.settings.keys)
        assert not await older(w)
        for forged in ('{"size": 7, "root": "00", "floor": 0}', '{"size": 0, "root": "", "floor": 9000000000000000}'):
            mark_of(w.settings.keys).write_text(forged)
            assert await older(w)


@run
async def test_the_clock_does_not_go_behind_the_lost_state() -> None:
    async with world("sqlite") as w:
        ahead = 9_000_000_000_000_000
        mark_of(w.settings.keys).write_text(f'{{"size": 0, "root": "", "floor": {ahead}}}')
        assert (await high_water.accept(w.hub, w.settings.keys)) == Mark(floor=ahead + 1)
        async with w.hub.database.read() as reader:
            assert await reader.now() == ahead + 1
