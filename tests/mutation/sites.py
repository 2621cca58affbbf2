"""Where a program can be changed by one small fault, and to what.

Every change replaces one child of a node. What cannot act is left alone: annotations, docstrings, decorators and bases
(another test holds that dataclasses are frozen), names for type checkers, and ``strict=`` of ``zip``, a self-check.
"""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_SWAPS: Final[dict[type[ast.AST], type[ast.AST]]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.BitXor: ast.BitAnd,
    ast.USub: ast.UAdd,
    ast.Break: ast.Continue,
    ast.Continue: ast.Break,
}
_TWINS: Final = {"min": "max", "max": "min", "any": "all", "all": "any"}
_UNREAD: Final = {"annotation", "returns", "decorator_list", "bases", "keywords_of_class", "type_comment"}
_FOR_CHECKERS: Final = {"TypeVar", "NewType", "cast", "ParamSpec"}


@dataclass(frozen=True, slots=True)
class Site:
    """One change: ``value`` in place of a child of ``holder``; ``whole`` is what is shown before and after it."""

    function: str
    line: int
    whole: ast.AST
    holder: ast.AST
    field: str
    index: int | None
    value: Any

    def swap(self, value: Any) -> Any:
        """Put a value in the child's place and give back what stood there."""
        if self.index is None:
            before = getattr(self.holder, self.field)
            setattr(self.holder, self.field, value)
            return before
        children = getattr(self.holder, self.field)
        before, children[self.index] = children[self.index], value
        return before


