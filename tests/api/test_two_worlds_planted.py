"""Tests of the test: leaks of kinds that real services have had, each put under both worlds, each found."""

from collections.abc import Iterator

import pytest

from tests.api.worlds_bijection import Leak
from tests.api.worlds_ground import Ground
from tests.api.worlds_leaks_more import PLANTED, directed
from tests.api.worlds_machine import TwoWorlds


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    """One for all leaks."""
    one = Ground("sqlite")
    yield one
    one.close()


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_leak_is_found(name: str, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = PLANTED[name]
    planted.plant(monkeypatch)
    with pytest.raises(Leak, match=planted.shows):
        directed(TwoWorlds(ground), planted)


@pytest.mark.parametrize("name", PLANTED)
def test_without_the_leak_the_same_sequence_is_alike(name: str, ground: Ground) -> None:
    directed(TwoWorlds(ground), PLANTED[name])
