"""Reading Python source for the lints: where a module belongs, dotted names, imports, calls."""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CORE = ("app/consent/", "app/messages/", "app/ledger/", "app/vocabulary/", "app/vocabulary.py")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@lru_cache(maxsize=1024)
def parse(source: str) -> ast.Module:
    """The tree of a source; kept, since every lint reads every module. Never change it."""
    return ast.parse(source)


def is_core(path: str) -> bool:
    """Whether a repository-relative path belongs to the pure core."""
    return path.startswith(CORE)


def functions(source: str) -> Iterator[Function]:
    """Every function of a module, nested ones and methods included."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(function: Function) -> int:
    """Lines from ``def`` to the last statement, docstring included, decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def dotted(node: ast.AST) -> str:
    """``a.b.c`` for a chain of names, '' for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Line and full dotted name of everything that a module imports, ``from a import b`` giving ``a.b``."""
    for node in ast.walk(parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def origins(tree: ast.AST) -> dict[str, str]:
    """Local name -> the full dotted name that an import bound to it."""
    bound: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            bound |= {alias.asname or alias.name.split(".")[0]: _bound(alias) for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            bound |= {alias.asname or alias.name: f"{node.module or ''}.{alias.name}" for alias in node.names}
    return bound


def _bound(alias: ast.alias) -> str:
    return alias.name if alias.asname else alias.name.split(".")[0]


def full_name(node: ast.AST, bound: dict[str, str]) -> str:
    """The dotted name of an expression with its first part replaced by what was imported under it."""
    head, _, rest = dotted(node).partition(".")
    head = bound.get(head, head)
    return f"{head}.{rest}" if rest else head


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Every call in a tree."""
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def modules(*folders: str) -> dict[str, str]:
    """Repository-relative path -> source of each Python file under the folders."""
    files = (file for folder in folders for file in sorted((ROOT / folder).rglob("*.py")))
    return {file.relative_to(ROOT).as_posix(): file.read_text("utf-8") for file in files}
