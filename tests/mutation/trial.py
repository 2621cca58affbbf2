"""One run of tests in a process of its own: as they are, to learn what each calls, or against one changed module.

A fork that has imported pytest and hypothesis but nothing of the service starts in a few milliseconds and imports the
service anew, so that a changed constant, table or class acts as it would in the product.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FrameType, ModuleType
from typing import Any, Final

import pytest
from hypothesis import Phase, settings

from tests.mutation.mutants import ROOT

ARGUMENTS: Final = (
    *("-q", "-x", "--no-header", "-W", "ignore::pytest.PytestAssertRewriteWarning"),
    *("-p", "no:schemathesis", "-p", "no:cacheprovider", "-p", "no:xdist"),
)
TESTS: Final = ("tests/core",)
MEMORY: Final = 3 << 30
ENOUGH: Final = 100_000
"""Calls without a new one among them, after which a test is taken to have shown all that it calls."""


@dataclass
class Calls:
    """What each test called of the modules looked at, and how long it took, in seconds of the processor."""

    of: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)

    def _seen(self, calls: set[tuple[str, str]], files: dict[str, str]) -> Any:
        idle = 0

        def trace(frame: FrameType, event: str, argument: object) -> None:
            nonlocal idle
            code = frame.f_code
            idle += 1
            if code.co_filename in files:
                name = (files[code.co_filename], code.co_qualname.partition(".<locals>")[0])
                idle = idle if name in calls else 0
                calls.add(name)
            if idle > ENOUGH:
                sys.settrace(None)

        return trace

    def plugin(self, files: Sequence[str]) -> object:
        """A pytest plugin that fills this in."""
        paths = {str(ROOT / file): file for file in files}
        record = self

        class Watch:
            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
                calls = record.of.setdefault(item.nodeid, set())
                start = time.process_time()
                sys.settrace(record._seen(calls, paths))
                try:
                    yield
                finally:
                    sys.settrace(None)
                    record.seconds[item.nodeid] = time.process_time() - start

        return Watch()


class Quick:
    """Hypothesis for this purpose: the same examples every time, no database, no shrinking of what is found."""

    @staticmethod
    def pytest_configure() -> None:
        """Take the place of the profile that conftest loaded."""
        settings.register_profile(
            "mutation",
            settings.get_profile("throughcare"),
            derandomize=True,
            database=None,
            phases=(Phase.explicit, Phase.generate),
        )
        settings.load_profile("mutation")


class _Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def __init__(self, file: str, code: CodeType) -> None:
        self._name = file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        self._path, self._code = str(ROOT / file), code

    def find_spec(self, name: str, path: object, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self._name:
            return None
        inside = [self._path.removesuffix("/__init__.py")] if self._path.endswith("/__init__.py") else None
        return importlib.util.spec_from_file_location(name, self._path, loader=self, submodule_search_locations=inside)

    def exec_module(self, module: ModuleType) -> None:
        exec(self._code, module.__dict__)


def learn(files: Sequence[str]) -> tuple[int, Calls]:
    """Run all tests unchanged; pytest's exit code, and what they called."""
    calls = Calls()
    before = set(sys.modules)
    code = int(pytest.main([*ARGUMENTS, *TESTS], [Quick(), calls.plugin(files)]))
    own = ("app", "tests", "conftest", "_pytest_")
    calls.imported = {name for name in set(sys.modules) - before if not name.startswith(own) and "." != name[:1]}
    return code, calls


class _Teller:
    def __init__(self, out: int) -> None:
        self._out = out

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            os.write(self._out, report.nodeid.encode())


def start(file: str, code: CodeType, tests: Sequence[str], seconds: int) -> tuple[int, int]:
    """Fork a process that runs these tests against the changed module; it exits 0 where all of them pass.

    Returns its id, and a descriptor from which the name of the test that failed can be read when it has ended.
    """
    told, out = os.pipe()
    process = os.fork()
    if process:
        os.close(out)
        return process, told
    status = 1
    try:
        _bound(seconds)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        sys.meta_path.insert(0, _Changed(file, code))
        status = 0 if _ran(tests, out) == pytest.ExitCode.OK else 1
    finally:
        os._exit(status)


def _ran(tests: Sequence[str], out: int) -> int:
    """Run them; the whole files, where the change gave a test another name (a constant in the name of an example)."""
    found = pytest.main([*ARGUMENTS, *tests], [Quick(), _Teller(out)])
    if found == pytest.ExitCode.USAGE_ERROR:
        files = dict.fromkeys(test.partition("::")[0] for test in tests)
        found = pytest.main([*ARGUMENTS, *files], [Quick(), _Teller(out)])
    return int(found)


def _bound(seconds: int) -> None:
    """A change that never ends, or eats all memory, is found too."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
