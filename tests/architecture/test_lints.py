"""Each lint refuses its bad examples, leaves its good ones alone, and finds nothing in the whole of app/."""

from functools import partial

import pytest

from tests.architecture.examples import BAD, GOOD, Example
from tests.architecture.lint_text import log_keys, log_lines
from tests.architecture.lint_values import ALLOWED, no_forging
from tests.architecture.lints import LINTS, ON_APP, Lint
from tests.architecture.syntax import modules

APP = modules("app")
KNOWN: dict[str, Lint] = {**LINTS, "log_lines": partial(log_lines, keys=frozenset({"status"}))}
CASES = {
    kind: [(name, example) for name in table for example in table[name]]
    for kind, table in (("bad", BAD), ("good", GOOD))
}


def test_every_lint_has_a_bad_and_a_good_example() -> None:
    """A lint nobody saw refuse anything proves nothing."""
    assert set(BAD) == set(GOOD) == set(LINTS)


@pytest.mark.parametrize(("name", "example"), CASES["bad"])
def test_bad_example_is_refused(name: str, example: Example) -> None:
    """Each bad example alone brings a violation that names its path."""
    source, path = example
    found = KNOWN[name](source, path)
    assert found and all(line.startswith(path) for line in found)


@pytest.mark.parametrize(("name", "example"), CASES["good"])
def test_good_example_passes(name: str, example: Example) -> None:
    """What is lawful is left alone."""
    assert KNOWN[name](*example) == []


@pytest.mark.parametrize("lint", ON_APP.values(), ids=list(ON_APP))
def test_app_obeys(lint: Lint) -> None:
    """The rule holds in every module of app/."""
    found = [line for path, source in APP.items() for line in lint(source, path)]
    assert not found, "\n".join(found)


def test_app_logs_allowed_keys_only() -> None:
    """As soon as app/ defines ``log``, its module declares LOG_KEYS and every call keeps to them."""
    keys = log_keys(APP.values())
    assert keys is None or keys, "the module that defines log() must declare LOG_KEYS beside it"
    found = [line for path, source in APP.items() for line in log_lines(source, path, keys or frozenset())]
    assert not found, "\n".join(found)


def test_log_keys_are_read_from_the_module_that_logs() -> None:
    """None while nothing logs; empty, so refused above, when the list is missing."""
    assert log_keys(["def other() -> None: ..."]) is None
    assert log_keys(["def log(event: str) -> None: ..."]) == frozenset()
    listed = 'LOG_KEYS: Final = frozenset({"status", "route"})\ndef log(event: str) -> None: ...'
    assert log_keys(["x = 1", listed]) == frozenset({"status", "route"})


def test_each_exception_to_forging_is_still_needed() -> None:
    """An escape whose code is gone must go too, and each says why."""
    for (path, construct), reason in ALLOWED.items():
        assert reason
        with_escape = no_forging(APP[path], path)
        assert no_forging(APP[path], f"{path}?") != with_escape, f"{path} no longer uses {construct}"
