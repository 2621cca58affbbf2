"""Every scenario over /v1, on both databases and under every profile."""

from collections.abc import Iterator

import pytest

from tests.scenarios.place import leave, place
from tests.scenarios.reading import PROFILES, Scenario, scenarios
from tests.scenarios.v1 import Service
from tests.service import DATABASES


@pytest.fixture(scope="module", autouse=True)
def _left_behind() -> Iterator[None]:
    yield
    leave()


@pytest.mark.parametrize("scenario", scenarios(), ids=lambda one: one.name)
@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("database", DATABASES)
def test_the_service_answers_as_required(database: str, profile: str, scenario: Scenario) -> None:
    here = place(database, profile, *scenario.world.settings.items())
    here.run(Service(scenario, here).play())
