"""The token endpoint: client_credentials by private_key_jwt, or by a secret in the sandbox (RFC 6749, 7523, 9068)."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

import orjson

from app.exchange import clock
from app.exchange.authenticate import BY_SECRET
from app.exchange.hub import Hub
from app.exchange.unit import Committed, read, write
from app.identity.errors import TokenError
from app.identity.secrets import check_secret, parse_basic
from app.identity.tokens import (
    ASSERTION_ALGORITHMS,
    AssertionPolicy,
    issue_access_token,
    peek_client_id,
    verify_assertion,
)
from app.storage import registry
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import SCOPES_OF_ROLE, Role

LIFETIME: Final = 300
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """The form of a token request; ``assignment`` selects one of the client's rows of ``GET /v1/me``."""

    grant_type: str | None
    scope: str | None
    assignment: str | None
    client_assertion_type: str | None
    client_assertion: str | None
    client_id: str | None
    authorization: str | None


async def issue(hub: Hub, request: TokenRequest) -> Committed[dict[str, Any]]:
    """An access token for one assignment of an authenticated client.

    Raises:
        TokenError: with the OAuth code to answer.
    """
    if request.grant_type is None:
        raise TokenError("invalid_request", "grant_type is missing")
    if request.grant_type != "client_credentials":
        raise TokenError("unsupported_grant_type", "grant_type must be client_credentials")
    client, key = await _authenticated(hub, request)

    async def flow(reader: Reader) -> dict[str, Any]:
        row = _assignment(await reader.all(registry.ASSIGNMENTS, client=client), request.assignment)
        scope = _scope(request.scope, Role(row["role"]))
        token = issue_access_token(
            hub.keys,
            issuer=hub.issuer,
            audience=hub.issuer,
            client_id=client,
            scope=scope,
            assignment=row["id"],
            client_key=key,
            now=clock.seconds(),
            jti=secrets.token_urlsafe(24),
            lifetime=LIFETIME,
        )
        return {"access_token": token, "token_type": "bearer", "expires_in": LIFETIME, "scope": scope}

    return await read(hub, flow)


async def _authenticated(hub: Hub, request: TokenRequest) -> tuple[str, str]:
    """The client and the thumbprint of the key it proved; a replayed assertion is refused before any token is made."""
    if request.client_assertion is None:
        return await _by_secret(hub, request), BY_SECRET
    if request.authorization is not None:
        raise TokenError("invalid_request", "authenticate in one way only (RFC 6749 2.3)")
    if request.client_assertion_type != ASSERTION_TYPE:
        raise TokenError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}")
    client = peek_client_id(request.client_assertion)
    if request.client_id not in (None, client):
        raise TokenError("invalid_client", "client_id is not the one that the assertion names (RFC 7521 4.2)")
    async with hub.database.read() as reader:
        row = await reader.one(registry.CLIENT, client=client)
        keys = await reader.all(registry.CLIENT_KEYS, client=client)
    if row is None:
        raise TokenError("invalid_client", "no live client of this id")
    policy = AssertionPolicy(
        client_id=client,
        keys=tuple(orjson.loads(key["jwk"]) for key in keys),
        profile=row["assertion_profile"],
        token_endpoint=f"{hub.issuer}/oauth/token",
        issuer=hub.issuer,
        algorithms=ASSERTION_ALGORITHMS,
    )
    assertion = verify_assertion(request.client_assertion, policy, clock.seconds())

    async def once(tx: Transaction) -> int:
        await tx.run(registry.FORGET_REPLAYS, now=clock.seconds() - 60)
        return await tx.run(registry.REPLAY, issuer=client, jti=assertion.jti, expires_at=assertion.exp)

    if (await write(hub, once)).value != 1:
        raise TokenError("invalid_client", "this assertion was used before")
    return client, assertion.key


async def _by_secret(hub: Hub, request: TokenRequest) -> str:
    if not hub.sandbox or request.authorization is None:
        raise TokenError("invalid_client", "authenticate with a client_assertion (private_key_jwt)")
    client, secret = parse_basic(request.authorization)
    async with hub.database.read() as reader:
        row = await reader.one(registry.CLIENT, client=client)
    if row is None or row["secret_hash"] is None or not check_secret(secret, row["secret_hash"]):
        raise TokenError("invalid_client", "no live client with this id and secret")
    return client


def _assignment(rows: Any, asked: str | None) -> Row:
    fitting: list[Row] = [row for row in rows if asked is None or row["id"] == asked]
    if len(fitting) != 1:
        hint = "name one assignment of GET /v1/me" if asked is None else "the client has no such assignment"
        raise TokenError("invalid_request" if fitting else "unauthorized_client", hint)
    return fitting[0]


def _scope(asked: str | None, role: Role) -> str:
    allowed = {scope.value for scope in SCOPES_OF_ROLE[role]}
    wanted = set(asked.split()) if asked else allowed
    if not wanted or not wanted <= allowed:
        raise TokenError("invalid_scope", f"the role {role.value} has the scopes {' '.join(sorted(allowed))}")
    return " ".join(sorted(wanted))
