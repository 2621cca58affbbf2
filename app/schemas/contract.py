"""How an operation is described: request body, answers, example, LED operation. Generates OpenAPI 3.1 components."""

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from typing import Any, Final

from app.schemas.components import reference
from app.schemas.deprecation import EXTENSION, Deprecation
from app.schemas.problem import ProblemDocument
from app.vocabulary import Scope

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
    deprecated: Deprecation | None = None,
) -> dict[str, Any]:
    """Keyword arguments of a router decorator, for one operation of the contract.

    ``led`` is its operation of LED Art 25, ``example`` a body that a test replays, ``shows`` what it answers. The edge
    tells callers of one that is ``deprecated`` so with every answer.
    """
    if led not in LED_OPERATIONS:
        raise ValueError(f"{led} is none of the six operations of LED Art 25")
    shown = (*parameters, *((ACTING_USER,) if scope else ()), *((IDEMPOTENCY_KEY,) if idempotent else ()))
    extra: dict[str, Any] = {"x-led-operation": led, "x-scope": scope.value if scope else None, "x-gated": gated}
    extra |= {**_optional(body, example, deprecated), "parameters": [parameter.document() for parameter in shown]}
    extra["security"] = [{"backend_services": [scope.value]}] if scope is not None else []
    refused = _EDGE | set(problems) | (_GUARDED if scope is not None else set()) | ({409} if idempotent else set())
    refused |= (_BODY if body is not None else set()) | ({422} if parameters else set())
    return {
        "operation_id": name,
        "summary": summary,
        "status_code": status,
        "responses": _responses(refused, {status: answer, **(also or {})}, shows, status),
        "deprecated": deprecated is not None or None,
        "openapi_extra": extra,
        "response_model": None,
    }


def also_as(described: dict[str, Any], *media_types: str) -> dict[str, Any]:
    """The same operation, whose answer may be asked for in these other forms: text for people, not for machines."""
    content = described["responses"][described["status_code"]]["content"]
    content |= {media_type: {"schema": {"type": "string"}} for media_type in media_types}
    return described


_EDGE: Final = frozenset({400, 414, 500, 503})
_GUARDED: Final = frozenset({401, 403, 422, 429})
_BODY: Final = frozenset({400, 408, 413, 415, 422})
"""Statuses of the problems that any operation, any guarded one and any with a body may answer."""


def _optional(
    body: type[Any] | None, example: Mapping[str, Any] | None, deprecated: Deprecation | None
) -> dict[str, Any]:
    found: dict[str, Any] = {"requestBody": _request(body, example)} if body is not None else {}
    return found | ({EXTENSION: deprecated.document()} if deprecated is not None else {})


def _request(body: type[Any], example: Mapping[str, Any] | None) -> dict[str, Any]:
    content: dict[str, Any] = {"schema": reference(body)} | ({"example": dict(example)} if example else {})
    return {"required": True, "content": {"application/json": content}}


def _responses(
    refused: Set[int], answers: Mapping[int, type[Any] | None], shows: Mapping[str, Any] | None, status: int
) -> dict[int, Any]:
    responses = {code: _problem(code) for code in refused}
    for code, kind in answers.items():
        own = _answer(kind, shows if code == status else None)
        if code in responses:  # a refusal of its own form beside the edge's problems
            own["content"] |= responses[code]["content"]
        responses[code] = own
    return dict(sorted(responses.items()))


def _answer(kind: type[Any] | None, shows: Mapping[str, Any] | None) -> dict[str, Any]:
    if kind is None:
        return {"description": "No body"}
    content: dict[str, Any] = {"schema": reference(kind)} | ({"example": dict(shows)} if shows else {})
    return {"description": (kind.__doc__ or "").strip().partition("\n")[0], "content": {"application/json": content}}


def _problem(code: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": reference(ProblemDocument)}}
    described: dict[str, Any] = {"description": "A problem (RFC 9457)", "content": content}
    return described | ({"headers": {"Retry-After": _RETRY_AFTER}} if code in _LATER else {})


_LATER: Final = frozenset({429, 503})
_RETRY_AFTER: Final[Mapping[str, Any]] = {
    "description": "Whole seconds after which to ask again.",
    "schema": {"type": "integer", "minimum": 1},
}


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
