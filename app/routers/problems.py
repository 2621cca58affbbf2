"""The only map from an error to a status, and the one shape of an error: RFC 9457, the same bytes for the same code.

No ``instance`` and no request id in the body: two callers, or one caller twice, must not be able to tell two refusals
apart. The request id is in the header ``X-Request-Id``.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from app.errors import Conflict, Flaw, Forbidden, Gone, Invalid, NotFound, Problem, TooMany, Unauthenticated
from app.routers.json_text import TEXT_CODES
from app.routers.refusals import BadRequest, HeadTooSlow, RangeRefused, TooLarge, TooSlow, Unsupported, UriTooLong
from app.routers.type_flaws import TYPE_CODES, code_and_detail

MEDIA_TYPE: Final = "application/problem+json"
STATUS: Final[Mapping[type[Problem], int]] = MappingProxyType(
    {
        BadRequest: 400,
        Unauthenticated: 401,
        Forbidden: 403,
        NotFound: 404,
        RangeRefused: 405,
        TooSlow: 408,
        HeadTooSlow: 408,
        Conflict: 409,
        Gone: 410,
        TooLarge: 413,
        UriTooLong: 414,
        Unsupported: 415,
        Invalid: 422,
        TooMany: 429,
        Problem: 400,
    }
)
_TITLES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: "Malformed request",
        401: "Not authenticated",
        403: "Not allowed",
        404: "Not found or not permitted",
        405: "Method not allowed",
        408: "Request timeout",
        409: "Conflict with the present state",
        410: "No longer kept",
        413: "Body too large",
        414: "URI too long",
        415: "Unsupported media type",
        422: "Invalid request",
        429: "Too many requests",
        500: "Internal error",
        503: "Temporarily unavailable",
    }
)
CODES: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "json_malformed": (400, "The body is not JSON"),
        "uri_malformed": (400, "The path or the query holds control characters"),
        "header_malformed": (400, "A header holds control characters"),
        "request_malformed": (400, "The request cannot be read"),
        "missing_token": (401, "No access token was sent"),
        "invalid_token": (401, "The access token is not valid here"),
        "insufficient_scope": (403, "The access token lacks the scope"),
        "purpose_not_for_role": (403, "The role may not state this purpose"),
        "not_found_or_not_permitted": (404, "Not found or not permitted"),
        "route_unknown": (404, "No such route"),
        "method_not_allowed": (405, "Method not allowed"),
        "range_not_supported": (405, "Parts of an answer are not served"),
        "request_timeout": (408, "The request did not arrive in time"),
        "body_too_large": (413, "Body too large"),
        "uri_too_long": (414, "The path or the query is too long"),
        "unsupported_media_type": (415, "Unsupported media type"),
        "invalid_request": (422, "The request cannot be accepted as it stands"),
        "parameter_invalid": (422, "A parameter is missing or malformed"),
        **{code: (422, sentence.rstrip(".")) for code, sentence in (*TEXT_CODES.items(), *TYPE_CODES.items())},
        "too_many_requests": (429, "Too many requests"),
        "internal_error": (500, "Internal error"),
        "unavailable": (503, "Temporarily unavailable"),
    }
)
"""Status and title of every code that the edge itself gives; flows add their own codes under the same statuses."""

_CHALLENGES: Final[Mapping[str, str]] = MappingProxyType(
    {"missing_token": "Bearer", "insufficient_scope": 'Bearer error="insufficient_scope"'}
)
_PROBED: Final = ("DELETE", "GET", "PATCH", "POST", "PUT")


def problem_response(
    status: int,
    code: str,
    detail: str,
    errors: Sequence[Flaw] = (),
    headers: Mapping[str, str] | None = None,
    hint: str = "",
) -> Response:
    """A problem of RFC 9457. ``detail`` is a constant sentence: it repeats nothing that was sent or stored."""
    title = CODES[code][1] if code in CODES else _TITLES.get(status, "Refused")
    body: dict[str, Any] = {
        "type": f"/docs/errors#{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        body["errors"] = [_entry(flaw) for flaw in errors]
    if hint:
        body["hint"] = hint
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(content, status, headers, MEDIA_TYPE)


def response_of(problem: Problem, *, sandbox: bool = False) -> Response:
    """The response of a refusal: its status by its class, with the headers that RFC 6750 and RFC 9110 ask for."""
    status = next(STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS)
    headers = {}
    if status == 401 or problem.code in _CHALLENGES:
        headers["WWW-Authenticate"] = _CHALLENGES.get(problem.code, 'Bearer error="invalid_token"')
    if status == 405:  # a gated read, which takes GET alone
        headers["Allow"] = "GET"
    if status in {408, 413} or problem.code == "request_malformed":
        # The rest is not read, or not as its sender meant it, so the connection cannot be used again.
        headers["Connection"] = "close"
    if isinstance(problem, TooMany):
        headers["Retry-After"] = str(problem.retry_after)
    hint = problem.hint if sandbox else ""
    return problem_response(status, problem.code, problem.detail, problem.errors, headers, hint)


def internal_error() -> Response:
    """The answer to an error of ours. What went wrong is for the operator's log alone."""
    detail = "The service failed; nothing was changed unless it is shown when you read it again."
    return problem_response(500, "internal_error", detail)


