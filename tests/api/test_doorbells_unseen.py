"""Two worlds at the door: what is hidden from a unit changes neither the number nor the order of its rings."""

import pytest

from app.delivery.sender import Sender
from app.exchange import doorbells
from app.exchange.ringing import ring
from app.vocabulary import PURPOSES_OF_ROLE
from tests.api.receiver import Receiver, receiver
from tests.api.test_two_worlds import BEGUN, LATER
from tests.api.worlds_hidden import HIDDEN
from tests.api.worlds_scene import Scene, two_worlds
from tests.api.worlds_visible import draw, script
from tests.service import DATABASES, run

HIDDEN_ACTS = (
    *("county_refers", "county_is_allowed", "same_again", "correct_assessment", "somebody_else", "correct_week"),
    *("county_loses", "proposals"),
)
SECOND = 1_000_000


async def _listen(scene: Scene, door: Receiver) -> dict[str, str]:
    """A webhook of every justice client that has a feed; its id -> the client."""
    found = {}
    for who in scene.observers[:-1]:
        if PURPOSES_OF_ROLE[scene.role(who)]:
            made = await scene.does(who, "POST", "/v1/webhooks", {"url": f"{door.url}/{who}"})
            found[made["id"]] = who
    return found


async def _turn(scene: Scene, at: int) -> None:
    """A tick at an instant of the world's own clock: look, then ring what the next tick brings."""
    await scene.turn(at)
    await doorbells.look(scene.hub)
    await scene.turn(at + 2 * SECOND)
    sender = Sender(sandbox=True)
    try:
        await ring(scene.hub, sender, once=True)
    finally:
        await sender.close()


def _who(door: Receiver) -> list[str]:
    return [one.line.split("/")[2].split()[0] for one in door.rung]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_ten_hidden_acts_change_neither_number_nor_order_of_the_rings(kind: str) -> None:
    drawn = draw("bells")
    steps = dict(script(drawn))
    times = dict.fromkeys(HIDDEN_ACTS, 0)
    async with two_worlds(kind) as (plain, other), receiver() as one, receiver() as two:
        listening, taken, now = False, 0, drawn.begins
        for name in (*BEGUN, "allow_police", "allow_court", *LATER, "revoke_police", "", ""):
            now += 10 * SECOND
            for scene in (plain, other):
                await scene.turn(now)
                if name:  # at the end hidden acts alone
                    await steps[name](scene)
            if not listening and name == "cases":
                listening = True
                assert len(await _listen(plain, one)) == len(await _listen(other, two)) > 3
            ready = [each for each in HIDDEN_ACTS if set(HIDDEN[each][0]) <= other.kept.keys()]
            for act in sorted(ready, key=times.__getitem__)[:2]:  # those taken least often first
                times[act] += 1
                taken += 1
                await HIDDEN[act][1](other, drawn, drawn.chance(name, act, taken))
            await _turn(plain, now + 2 * SECOND)
            await _turn(other, now + 2 * SECOND)
            assert sorted(_who(one)) == sorted(_who(two)), name
            assert [len(rung.body) for rung in one.rung] == [len(rung.body) for rung in two.rung]
            assert [rung.headers["webhook-timestamp"] for rung in one.rung] == [
                rung.headers["webhook-timestamp"] for rung in two.rung
            ]
        assert taken >= 10 and sum(map(bool, times.values())) > 5 and len(one.rung) > 3
