"""Two worlds and the other bases of the law: orders, emergencies, notices, restrictions, rights, people who move."""

from collections.abc import Iterator

import pytest

from tests.api.worlds_ground import Ground
from tests.api.worlds_law import ALL, LAW
from tests.api.worlds_leaks_more import directed
from tests.api.worlds_machine import TwoWorlds
from tests.api.worlds_strangers import STRANGERS, answered, untried


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """One for all sequences."""
    one = Ground("sqlite")
    yield one
    one.close()


@pytest.mark.parametrize("name", LAW)
def test_no_hidden_act_of_the_law_shows_anywhere(name: str, ground: Ground) -> None:
    directed(TwoWorlds(ground), LAW[name])


def test_to_a_stranger_ids_of_others_are_ids_of_nothing(ground: Ground) -> None:
    machine = TwoWorlds(ground)
    machine.begin(seed=7, police=2, court=2, reports=3)
    for name in ("handed_over", "elsewhere", "taken_back", *ALL):
        machine.something_hidden([(name, 0, 0)], [0])
    scene = machine.stage.other

    async def compared() -> None:
        assert untried(scene) == set()
        for who in STRANGERS:
            async for told, real, nothing in answered(scene, who):
                assert real == nothing, told

    ground.run(compared())
