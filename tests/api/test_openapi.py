"""openapi.yaml: equal to the code, and sound as OpenAPI 3.1."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types

from app.__main__ import main
from app.commands.contract import document as as_yaml
from app.schemas.contract import LED_OPERATIONS
from app.vocabulary import Scope
from tests.api.contract import document, operations
from tests.service import ROOT

PUBLIC = {"issue_token", "authorization_server", "jwks", "healthz", "readyz"}


def test_file_equals_the_code() -> None:
    """The committed file is what the code generates; a file that differs by one word is told."""
    command = [sys.executable, "-m", "app", "openapi", "--check"]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text()) == document()


def test_difference_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The check fails for a file of another service, and for none."""
    (tmp_path / "openapi.yaml").write_text(as_yaml().replace("Throughcare", "Someone else", 1))
    for name in ("openapi.yaml", "missing.yaml"):
        assert main(["openapi", "--check", "--file", str(tmp_path / name)]) == 1
        assert "differs from the code" in capsys.readouterr().err


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for part in node.values():
            yield from _references(part)
    if isinstance(node, list):
        for part in node:
            yield from _references(part)


def test_references_resolve() -> None:
    """Every reference names a component, and every component is referred to."""
    components = document()["components"]["schemas"]
    named = {reference.removeprefix("#/components/schemas/") for reference in _references(document())}
    assert named == set(components)


def test_schemas_are_schemas() -> None:
    """Each is valid JSON Schema 2020-12, closed where we say every member, and none offers null."""
    for name, schema in document()["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
        assert "'null'" not in repr(schema), name
        if schema.get("type") == "object":
            assert "additionalProperties" in schema, name


def test_operations_are_whole() -> None:
    """operationId, summary, security, LED operation, parameters of the path, and what can go wrong."""
    seen: set[str] = set()
    for method, path, described in operations():
        where = f"{method} {path}"
        assert re.fullmatch(r"[a-z_]+", described["operationId"]) and described["operationId"] not in seen, where
        seen.add(described["operationId"])
        assert described["summary"] and described["tags"], where
        assert described["x-led-operation"] in LED_OPERATIONS, where
        _assert_security(described, where)
        _assert_parameters(path, described, where)
        _assert_problems(method, described, where)
    assert seen >= PUBLIC


def _assert_security(described: dict[str, Any], where: str) -> None:
    if described["operationId"] in PUBLIC:
        assert described["security"] == [], where
        return
    (required,) = described["security"]
    (scope,) = required["backend_services"]
    assert (Scope(scope).value, described["x-scope"]) == (scope, scope), where
    assert {"401", "403"} <= described["responses"].keys(), where


def _assert_parameters(path: str, described: dict[str, Any], where: str) -> None:
    named = [(one["in"], one["name"]) for one in described["parameters"]]
    assert len(named) == len(set(named)), f"{where}: a parameter is described twice"
    assert {name for place, name in named if place == "path"} == set(re.findall(r"{(\w+)}", path)), where
    for one in described["parameters"]:
        assert one["description"] and "example" in one and "schema" in one, where
        assert one["required"] or one["in"] != "path", where


def _assert_problems(method: str, described: dict[str, Any], where: str) -> None:
    responses = described["responses"]
    expected = {"400", "414", "500", "503"}
    body = described.get("requestBody", {}).get("content", {})
    expected |= {"408", "413", "415", "422"} if "application/json" in body else set()
    assert expected <= responses.keys(), where
    problem = {"$ref": "#/components/schemas/ProblemDocument"}
    for status, answered in responses.items():
        assert re.fullmatch(r"[2345]\d\d", status) and answered["description"], where
        refused_by_oauth = (described["operationId"], status) == ("issue_token", "401")  # RFC 6749 5.2 alone
        if status >= "400" and not refused_by_oauth:
            assert answered["content"]["application/problem+json"]["schema"] == problem, f"{where} {status}"
    if described["x-gated"]:
        assert described["x-led-operation"] == "disclosure", where
        # A body holds up to 200 cases; to a POST there is no 304 (RFC 9110 13.1.2).
        assert (method == "GET" and "304" in responses) or where.endswith("/search"), where


def test_document_frame() -> None:
    """Version, title and the one security scheme, whose token address is the real one."""
    assert document()["openapi"].startswith("3.1.") and document()["info"]["title"] == "Throughcare"
    flow = document()["components"]["securitySchemes"]["backend_services"]["flows"]["clientCredentials"]
    assert flow["tokenUrl"] in document()["paths"]
    assert set(flow["scopes"]) >= {described["x-scope"] for _, _, described in operations() if "x-scope" in described}
