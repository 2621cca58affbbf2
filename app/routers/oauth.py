"""The token endpoint and its metadata (RFC 6749, 7523, 8414, 9068)."""

from typing import Any, Final
from urllib.parse import parse_qsl

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange.tokens import TokenRequest, issue
from app.identity.errors import TokenError
from app.identity.tokens import ASSERTION_ALGORITHMS
from app.routers.answering import answer
from app.routers.asking import hub_of
from app.schemas import answers as a
from app.schemas.contract import operation
from app.vocabulary import Scope

router = APIRouter(tags=["identity"])
MAX_FORM: Final = 16_384
_KNOWN: Final = ("grant_type", "scope", "assignment", "client_assertion_type", "client_assertion", "client_id")
_FORM: Final = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {name: {"type": "string"} for name in _KNOWN},
            },
            "example": {"grant_type": "client_credentials"},
        }
    },
}
_TOKEN: Final[dict[str, Any]] = operation(
    "issue_token",
    "Get an access token for one assignment (client_credentials)",
    led="collection",
    scope=None,
    answer=a.TokenAnswer,
    also={400: a.TokenError, 401: a.TokenError},
    problems=(408,),
)
_TOKEN["openapi_extra"]["requestBody"] = _FORM


@router.post("/oauth/token", **_TOKEN)
async def issue_token(request: Request) -> Response:
    try:
        form = await _form(request)
        committed = await issue(
            hub_of(request), TokenRequest(**form, authorization=request.headers.get("authorization"))
        )
    except TokenError as error:
        return _refused(request, error)
    return answer(committed)


@router.get(
    "/.well-known/oauth-authorization-server",
    **operation(
        "authorization_server",
        "Authorization server metadata (RFC 8414)",
        led="collection",
        scope=None,
        answer=a.AuthorizationServer,
    ),
)
async def authorization_server(request: Request) -> Response:
    hub = hub_of(request)
    methods = ["private_key_jwt"] + (["client_secret_basic"] if hub.sandbox else [])
    document = {
        "issuer": hub.issuer,
        "token_endpoint": f"{hub.issuer}/oauth/token",
        "jwks_uri": f"{hub.issuer}/.well-known/jwks.json",
        "grant_types_supported": ["client_credentials"],
        "response_types_supported": [],
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": sorted(ASSERTION_ALGORITHMS),
        "scopes_supported": sorted(scope.value for scope in Scope),
    }
    return Response(orjson.dumps(document), media_type="application/json")


@router.get(
    "/.well-known/jwks.json",
    **operation("jwks", "Public keys of this service (RFC 7517)", led="collection", scope=None, answer=a.KeysAnswer),
)
async def jwks(request: Request) -> Response:
    return Response(orjson.dumps(hub_of(request).keys.jwks()), media_type="application/json")


async def _form(request: Request) -> dict[str, str | None]:
    """The known fields, each at most once (RFC 6749 3.2)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_FORM:
            raise TokenError("invalid_request", "the form is too large")
    if kind != "application/x-www-form-urlencoded":
        raise TokenError("invalid_request", "send application/x-www-form-urlencoded")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise TokenError("invalid_request", "the form is malformed") from None
    names = [name for name, _ in pairs]
    if len(names) != len(set(names)) or any("\x00" in value for _, value in pairs):
        raise TokenError("invalid_request", "a field is repeated or malformed")
    form = dict(pairs)
    return {name: form.get(name) or None for name in _KNOWN}


def _refused(request: Request, error: TokenError) -> Response:
    """Uniform: why an assertion was refused would tell a forger how far they got. The sandbox gives a hint."""
    body = {"error": error.code} | ({"hint": error.hint} if hub_of(request).sandbox else {})
    status = 401 if error.code == "invalid_client" else 400
    headers = {"WWW-Authenticate": "Basic"} if status == 401 and hub_of(request).sandbox else {}
    return Response(orjson.dumps(body), status, headers, "application/json")
