"""All mutants of the modules that decide, derive and record, each with a name that outlasts edits elsewhere."""

import ast
import marshal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType
from typing import Final

from tests.mutation.sites import sites

ROOT: Final = Path(__file__).parents[2]
TARGETS: Final = ("app/consent", "app/messages/derive.py", "app/ledger")


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module. ``nth`` tells equal changes of one function apart."""

    file: str
    function: str
    was: str
    now: str
    nth: int
    line: int
    site: int

    @property
    def shown(self) -> str:
        """For a person, on one line."""
        return f"{self.file}:{self.line} {self.function}: {self.was}  ->  {self.now} [{self.nth}]"

    @property
    def name(self) -> tuple[str, str, str, str, int]:
        """What it is listed under."""
        return self.file, self.function, self.was, self.now, self.nth


def files(wanted: list[str]) -> list[str]:
    """The modules to change, relative to the root; with ``wanted``, those of them that start with one of these."""
    found = [
        path.relative_to(ROOT).as_posix()
        for target in TARGETS
        for path in ([ROOT / target] if target.endswith(".py") else sorted((ROOT / target).rglob("*.py")))
    ]
    return [file for file in found if not wanted or file.startswith(tuple(wanted))]


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Every mutant of this source that compiles, and to other code."""
    tree = ast.parse(source)
    same, seen = _bytes(_compiled(tree, file)), Counter[tuple[str, str, str]]()
    for number, site in enumerate(sites(tree)):
        was = ast.unparse(site.whole)
        before = site.swap(site.value)
        try:
            now = ast.unparse(site.value if before is site.whole else site.whole)
            code = _bytes(_compiled(tree, file))
        except (ValueError, SyntaxError, TypeError):
            continue
        finally:
            site.swap(before)
        if code != same:
            seen[site.function, was, now] += 1
            yield Mutant(file, site.function, was, now, seen[site.function, was, now], site.line, number)


def code_of(mutant: Mutant, source: str) -> CodeType:
    """The changed module, compiled; never written to a file."""
    tree = ast.parse(source)
    site = next(each for number, each in enumerate(sites(tree)) if number == mutant.site)
    site.swap(site.value)
    return _compiled(tree, mutant.file)


def _compiled(tree: ast.Module, file: str) -> CodeType:
    code = compile(tree, str(ROOT / file), "exec", dont_inherit=True)
    assert isinstance(code, CodeType)
    return code


def _bytes(code: CodeType) -> bytes:
    return marshal.dumps(code)
