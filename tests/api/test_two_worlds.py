"""Non-interference (design 2, 6): no observer can tell a world in which hidden things happen from one in which not.

Two instances of the service are taken through the same visible steps; in one, hidden steps happen as well. Every
justice client and a second clinic use every route after them. More sequences with ``THROUGHCARE_EXAMPLES``: one on
either database for each two hundred. ``test_two_worlds_sqlite.py`` has many more and shorter ones, of a machine.
"""

import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest
from sqlalchemy import func, select

from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.worlds_bijection import FREE_HEADERS
from tests.api.worlds_hidden import HIDDEN
from tests.api.worlds_http import Answered, Asked
from tests.api.worlds_play import play
from tests.api.worlds_scene import DIVERSION, JUDGE, Scene, one_world
from tests.api.worlds_visible import Sequence20, draw, script
from tests.service import DATABASES, run

_SEQUENCES: Final = max(int(os.environ.get("THROUGHCARE_EXAMPLES", "200")) // 200, 1)
_SEEDS: Final = [("sqlite", seed) for seed in range(_SEQUENCES)] + [
    ("postgresql", seed) for seed in range(_SEQUENCES, 2 * _SEQUENCES)
]
_CONSULTATIONS: Final = Statement(select(func.count().label("rows")).select_from(t.consultation))


@pytest.mark.parametrize(("kind", "seed"), _SEEDS)
@run
async def test_nobody_can_tell_the_worlds_apart(kind: str, seed: int) -> None:
    played = await play(kind, str(seed))
    assert len(played.hidden) >= 20
    assert played.unreached == set(), "routes that no observer used: give the observers a request that succeeds"


@pytest.mark.parametrize("forced", [("not_yet",), ("county_refers", "elsewhere")], ids="-".join)
@run
async def test_steps_that_once_leaked_leak_no_more(forced: tuple[str, ...]) -> None:
    """A consent not in force renamed the judge's subject; a report for another case froze this case's current item."""
    played = await play("sqlite", "once", forced=forced, most=0, lookers=0)
    assert set(forced) <= set(played.hidden)


REFERRED: Final = ("cases", "quinn", "robin", "refer", "refer_court", "list", "intake")
BEGUN: Final = (*REFERRED, "accept_police", "accept_court", "assess", "week_0")
LATER: Final = ("week_1", "week_2", "correct_week", "week_3")


@asynccontextmanager
async def _world(kind: str, *names: Sequence[str]) -> AsyncIterator[tuple[Scene, Sequence20]]:
    """One world after some of the visible steps, with the clock a second later."""
    drawn = draw("examples")
    async with one_world(kind) as scene:
        await scene.turn(drawn.begins)
        await _take(scene, drawn, *(name for part in names for name in part))
        yield scene, drawn


async def _take(scene: Scene, drawn: Sequence20, *names: str) -> None:
    steps = dict(script(drawn))
    for name in names:
        scene.now += 1_000_000
        await scene.turn(drawn.begins + scene.now)
        await steps[name](scene)


def _gated(scene: Scene, who: str, purpose: str) -> list[str]:
    case = scene.kept[f"{'diversion' if who == DIVERSION else 'court case'} of {who}"]
    referral = scene.kept["police referral" if who == DIVERSION else "court referral"]
    reads = [f"/v1/{kind}?case={case}&purpose={purpose}" for kind in ("assessments", "treatment-statuses")]
    return [*reads, f"/v1/referrals/{referral}?purpose={purpose}"]


async def _answers(scene: Scene, who: str, purpose: str) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """Status, headers and body of each gated route; the route table says which they are."""
    shown = []
    for path in _gated(scene, who, purpose):
        got: Answered = await scene.ask(Asked(who, path, "GET", path))
        shown.append((got.status, [header for header in got.headers if header[0] not in FREE_HEADERS], got.body))
    return shown


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_ten_hidden_reports_change_no_byte(kind: str) -> None:
    async with _world(kind, BEGUN, ("allow_police", "allow_court"), LATER) as (scene, drawn):
        looks = ((JUDGE, "condition_monitoring"), (DIVERSION, "referral_coordination"))
        before = [await _answers(scene, *look) for look in looks]
        assert all(b'"items":[{' in answers[1][2] for answers in before)
        for number, name in enumerate(["same_again", "correct_week", "correct_assessment", "somebody_else"] * 3):
            scene.now += 1_000_000
            await scene.turn(drawn.begins + scene.now)
            await HIDDEN[name][1](scene, drawn, drawn.chance(number))
        assert [await _answers(scene, *look) for look in looks] == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_after_a_revocation_every_answer_is_that_before_the_consent(kind: str) -> None:
    async with _world(kind, BEGUN) as (scene, drawn):
        before = await _answers(scene, DIVERSION, "referral_coordination")
        await _take(scene, drawn, "allow_police", *LATER)
        allowed = await _answers(scene, DIVERSION, "referral_coordination")
        await _take(scene, drawn, "revoke_police")
        assert await _answers(scene, DIVERSION, "referral_coordination") == before
        assert [one == other for one, other in zip(before, allowed, strict=True)] == [True, False, False]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_one_consultation_for_hit_miss_and_unknown(kind: str) -> None:
    async with _world(kind, BEGUN, ("allow_court",)) as (scene, _):
        hit = _gated(scene, JUDGE, "condition_monitoring")
        miss = _gated(scene, JUDGE, "proceeding")
        unknown = ["/v1/treatment-statuses?case=0&purpose=proceeding", f"/v1/referrals/{'0' * 32}"]
        sizes = []
        for path in [*hit, *miss, *unknown]:
            before = await _consultations(scene)
            got = await scene.ask(Asked(JUDGE, path, "GET", path, b"", {}))
            again = {"If-None-Match": got.header("etag") or '"none"'}
            await scene.ask(Asked(JUDGE, path, "GET", path, b"", again))
            assert await _consultations(scene) == before + 2, path
            sizes.append(len(got.body))
        assert sizes[1] > sizes[4] == sizes[6], "the first is a hit, the others look the same"


async def _consultations(scene: Scene) -> int:
    async with scene.hub.database.read() as reader:
        row = await reader.one(_CONSULTATIONS)
    assert row is not None
    return int(row["rows"])
