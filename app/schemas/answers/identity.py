"""Tokens, metadata, the registry and the vocabulary."""

from typing import Any

from app.schemas.answers.base import Answer, Open


class TokenAnswer(Answer):
    """An access token (RFC 6749 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenError(Answer):
    """Why no token was issued (RFC 6749 5.2)."""

    error: str
    error_description: str | None = None
    hint: str | None = None


class AuthorizationServer(Open):
    """Authorization server metadata (RFC 8414)."""

    issuer: str
    token_endpoint: str
    jwks_uri: str


class KeysAnswer(Answer):
    """A JWK set (RFC 7517) of this service's public keys."""

    keys: list[dict[str, Any]]


class Health(Answer):
    """Whether the service is alive or ready."""

    ok: bool


class Assignment(Answer):
    """One (unit, role) that the client may name in a token request."""

    id: str
    unit_id: str
    unit_name: str
    role: str


class Me(Answer):
    """The calling client in its assignment."""

    client_id: str
    agency_id: str
    agency_kind: str
    unit_id: str
    unit_name: str
    role: str
    purposes: list[str]
    scopes: list[str]
    assignments: list[Assignment]


class Unit(Answer):
    """A registered unit, with what it says of itself."""

    id: str
    name: str
    agency_id: str
    agency_name: str
    agency_kind: str
    services: list[str]
    languages: list[str]
    roles: list[str]
    capacity: str | None = None
    waiting_time: str | None = None


class Units(Answer):
    """Registered units."""

    items: list[Unit]


class Vocabulary(Open):
    """The closed code lists of this version."""

    version: int