@dataclass(frozen=True, slots=True)
class _Child:
    parent: "_Child | None"
    node: Any
    holder: ast.AST
    field: str
    index: int | None


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every change of this tree, in the order of its text."""
    for child, function in _walk(None, tree, ""):
        for holder, field, index, value in _changes(child):
            line = getattr(child.node, "lineno", 0) or _line(child)
            yield Site(function, line, _whole(child), holder, field, index, value)


def _line(child: _Child | None) -> int:
    while child is not None:
        if hasattr(child.node, "lineno"):
            return int(child.node.lineno)
        child = child.parent
    return 0


def _walk(parent: _Child | None, node: ast.AST, function: str) -> Iterator[tuple[_Child, str]]:
    for field, value in ast.iter_fields(node):
        if field in _UNREAD or (isinstance(node, ast.ClassDef) and field == "keywords"):
            continue
        children = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, each in children:
            if isinstance(each, ast.AST) and not _left_alone(node, field, each):
                child = _Child(parent, each, node, field, index)
                yield child, function
                yield from _walk(child, each, _name(each, function))


def _name(node: ast.AST, function: str) -> str:
    """The outermost function, with its class: what a call of it is known by."""
    if isinstance(node, ast.ClassDef):
        return f"{function}{node.name}." if not function or function.endswith(".") else function
    if isinstance(node, ast.FunctionDef):
        return f"{function}{node.name}" if not function or function.endswith(".") else function
    return function


def _left_alone(holder: ast.AST, field: str, node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FOR_CHECKERS:
        return True
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
        return True
    if isinstance(node, ast.keyword) and node.arg == "strict":
        return True
    return isinstance(node, ast.Import | ast.ImportFrom) or (isinstance(holder, ast.Subscript) and _is_type(holder))


def _is_type(node: ast.Subscript) -> bool:
    """``tuple[str, ...]`` and its like, in an alias: names a type."""
    base = node.value
    return (
        isinstance(base, ast.Name)
        and (base.id in ("tuple", "dict", "list", "frozenset", "set", "type") or base.id[:1].isupper())
        and not base.id.isupper()
        and not base.id.startswith("_")
    )


Change = tuple[ast.AST, str, int | None, Any]


def _changes(child: _Child) -> Iterator[Change]:
    here = (child.holder, child.field, child.index)
    node = child.node
    if type(node) in _SWAPS:
        yield (*here, _SWAPS[type(node)]())
    by_type: dict[type[ast.AST], Callable[[Any], Iterator[Any]]] = {
        ast.Constant: _other_constants,
        ast.UnaryOp: lambda n: iter((n.operand,) if isinstance(n.op, ast.Not) else ()),
        ast.Call: _other_calls,
        ast.Return: _other_returns,
        ast.Raise: lambda n: iter((ast.copy_location(ast.Pass(), n),)),
        ast.Expr: lambda n: iter((ast.copy_location(ast.Pass(), n),) if isinstance(n.value, ast.Call) else ()),
    }
    for value in by_type.get(type(node), lambda n: iter(()))(node):
        yield (*here, value)
    yield from _parts(node)
    if _is_condition(child):
        yield (*here, ast.copy_location(ast.UnaryOp(ast.Not(), node), node))


def _other_constants(node: ast.Constant) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.copy_location(ast.Constant(not value), node)
    elif isinstance(value, int):
        yield ast.copy_location(ast.Constant(value + 1), node)
    elif isinstance(value, str):
        yield ast.copy_location(ast.Constant(f"{value}XX"), node)
    elif isinstance(value, bytes):
        yield ast.copy_location(ast.Constant(value + b"XX"), node)


def _other_calls(node: ast.Call) -> Iterator[ast.expr]:
    if not isinstance(node.func, ast.Name):
        return
    if node.func.id in _TWINS:
        twin = ast.copy_location(ast.Name(_TWINS[node.func.id], ast.Load()), node)
        yield ast.copy_location(ast.Call(twin, node.args, node.keywords), node)
    if node.func.id == "sorted":
        unsorted = ast.copy_location(ast.Name("list", ast.Load()), node)
        yield ast.copy_location(ast.Call(unsorted, node.args[:1], []), node)


def _other_returns(node: ast.Return) -> Iterator[ast.stmt]:
    if node.value is not None and not (isinstance(node.value, ast.Constant) and node.value.value is None):
        yield ast.copy_location(ast.Return(ast.copy_location(ast.Constant(None), node)), node)


def _parts(node: ast.AST) -> Iterator[Change]:
    """A condition without one of its parts, a comprehension without its filter, a table without one of its rows."""
    if isinstance(node, ast.BoolOp):
        for index, value in enumerate(node.values):
            neutral = ast.Constant(isinstance(node.op, ast.And))
            yield node, "values", index, ast.copy_location(neutral, value)
    if isinstance(node, ast.comprehension):
        for index, test in enumerate(node.ifs):
            yield node, "ifs", index, ast.copy_location(ast.Constant(True), test)
    if isinstance(node, ast.Set | ast.List | ast.Tuple) and len(node.elts) > 1:
        if not isinstance(getattr(node, "ctx", None), ast.Store):
            for index in range(len(node.elts)):
                yield node, "elts", None, [*node.elts[:index], *node.elts[index + 1 :]]
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        for index in range(len(node.keys)):
            yield node, "keys", index, ast.copy_location(ast.Constant(f"gone-{index}"), node.values[index])


def _is_condition(child: _Child) -> bool:
    tested = child.field == "test" and isinstance(child.holder, ast.If | ast.IfExp | ast.While)
    plain = not isinstance(child.node, ast.Compare | ast.BoolOp | ast.UnaryOp)
    return tested and plain


def _whole(child: _Child) -> ast.AST:
    """The statement, or the part of it, that is short enough to be shown and says where the change is."""
    chosen: _Child = child
    while chosen.parent is not None and not isinstance(chosen.node, ast.stmt):
        above = chosen.parent
        if isinstance(above.node, ast.stmt) and hasattr(above.node, "body"):
            break
        if not hasattr(above.node, "_fields") or len(ast.unparse(above.node)) > 200:
            break
        chosen = above
    return chosen.node if isinstance(chosen.node, ast.stmt | ast.expr | ast.comprehension) else chosen.holder
