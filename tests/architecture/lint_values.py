"""The values of the release chain can be made only where they are earned.

``Caller → Ask → Facts → Permit | Refusal → Rows → Parcel → Released → Committed``: each is evidence of the step before
it, so building, copying or casting one elsewhere would skip that step.
"""

import ast

from tests.architecture.syntax import calls, dotted, full_name, origins, parse

HOMES = {
    "Caller": "app/exchange/authenticate.py",
    "Facts": "app/storage/facts.py",
    "Permit": "app/consent/decide.py",
    "Refusal": "app/consent/decide.py",
    "Rows": "app/storage/content.py",
    "Parcel": "app/consent/minimise.py",
    "Released": "app/exchange/release.py",
    "Committed": "app/exchange/unit.py",
}
FORGING = {"dataclasses.replace", "copy.replace", "copy.copy", "copy.deepcopy", "typing.cast", "typing_extensions.cast"}
FORGING_MODULES = {"copy", "pickle", "marshal"}
FORGING_ATTRIBUTES = {"__new__", "__setattr__", "__class__", "__dict__", "__replace__", "__setstate__"}
ALLOWED: dict[tuple[str, str], str] = {}
"""(path, construct) -> the reason why it is harmless there."""


def private_constructors(source: str, path: str) -> list[str]:
    """Outside its home a chain value is only named in types, ``isinstance`` and ``match``."""
    away = {name for name, home in HOMES.items() if home != path}
    scan = _Scan(away)
    scan.visit(parse(source))
    return [f"{path}:{line}: {name} may be made only in {HOMES[name]}" for line, name in scan.found]


class _Scan(ast.NodeVisitor):
    """Finds a private name wherever its value could be called, renamed, subclassed or passed on."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.found: list[tuple[int, str]] = []

    def visit_Name(self, node: ast.Name) -> None:
        if node.id in self.names and isinstance(node.ctx, ast.Load):
            self.found.append((node.lineno, node.id))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if node.attr in self.names and dotted(node):
            self.found.append((node.lineno, node.attr))
        self.visit(node.value)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        self.found += [(node.lineno, a.name) for a in node.names if a.name in self.names and a.asname]

    def visit_arg(self, node: ast.arg) -> None:
        """An annotation makes nothing."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def visit_MatchClass(self, node: ast.MatchClass) -> None:
        for pattern in (*node.patterns, *node.kwd_patterns):
            self.visit(pattern)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not isinstance(node.op, ast.BitOr):
            self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if not isinstance(node.slice, ast.Name | ast.Attribute | ast.Tuple):
            self.visit(node.slice)

    def visit_Call(self, node: ast.Call) -> None:
        self.visit(node.func)
        if dotted(node.func) in {"isinstance", "issubclass", "TypeVar"}:
            return
        for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
            self.visit(argument)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        defaults = [default for default in (*node.args.defaults, *node.args.kw_defaults) if default is not None]
        for part in (*node.decorator_list, *defaults, *node.body):
            self.visit(part)


def no_forging(source: str, path: str) -> list[str]:
    """No copying, replacing, casting or building around a constructor, for any value."""
    tree = parse(source)
    bound = origins(tree)
    found = {
        (node.lineno, name) for node in ast.walk(tree) if isinstance(node, ast.expr) for name in _forged(node, bound)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found |= {(node.lineno, f"{node.module}.{a.name}") for a in node.names}
        elif isinstance(node, ast.Import):
            found |= {(node.lineno, a.name) for a in node.names}
    bad = {(line, name) for line, name in found if _is_forging(name)}
    bad |= {(call.lineno, "type(...)()") for call in calls(tree) if _calls_a_type(call)}
    return [f"{path}:{line}: {name} can forge a value" for line, name in sorted(bad) if (path, name) not in ALLOWED]


def _forged(node: ast.expr, bound: dict[str, str]) -> list[str]:
    if isinstance(node, ast.Attribute) and node.attr in FORGING_ATTRIBUTES:
        return [node.attr]
    name = full_name(node, bound) if isinstance(node, ast.Name | ast.Attribute) else ""
    return [name] if name in FORGING | {"setattr"} else []


def _is_forging(name: str) -> bool:
    return name in FORGING | FORGING_ATTRIBUTES | {"setattr"} or name.split(".")[0] in FORGING_MODULES


def _calls_a_type(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Call) and dotted(call.func.func) == "type"
