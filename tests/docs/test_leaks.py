"""docs/leaks.md has every complaint of others with its test; what any page names is a test that pytest collects."""

import re
import subprocess
import sys

from tests.docs.reading import ROOT, page, pages

TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
ROW = re.compile(r"^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
SOURCE = re.compile(r"[\w.-]+/[\w.-]+#\d+")
COMPLAINTS, WITHOUT = 47, 10


def test_every_complaint_is_there_with_its_source_and_its_test() -> None:
    """In order and once each; at most ten have a sentence in the place of a test, which says why."""
    rows = ROW.findall(page("docs/leaks.md"))
    assert [int(number) for number, *_ in rows] == list(range(1, COMPLAINTS + 1))
    assert [number for number, what, *_ in rows if not SOURCE.search(what)] == []
    untested = [(number, reason) for number, _, here, reason in rows if not TEST.search(reason)]
    assert len(untested) <= WITHOUT
    assert [number for number, reason in untested if len(reason.split()) < 8 or not reason.endswith(".")] == []


def test_every_test_that_a_page_names_is_collected() -> None:
    """Not a name in a file, but a test that runs: pytest itself is asked for each of them."""
    named = {f"{file}::{name}" for text in pages().values() for file, name in TEST.findall(text)}
    assert len(named) > 100
    assert sorted(named - _collected({file for file, _, _ in (one.partition("::") for one in named)})) == []


def test_a_function_that_is_no_test_is_not_collected() -> None:
    """The test of the test: names that a search of the text would find."""
    found = _collected({"tests/docs/test_leaks.py"})
    assert "tests/docs/test_leaks.py::test_every_test_that_a_page_names_is_collected" in found
    assert "tests/docs/test_leaks.py::_collected" not in found


def _collected(files: set[str]) -> set[str]:
    """The tests of these files that pytest collects; parametrized ones by their function."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:schemathesis", *sorted(files)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    return {line.partition("[")[0] for line in done.stdout.splitlines() if line.startswith("tests/") and "::" in line}
