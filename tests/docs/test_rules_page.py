"""Every rule and reason of the decision has a scenario that shows it, and no scenario shows one that there is not."""

from pathlib import Path

import pytest

from app.commands import matrix_page, rules_page
from app.commands.scenarios_shown import FOLDER, shown
from app.consent import rules
from app.consent.reason import Reason
from app.profile_files import profiles
from app.vocabulary import Element, Role
from tests.docs.reading import page

RULES = {rule.__name__ for rule in rules.INSTRUMENT_RULES} | {rule.__name__ for rule in rules_page.FURTHER}
REASONS = {reason.value for reason in Reason}


def test_every_rule_has_a_scenario() -> None:
    assert sorted(RULES - shown().keys()) == []


def test_every_reason_has_a_scenario() -> None:
    assert sorted(REASONS - shown().keys()) == []


def test_no_scenario_shows_a_rule_that_there_is_not() -> None:
    """What a clinic's form is checked by stands in the creation checks: those are named by their code."""
    known = RULES | REASONS | rules_page.checked()
    assert {name: found for name, found in shown().items() if name not in known} == {}


def test_the_page_names_the_scenarios_beside_the_rule() -> None:
    told = page("docs/rules.md")
    for name, scenarios in shown().items():
        if name in RULES | REASONS:
            row = next(line for line in told.splitlines() if line.startswith(f"| `{name}` |"))
            assert [one for one in scenarios if one not in row] == [], name


def test_scenarios_are_read_from_every_file(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("- {name: one, rules: [named, expired]}\n- {name: two, rules: [named]}\n")
    (tmp_path / "b.yaml").write_text("- {name: three, rules: [named], case: [1]}\n")
    assert shown(tmp_path) == {"named": ["one", "two", "three"], "expired": ["one"]}
    assert FOLDER.is_dir()


@pytest.mark.parametrize("text", ["name: one\nrules: [named]\n", "- {rules: [named]}\n", "- {name: one}\n", "- one\n"])
def test_a_file_of_another_form_is_refused_by_its_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "c.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"c\.yaml"):
        shown(tmp_path)


def test_the_matrix_tells_of_every_role_and_element_what_each_profile_writes() -> None:
    """Each cell is in its table, or the element is listed as never for that role."""
    told = page("docs/matrix.md").partition("## Role and element")[2].partition("\n## ")[0]
    book = list(profiles().values())
    for role in Role:
        part = told.partition(f"### {role.value.replace('_', ' ')}\n")[2].partition("\n### ")[0]
        nowhere = part.partition("Never under any profile: ")[2]
        for element in Element:
            cells = [matrix_page.cell(one, role, element) for one in book]
            if set(cells) != {matrix_page.NEVER}:
                assert f"| `{element.value}` | {' | '.join(cells)} |" in part
            elif part:
                assert f"`{element.value}`" in nowhere
