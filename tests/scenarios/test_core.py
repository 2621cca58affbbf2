"""Every scenario on the pure core, under every profile; none lets anything leave that the first does not."""

import pytest

from app.profile_files import profiles
from app.vocabulary import COVERS, Element
from tests.scenarios.core import Core
from tests.scenarios.reading import PROFILES, US, Scenario, scenarios

PURE = [one for one in scenarios() if not one.api]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("scenario", PURE, ids=lambda one: one.name)
def test_the_core_decides_as_required(scenario: Scenario, profile: str) -> None:
    played, first = Core(scenario, profile, profiles()), Core(scenario, US, profiles())
    played.play()
    first.play()
    for here, there in zip(played.leaves, first.leaves, strict=True):
        known = {step.value for element in there for step in COVERS[Element(element)]}
        assert here <= known, f"{scenario.name}: {profile} lets {sorted(here - known)} leave, which {US} does not"
