"""Every problem code that the source can answer with, read from its syntax trees so that none is missed."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

APP: Final = Path(__file__).resolve().parents[1]
FROM_TABLES: Final = frozenset(
    {
        "consent/creation/sentences.py",
        "consent/laws.py",
        "consent/signing/sentences.py",
        "routers/json_text.py",
        "routers/type_flaws.py",
    }
)
"""Modules that take a code from their own table, or from another flaw, instead of writing it at the place of use."""

_CODE_AT: Final = {
    "Flaw": 1,
    "Problem": 0,
    "BadRequest": 0,
    "Conflict": 0,
    "Forbidden": 0,
    "Gone": 0,
    "Unauthenticated": 0,
    "Unsupported": 0,
}
_FIXED: Final = frozenset({"RangeRefused", "TooSlow", "TooLarge", "UriTooLong", "Unsupported", "NotFound"})
"""Classes that give ``super().__init__`` their one code."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that refuses: module under ``app/``, class, code ('' where a table gives it) and sentence."""

    module: str
    line: int
    kind: str
    code: str
    sentence: str


@cache
def sources() -> tuple[Source, ...]:
    """Every refusal in the source, in the order of modules and lines."""
    modules = ((path.relative_to(APP).as_posix(), path.read_text()) for path in sorted(APP.rglob("*.py")))
    return tuple(found for module, text in modules for found in refusals(text, module))


def refusals(source: str, module: str) -> Iterator[Source]:
    """The refusals that one module builds."""
    tree = ast.parse(source)
    for scope in _scopes(tree):
        words = _assigned(scope)
        for call in _own_calls(scope):
            kind = call.func.id if isinstance(call.func, ast.Name) else ""
            at = _CODE_AT.get(kind)
            if at is not None and len(call.args) > at + 1:
                yield Source(module, call.lineno, kind, _text(call.args[at], {}), _text(call.args[at + 1], words))
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name in _FIXED:
            yield from _fixed(node, module)


def _fixed(node: ast.ClassDef, module: str) -> Iterator[Source]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
            code, sentence = (_text(argument, {}) for argument in call.args[:2])
            yield Source(module, call.lineno, node.name, code, sentence)


def _scopes(tree: ast.Module) -> Iterator[ast.AST]:
    yield tree
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions inside it, which are scopes of their own."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _own_nodes(child)


def _own_calls(scope: ast.AST) -> Iterator[ast.Call]:
    return (node for node in _own_nodes(scope) if isinstance(node, ast.Call))


def _assigned(scope: ast.AST) -> dict[str, str]:
    """Names that hold a sentence in this scope."""
    found: dict[str, str] = {}
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found[node.targets[0].id] = _text(node.value, {})
    return found


def _text(node: ast.expr, words: dict[str, str]) -> str:
    """The constant text of an expression, with … for what is filled in; '' where there is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)  # type: ignore[misc]  # parts of an f-string are texts
    return words.get(node.id, "") if isinstance(node, ast.Name) else ""
