"""How an operation is described: request body, answers, example, LED operation. Generates OpenAPI 3.1 components."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from app.schemas.problem import ProblemDocument
from app.vocabulary import Scope

_REF: Final = "#/components/schemas/{model}"
LED_OPERATIONS: Final = frozenset({"collection", "alteration", "consultation", "disclosure", "combination", "erasure"})
"""The six operations that automated systems must log (LED 2016/680 Art 25(1))."""

SCOPES: Final = {scope.value: " ".join(reversed(scope.value.split("."))).capitalize() for scope in Scope}
"""Scope -> what it is for, as the contract tells it."""


@dataclass(frozen=True)
class Parameter:
    """A query, path or header parameter, read by the endpoint itself."""

    name: str
    detail: str
    example: str
    place: str = "query"
    required: bool = False
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string", "minLength": 1, "maxLength": 512})

    def document(self) -> dict[str, Any]:
        """The OpenAPI parameter object."""
        return {
            "name": self.name,
            "in": self.place,
            "required": self.required or self.place == "path",
            "description": self.detail,
            "schema": dict(self.schema),
            "example": self.example,
        }


def own_parameters(document: dict[str, Any]) -> None:
    """Of two descriptions of one parameter, the framework's from the signature and ours, keep ours."""
    for methods in document["paths"].values():
        for described in methods.values():
            named = {(one["in"], one["name"]): one for one in described.get("parameters", ())}
            described["parameters"] = list(named.values())


COMPONENTS: Final[dict[str, Any]] = {}
"""Schemas of request bodies and answers, by name."""


def reference(kind: type[Any]) -> dict[str, Any]:
    """Register a type's JSON schema and refer to it."""
    mode: JsonSchemaMode = "serialization" if issubclass(kind, BaseModel) else "validation"
    schema = without_null(TypeAdapter(kind).json_schema(ref_template=_REF, mode=mode))
    for name, described in {**schema.pop("$defs", {}), kind.__name__: schema}.items():
        if COMPONENTS.setdefault(name, described) != described:
            raise ValueError(f"two schemas are called {name}")
    return {"$ref": _REF.format(model=kind.__name__)}


def without_null(node: Any) -> Any:
    """The schema without the null of optional members: one that is absent is absent, in requests and in answers."""
    if isinstance(node, list):
        return [without_null(part) for part in node]
    if not isinstance(node, dict):
        return node
    offered = node.get("anyOf", [])
    if {"type": "null"} in offered:
        rest = {name: part for name, part in node.items() if name not in ("anyOf", "default")}
        left = [part for part in offered if part != {"type": "null"}]
        node = rest | (left[0] if len(left) == 1 else {"anyOf": left})
    return {name: without_null(part) for name, part in node.items()}


def operation(
    name: str,
    summary: str,
    *,
    led: str,
    scope: Scope | None,
    answer: type[Any] | None,
    status: int = 200,
    also: Mapping[int, type[Any] | None] | None = None,
    body: type[Any] | None = None,
    example: Mapping[str, Any] | None = None,
    shows: Mapping[str, Any] | None = None,
    parameters: tuple[Parameter, ...] = (),
    idempotent: bool = False,
    gated: bool = False,
    problems: tuple[int, ...] = (),
) -> dict[str, Any]:
    """Keyword arguments of a router decorator, for one operation of the contract.

    ``led`` maps it to one of the six operations of LED Art 25; ``example`` is a request body that a test replays and
    ``shows`` what it answers.
    """
    if led not in LED_OPERATIONS:
        raise ValueError(f"{led} is none of the six operations of LED Art 25")
    answers = {status: answer, **(also or {})}
    extra: dict[str, Any] = {"x-led-operation": led, "x-scope": scope.value if scope else None, "x-gated": gated}
    if body is not None:
        content: dict[str, Any] = {"schema": reference(body)} | ({"example": dict(example)} if example else {})
        extra["requestBody"] = {"required": True, "content": {"application/json": content}}
    shown = (*parameters, ACTING_USER) if scope is not None else parameters
    shown = (*shown, IDEMPOTENCY_KEY) if idempotent else shown
    extra["parameters"] = [parameter.document() for parameter in shown]
    extra["security"] = [{"backend_services": [scope.value]}] if scope is not None else []
    expected = {400, 414, 500, 503} | ({401, 403} if scope is not None else set())
    expected |= {400, 408, 413, 415, 422} if body is not None else set()
    expected |= ({422} if parameters or scope is not None else set()) | set(problems) | ({409} if idempotent else set())
    responses = {code: _problem() for code in sorted(expected)}
    for code, kind in answers.items():
        own = _answer(kind, shows if code == status else None)
        if code in responses:  # a refusal of its own form beside the edge's problems
            own["content"] |= responses[code]["content"]
        responses[code] = own
    return {
        "operation_id": name,
        "summary": summary,
        "status_code": status,
        "responses": dict(sorted(responses.items())),
        "openapi_extra": extra,
        "response_model": None,
    }


def _answer(kind: type[Any] | None, shows: Mapping[str, Any] | None) -> dict[str, Any]:
    if kind is None:
        return {"description": "No body"}
    content: dict[str, Any] = {"schema": reference(kind)} | ({"example": dict(shows)} if shows else {})
    return {"description": (kind.__doc__ or "").strip().partition("\n")[0], "content": {"application/json": content}}


def _problem() -> dict[str, Any]:
    schema = reference(ProblemDocument)
    return {"description": "A problem (RFC 9457)", "content": {"application/problem+json": {"schema": schema}}}


ACTING_USER: Final = Parameter(
    "Acting-User",
    "Staff member on whose behalf the client acts: a quoted id and an optional name. Recorded; it can only narrow.",
    '"ofc-12"; name="A. Officer"',
    place="header",
    schema={"type": "string", "maxLength": 256},
)
IDEMPOTENCY_KEY: Final = Parameter(
    "Idempotency-Key",
    "Any string of 1 to 128 visible characters; the same request under the same key is carried out once in 30 days.",
    '"4f5c0a8e"',
    place="header",
    schema={"type": "string", "minLength": 1, "maxLength": 130},
)
