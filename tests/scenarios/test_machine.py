"""The drivers can fail: a scenario that requires otherwise than it should does not pass on either of them."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from app.profile_files import profiles
from tests.scenarios.core import Core
from tests.scenarios.place import leave, place
from tests.scenarios.reading import US, Scenario, Step, scenarios
from tests.scenarios.v1 import Service

SOUND = next(one for one in scenarios() if one.name == "another_unit_of_the_agency")
WRONG: dict[str, dict[str, Any]] = {
    "an element too many": {"answer": ["enrolment.dates", "enrolment.engaged", "enrolment.status"]},
    "an element too few": {"answer": ["enrolment.engaged"]},
    "nothing at all": {"answer": []},
    "a refusal": {"refused": [403, "purpose_not_for_role"]},
    "another instrument": {"answer": ["enrolment.engaged", "enrolment.status"], "under": {"A": ["enrolment.status"]}},
    "another reason": {
        "answer": ["enrolment.engaged", "enrolment.status"],
        "reason": {"enrolment.dates": "element_above_role_ceiling"},
    },
}


def requiring(then: dict[str, Any]) -> Scenario:
    """The sound scenario, its first step requiring this instead."""
    first = SOUND.steps[0]
    return replace(SOUND, steps=(Step(first.id, first.does, then), *SOUND.steps[1:]))


@pytest.fixture(scope="module", autouse=True)
def _left_behind() -> Iterator[None]:
    yield
    leave()


@pytest.mark.parametrize("then", WRONG.values(), ids=list(WRONG))
def test_the_core_driver_refuses_a_wrong_requirement(then: dict[str, Any]) -> None:
    with pytest.raises(AssertionError):
        Core(requiring(then), US, profiles()).play()


@pytest.mark.parametrize("then", WRONG.values(), ids=list(WRONG))
def test_the_v1_driver_refuses_a_wrong_requirement(then: dict[str, Any]) -> None:
    here = place("sqlite", US)
    with pytest.raises(AssertionError):
        here.run(Service(requiring(then), here).play())


def test_a_reason_that_was_not_recorded_is_missed_over_v1() -> None:
    last = SOUND.steps[1]
    wrong = replace(SOUND, steps=(SOUND.steps[0], Step(last.id, last.does, {"answer": [], "recorded": ["revoked"]})))
    here = place("sqlite", US)
    with pytest.raises(AssertionError):
        here.run(Service(wrong, here).play())