def unavailable() -> Response:
    """The answer when the database cannot answer, or too much is asked at once: the same for all."""
    detail = "The service cannot answer at this moment; repeat the request."
    return problem_response(503, "unavailable", detail, headers={"Retry-After": "1"})


def install(app: FastAPI, unavailable: type[Exception]) -> None:
    """Answer every error of the app as a problem. ``unavailable``: what a flow raises when it cannot record."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(unavailable, _on_unavailable)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_parameters)
    app.add_exception_handler(Exception, _on_error)


def _entry(flaw: Flaw) -> dict[str, str]:
    entry = {"pointer": flaw.pointer, "code": flaw.code, "detail": flaw.detail}
    return entry | {"section": flaw.section} if flaw.section else entry


async def _on_problem(request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    request.state.code = error.code
    return response_of(error, sandbox=getattr(getattr(request.app.state, "hub", None), "sandbox", False))


async def _on_unavailable(request: Request, error: Exception) -> Response:
    request.state.code = "unavailable"
    return unavailable()


async def _on_error(request: Request, error: Exception) -> Response:
    request.state.code = "internal_error"
    return internal_error()


async def _on_http(request: Request, error: Exception) -> Response:
    """What the framework refuses; its own words are dropped, since they may repeat the request."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers: dict[str, str] = {}
    if status == 404:
        code, detail = "route_unknown", "There is no such route; /openapi.json lists them."
    elif status == 405:
        code, detail = "method_not_allowed", "This route does not take this method; Allow lists those it takes."
        headers["Allow"] = ", ".join(_allowed(request))
    elif status == 413:
        code, detail = "body_too_large", "The body has more bytes than are read here."
    elif 400 <= status < 500:
        status, code, detail = 400, "request_malformed", "The request cannot be read."
    else:
        return await _on_error(request, error)
    request.state.code = code
    return problem_response(status, code, detail, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Every method of the path: the framework itself names only those of the first route that has it."""
    scope = {key: request.scope[key] for key in ("type", "path", "root_path", "headers", "app")}
    routes = request.app.router.routes
    return [m for m in _PROBED if any(route.matches({**scope, "method": m})[0] is Match.FULL for route in routes)]


async def _on_parameters(request: Request, error: Exception) -> Response:
    """Query, path and header parameters. A name is told only if the route itself declares it."""
    declared = set(_declared(getattr(request.scope.get("route"), "dependant", None)))
    flaws = []
    for entry in error.errors() if isinstance(error, RequestValidationError) else ():
        name = next((step for step in entry["loc"][1:2] if step in declared), None)
        _, sentence = code_and_detail(entry["type"], entry.get("ctx", {}))
        detail = f"{name}: {sentence}" if name else "A parameter is missing or malformed."
        flaws.append(Flaw("", "parameter_invalid", detail))
    request.state.code = "invalid_request"
    return response_of(Invalid(dict.fromkeys(flaws)))


def _declared(dependant: Any) -> Iterator[str]:
    if dependant is None:
        return
    for kind in ("path_params", "query_params", "header_params", "cookie_params", "body_params"):
        yield from (field.alias for field in getattr(dependant, kind))
    for inner in dependant.dependencies:
        yield from _declared(inner)
