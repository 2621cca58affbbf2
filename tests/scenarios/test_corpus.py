"""The corpus is whole: every numbered case, every trap, every file that a scenario names; and it is read strictly."""

import re

import pytest

from app.consent.reason import Reason
from tests.scenarios.reading import HERE, Unreadable, scenarios, steps_of
from tests.scenarios.traps import CASES, TRAPS
from tests.service import ROOT


def test_every_numbered_case_has_a_scenario() -> None:
    shown = {one for scenario in scenarios() for one in scenario.case if isinstance(one, int)}
    assert shown == set(CASES)


def test_every_trap_of_sections_1_to_3_has_a_scenario() -> None:
    shown = [str(one)[2:] for scenario in scenarios() for one in scenario.case if str(one).startswith("T:")]
    assert set(shown) == set(TRAPS)


def test_every_scenario_asks_and_so_none_shows_nothing() -> None:
    for scenario in scenarios():
        assert [step for step in scenario.steps if "ask" in str(step.does)], scenario.name


def test_every_other_test_and_page_that_a_scenario_names_is_there() -> None:
    for scenario in scenarios():
        for path in scenario.also:
            assert (ROOT / path).is_file(), f"{scenario.name}: {path}"


def test_every_rule_that_a_scenario_names_is_in_the_code() -> None:
    source = "\n".join(path.read_text() for path in sorted((ROOT / "app" / "consent").rglob("*.py")))
    codes = {reason.value for reason in Reason} | set(re.findall(r'"([a-z0-9_]+)"', source))
    functions = set(re.findall(r"^def (\w+)\(", source, re.MULTILINE))
    for scenario in scenarios():
        assert scenario.rules and set(scenario.rules) <= codes | functions, f"{scenario.name}: {scenario.rules}"


def test_a_scenario_that_says_something_unread_is_refused() -> None:
    whole = (HERE / "access.yaml").read_text()
    for there, instead in (("answer: []", "awnser: []"), ("says: The consent names", "sais: The consent names")):
        with pytest.raises(Unreadable):
            steps_of(whole.replace(there, instead, 1), "access.yaml")
    with pytest.raises(Unreadable):
        steps_of(whole.replace("eu-gdpr-led: equal", "eu-gdpr-led: skipped", 1), "access.yaml")
