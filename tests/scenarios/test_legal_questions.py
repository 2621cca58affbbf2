"""The page of open questions names every question, and scenarios and settings that exist."""

import re

from app.profile_files import profiles
from tests.scenarios.reading import scenarios
from tests.service import ROOT

PAGE = (ROOT / "docs" / "legal-questions.md").read_text("utf-8")
ROWS = [line.split(" | ") for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]
QUESTIONS = range(1, 16)
CASES_LEFT_OPEN = {"20", "28", "30", "41", "42", "45", "49", "69", "87"}


def test_every_open_question_and_every_undecided_case_has_its_row() -> None:
    numbers = [row[0].strip("| ") for row in ROWS]
    assert numbers[: len(QUESTIONS)] == [str(number) for number in QUESTIONS]
    assert set(numbers[len(QUESTIONS) :]) == CASES_LEFT_OPEN


def test_every_row_is_shown_by_scenarios_that_exist() -> None:
    names = {one.name for one in scenarios()}
    for row in ROWS:
        shown = re.findall(r"`(\w+)`", row[-1])
        assert shown and set(shown) <= names, row[0]


def test_a_case_is_shown_by_a_scenario_of_that_case() -> None:
    by_name = {one.name: one for one in scenarios()}
    for row in ROWS[len(QUESTIONS) :]:
        for name in re.findall(r"`(\w+)`", row[-1]):
            assert int(row[0].strip("| ")) in by_name[name].case, row[0]


def test_every_setting_that_a_row_names_is_one_of_every_profile() -> None:
    for row in ROWS:
        for key in re.findall(r"`(\w+)`", row[-2]):
            for name, profile in profiles().items():
                assert key in profile.settings, f"{row[0]}: {name} has no {key}"
