"""docs/flow.md names the steps that the code takes, in their order, in the files where they stand."""

import ast
import re

import pytest

from tests.docs.reading import ROOT, page

FLOW = page("docs/flow.md")
STEP = re.compile(r"^\d+\. `(\w+)` \(`([\w/.]+)`\)", re.MULTILINE)


def steps_of(source: str, begin: str) -> list[tuple[str, str]]:
    """(function, its module) of each step of our own that ``begin`` calls, in the order of evaluation.

    Functions of the module itself are looked into; what is no function of ``app`` (a class, ``range``) is no step.
    """
    tree = ast.parse(source)
    local = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    origin = {
        alias.name: f"{node.module.replace('.', '/')}.py"
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app.")
        for alias in node.names
        if alias.name.islower() and alias.name != "log"
    }

    def within(node: ast.AST) -> list[tuple[str, str]]:
        found = [step for child in ast.iter_child_nodes(node) for step in within(child)]
        name = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        if name in local:
            return found + [step for statement in local[name].body for step in within(statement)]
        return [*found, (name, origin[name])] if name in origin else found

    return [step for statement in local[begin].body for step in within(statement)]


def test_steps_of_release_are_the_calls_of_release() -> None:
    """The list between the marks is what ``release`` does."""
    told = STEP.findall(FLOW.partition("<!-- steps of release -->")[2].partition("<!-- end -->")[0])
    assert told == steps_of(page("app/exchange/release.py"), "release")


def test_order_is_that_of_evaluation() -> None:
    """An argument comes before the call that takes it, a function of the module in its place."""
    source = (
        "from app.a import one, two\nfrom app.b import Kind\ndef f():\n    two(g())\ndef g():\n    return Kind(one())"
    )
    assert steps_of(source, "f") == [("one", "app/a.py"), ("two", "app/a.py")]


@pytest.mark.parametrize("step", STEP.findall(FLOW), ids=lambda step: step[0])
def test_step_stands_in_its_file(step: tuple[str, str]) -> None:
    """Each function that the page names is defined where the page says."""
    name, file = step
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    assert name in {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
