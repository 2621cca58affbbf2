"""Whether an answer is one that the OpenAPI document describes: status, content type, schema, no null."""

import functools
from collections.abc import Iterator
from typing import Any, Final

import httpx
from jsonschema import Draft202012Validator, FormatChecker  # type: ignore[import-untyped]  # it ships no types
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from app.main import create_app
from app.settings import Settings

_BASE: Final = "urn:throughcare:openapi"


@functools.cache
def document() -> dict[str, Any]:
    """The contract as the code generates it."""
    generated: dict[str, Any] = create_app(Settings.from_environment({})).openapi()
    return generated


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(method, path template, operation object) of the whole contract."""
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def operation(name: str) -> tuple[str, str, dict[str, Any]]:
    """The operation of this operationId."""
    return next(found for found in operations() if found[2]["operationId"] == name)


@functools.cache
def validator(pointer: str) -> Draft202012Validator:
    """A validator of the schema at a pointer into the contract; references lead into its components."""
    registry: Registry[Any] = Registry().with_resource(_BASE, DRAFT202012.create_resource(document()))
    return Draft202012Validator({"$ref": f"{_BASE}#{pointer}"}, registry=registry, format_checker=FormatChecker())


def check(response: httpx.Response, method: str, path_template: str) -> None:
    """Fail unless the operation documents this status with this content type and a schema that the body meets."""
    documented = document()["paths"][path_template][method.lower()]["responses"]
    status = str(response.status_code)
    where = f"{method} {path_template} {status}"
    assert status in documented, f"{where} is not documented"
    contents = documented[status].get("content")
    if contents is None:
        assert response.content == b"", f"{where} has a body that is not documented"
        return
    kind = response.headers["content-type"].partition(";")[0]
    assert kind in contents, f"{where} answers {kind}"
    body = response.json()
    at = pointer("paths", path_template, method.lower(), "responses", status, "content", kind, "schema")
    errors = list(validator(at).iter_errors(body))
    assert not errors, f"{where}: {errors[0].json_path}: {errors[0].message}"
    assert not list(_nulls(body)), f"{where} answers null: an absent key is absent"


def pointer(*steps: str) -> str:
    """A JSON pointer in a URI fragment (RFC 6901 6)."""
    escaped = (step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def _nulls(body: Any) -> Iterator[None]:
    parts = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    for part in parts:
        if part is None:
            yield None
        yield from _nulls(part)


def shape(body: Any, at: str = "") -> set[str]:
    """Every path of a JSON value with the items of a list taken together: two answers of one shape say alike things."""
    if isinstance(body, dict):
        return {at}.union(*(shape(part, f"{at}/{name}") for name, part in body.items()))
    if isinstance(body, list):
        return {at}.union(*(shape(part, f"{at}/*") for part in body))
    return {at}
