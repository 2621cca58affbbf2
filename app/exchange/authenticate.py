"""Who calls: the token's signature, then client, key, unit and role as the registry has them at this moment."""

import re
from dataclasses import dataclass, field
from typing import Final

from app.errors import Flaw, Forbidden, Invalid, Unauthenticated
from app.exchange import clock
from app.exchange.hub import Hub
from app.identity.errors import TokenError
from app.identity.tokens import verify_cached
from app.messages.referral import flaws_of_name
from app.storage import registry
from app.vocabulary import JUSTICE, AgencyKind, Role, Scope

_ACTING: Final = re.compile(r'^"([\x21\x23-\x5b\x5d-\x7e]{1,64})"(?:;\s*name="([^"\\\x00-\x1f\x7f]{1,120})")?$')

BY_SECRET: Final = "secret"
"""Stands for the key in a token that was asked for with a client secret: good in the sandbox only."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated client acting in one assignment. Unit and role come from the registry, never the request."""

    client: str
    assignment: str
    key: str
    """Thumbprint of the key that asked for the token, or ``secret``."""
    agency: str
    kind: AgencyKind
    unit: str
    unit_name: str
    time_zone: str
    profile: str
    role: Role
    scopes: frozenset[Scope]
    person: str | None
    person_name: str | None
    request: str
    """Id of the request (X-Request-Id); recorded beside what it was answered."""
    proof: str | None = field(default=None, repr=False)
    """What the database gave for this authentication: with it, and for half a minute, it lets a justice caller in."""

    @property
    def is_justice(self) -> bool:
        """Whether answers to this caller pass the gate."""
        return self.kind in JUSTICE


async def authenticate(hub: Hub, authorization: str | None, acting_user: str | None, request: str) -> Caller:
    """The caller of a request.

    Raises:
        Unauthenticated: no token, a bad one, or a client, key, unit or assignment that is not live now.
        Invalid: a malformed ``Acting-User``.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("missing_token", "Send an access token in the Authorization header.")
    try:
        claims = verify_cached(hub.tokens, token, hub.keys, issuer=hub.issuer, audience=hub.issuer, now=clock.seconds())
    except TokenError as error:
        raise Unauthenticated("invalid_token", _hint(hub, error.hint)) from error
    async with hub.database.read() as reader:
        row = await reader.one(
            registry.LIVE_ASSIGNMENT, client=claims.client_id, assignment=claims.assignment, key=claims.client_key
        )
    if row is None or (claims.client_key == BY_SECRET and not hub.sandbox):
        raise Unauthenticated("invalid_token", _hint(hub, "the client, its key or its assignment is not live"))
    person, name = _acting(acting_user)
    return Caller(
        client=claims.client_id,
        assignment=claims.assignment,
        key=claims.client_key,
        agency=row["agency_id"],
        kind=AgencyKind(row["kind"]),
        unit=row["unit_id"],
        unit_name=row["name"],
        time_zone=row["time_zone"],
        profile=row["profile"],
        role=Role(row["role"]),
        scopes=frozenset(Scope(scope) for scope in claims.scopes),
        person=person,
        person_name=name,
        request=request,
        proof=row["proof"],
    )


def require(caller: Caller, scope: Scope) -> None:
    """Refuse a caller whose token lacks the scope, before anything is looked up."""
    if scope not in caller.scopes:
        raise Forbidden("insufficient_scope", f"This operation needs the scope {scope.value}.")


def _acting(header: str | None) -> tuple[str | None, str | None]:
    if header is None:
        return None, None
    found = _ACTING.match(header)
    if found is None or (found.group(2) is not None and flaws_of_name("", _read(found.group(2)))):
        detail = 'Acting-User is a quoted staff id and an optional name: "ofc-12"; name="A. Officer".'
        raise Invalid((Flaw("", "acting_user_malformed", detail),))
    return found.group(1), found.group(2)


def _read(name: str) -> str:
    """A header's text as its sender most likely wrote it: a header arrives as Latin-1 whatever its bytes mean."""
    return name.encode("latin-1", "replace").decode(errors="ignore")


def _hint(hub: Hub, hint: str) -> str:
    return f"The access token is not valid here: {hint}." if hub.sandbox else "The access token is not valid here."
