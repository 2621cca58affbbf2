"""Client assertions (RFC 7523) and access tokens (RFC 9068): the only door to python-jose.

The library is fenced in because it accepts what it should not (HMAC keyed with a public key, unknown ``crit``, any key
of a set, absent claims, loose base64): each token is first read by ``compact``, then verified with one key object and
one algorithm, and its claims are checked here. Every check is written out; no option of the library is relied on.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jose import jwk, jws
from jose.backends.cryptography_backend import (
    CryptographyECKey,
    CryptographyRSAKey,
)
from jose.exceptions import JOSEError

from app.identity.cache import AccessClaims, AccessTokenCache, Verified
from app.identity.claims import MAX_LIFETIME, Claims
from app.identity.compact import parse
from app.identity.errors import KeyRefused, TokenError, TokenErrorCode
from app.identity.keys import ServiceKeys, algorithm_of, public_key, thumbprint

__all__ = [
    "ASSERTION_ALGORITHMS",
    "AccessClaims",
    "AccessTokenCache",
    "Assertion",
    "AssertionPolicy",
    "assert_backend",
    "issue_access_token",
    "peek_client_id",
    "verify_access_token",
    "verify_assertion",
    "verify_cached",
]

ASSERTION_ALGORITHMS: Final = frozenset({"RS384", "ES384", "ES256"})
# SMART App Launch 2.2.0 client-confidential-asymmetric; RFC 10070
_ASSERTION_TYPES: Final = {"smart22": "JWT", "rfc10070": "client-authentication+jwt"}
_ACCESS_TYPE: Final = "at+jwt"
_ACCESS_ALGORITHM: Final = "ES256"
_ACCESS_CLAIMS: Final = frozenset(
    {"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "assignment", "client_key"}
)
_MAX_SCOPE: Final = 2048
# RFC 6749 3.3
_SCOPE: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+(?: [\x21\x23-\x5B\x5D-\x7E]+)*")


def assert_backend() -> None:
    """Raise RuntimeError unless python-jose verifies with cryptography: its pure Python ECDSA leaks timing."""
    if (jwk.get_key("ES256"), jwk.get_key("ES384"), jwk.get_key("RS384")) != (
        CryptographyECKey,
        CryptographyECKey,
        CryptographyRSAKey,
    ):
        raise RuntimeError("python-jose does not use its cryptography backend")


# At import, so that no process can verify a token without it.
assert_backend()


@dataclass(frozen=True, slots=True)
class AssertionPolicy:
    """How one client may authenticate: its row, its live public JWKs, and this service's own addresses."""

    client_id: str
    keys: tuple[Mapping[str, object], ...]
    profile: Literal["smart22", "rfc10070"]
    token_endpoint: str
    issuer: str
    algorithms: frozenset[str]

    def __post_init__(self) -> None:
        if not self.algorithms or not self.algorithms <= ASSERTION_ALGORITHMS:
            raise ValueError("algorithms must be among " + ", ".join(sorted(ASSERTION_ALGORITHMS)))

    @property
    def audience(self) -> str:
        """The one string that ``aud`` must be."""
        return self.token_endpoint if self.profile == "smart22" else self.issuer


@dataclass(frozen=True, slots=True)
class Assertion:
    """A verified assertion. Use is once: (client, jti) must be recorded until ``exp``, before a token is issued.

    ``key`` is the thumbprint of the registered key that verified it.
    """

    jti: str
    exp: int
    key: str


def peek_client_id(assertion: str) -> str:
    """The unverified issuer, which says whose row and keys to load. Raises TokenError invalid_client."""
    types = _ASSERTION_TYPES.values()
    parsed = parse(assertion, types=types, algorithms=ASSERTION_ALGORITHMS, code="invalid_client")
    return Claims(parsed.claims, "invalid_client").text("iss")


def verify_assertion(assertion: str, policy: AssertionPolicy, now: int) -> Assertion:
    """Authenticate a client by private_key_jwt at ``now`` (seconds). Raises TokenError invalid_client.

    The replay guard is the caller's and keys on (client, jti), never on the token: an ECDSA signature has a second
    valid spelling (S, n-S) that anyone can compute.
    """
    typ = _ASSERTION_TYPES[policy.profile]
    parsed = parse(assertion, types={typ}, algorithms=policy.algorithms, code="invalid_client")
    claims = Claims(parsed.claims, "invalid_client")
    claims.exactly("iss", policy.client_id, "the client_id")
    registered, key = _registered_key(policy, parsed.kid, parsed.alg)
    _check_signature(assertion, key, parsed.alg, "invalid_client")
    claims.exactly("sub", policy.client_id, "the client_id")
    claims.exactly("aud", policy.audience, f"the string {policy.audience}")
    return Assertion(jti=claims.text("jti"), exp=claims.lifetime(now), key=thumbprint(registered))


def _registered_key(
    policy: AssertionPolicy, kid: str, alg: str
) -> tuple[Mapping[str, object], RSAPublicKey | EllipticCurvePublicKey]:
    kty = "RSA" if alg == "RS384" else "EC"
    fitting = [candidate for candidate in policy.keys if candidate.get("kid") == kid and candidate.get("kty") == kty]
    if len(fitting) != 1:
        raise TokenError("invalid_client", "kid and alg must fit exactly one registered key")
    try:
        if algorithm_of(fitting[0]) != alg:
            raise TokenError("invalid_client", "alg does not fit the curve of the registered key")
        return fitting[0], public_key(fitting[0])
    except KeyRefused as refused:
        raise TokenError("invalid_client", f"the registered key is unusable: {refused}") from None


def _check_signature(token: str, key: RSAPublicKey | EllipticCurvePublicKey, alg: str, code: TokenErrorCode) -> None:
    try:
        jws.verify(token, jwk.construct(key, alg), algorithms=[alg])
    except JOSEError:
        raise TokenError(code, "the signature does not verify") from None


def issue_access_token(
    keys: ServiceKeys,
    *,
    issuer: str,
    audience: str,
    client_id: str,
    scope: str,
    assignment: str,
    client_key: str,
    now: int,
    jti: str,
    lifetime: int = MAX_LIFETIME,
) -> str:
    """An RFC 9068 token signed by the active key. ``scope`` is space-delimited (RFC 6749 3.3), ``jti`` fresh random.

    ``client_key`` is the thumbprint of the key that asked for it, so that retiring that key ends the token at once.

    Raises ValueError for a lifetime outside 1 to 300 seconds or a malformed scope: such a token would not verify.
    """
    if not 1 <= lifetime <= MAX_LIFETIME or _SCOPE.fullmatch(scope) is None or len(scope) > _MAX_SCOPE:
        raise ValueError("lifetime or scope out of range")
    claims = {
        "iss": issuer,
        "sub": client_id,
        "aud": audience,
        "client_id": client_id,
        "iat": now,
        "exp": now + lifetime,
        "jti": jti,
        "scope": scope,
        "assignment": assignment,
        "client_key": client_key,
    }
    active = keys.access[0]
    header = {"typ": _ACCESS_TYPE, "kid": active.kid}
    signing_key = jwk.construct(active.private, _ACCESS_ALGORITHM)
    return str(jws.sign(claims, signing_key, headers=header, algorithm=_ACCESS_ALGORITHM))


def verify_access_token(token: str, keys: ServiceKeys, *, issuer: str, audience: str, now: int) -> AccessClaims:
    """The claims of one of our own tokens, live at ``now`` (seconds). Raises TokenError invalid_token.

    The set of claims is exact: a claim that this version does not know could be a restriction.
    """
    return _verify(token, keys, issuer, audience, now).claims


def _verify(token: str, keys: ServiceKeys, issuer: str, audience: str, now: int) -> Verified:
    code: TokenErrorCode = "invalid_token"
    parsed = parse(token, types={_ACCESS_TYPE}, algorithms={_ACCESS_ALGORITHM}, code=code)
    claims = Claims(parsed.claims, code)
    claims.exactly("iss", issuer, "this issuer")
    key = keys.access_key(parsed.kid)
    if key is None:
        claims.refuse("kid is not one of our keys")
    _check_signature(token, key.public, _ACCESS_ALGORITHM, code)
    claims.exactly("aud", audience, "this face")
    if claims.members.keys() != _ACCESS_CLAIMS:
        claims.refuse("the claims are not exactly those of an access token")
    client_id, scope = claims.text("client_id"), claims.text("scope", _MAX_SCOPE)
    claims.exactly("sub", client_id, "the client_id")
    if _SCOPE.fullmatch(scope) is None:
        claims.refuse("scope is malformed")
    granted = AccessClaims(
        client_id=client_id,
        scopes=frozenset(scope.split(" ")),
        assignment=claims.text("assignment"),
        client_key=claims.text("client_key"),
        jti=claims.text("jti"),
        exp=claims.lifetime(now),
    )
    return Verified(granted, parsed.kid, issuer, audience)


def verify_cached(
    cache: AccessTokenCache, token: str, keys: ServiceKeys, issuer: str, audience: str, now: int
) -> AccessClaims:
    """``verify_access_token`` without repeating the signature check. Raises TokenError invalid_token.

    A hit needs the same issuer and audience and a key that is still ours, so a withdrawn key ends its tokens at once.
    """
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
    entry = cache.get(digest)
    if entry is None or (entry.issuer, entry.audience) != (issuer, audience) or keys.access_key(entry.kid) is None:
        entry = _verify(token, keys, issuer, audience, now)
        cache.put(digest, entry)
    if entry.claims.exp <= now:
        cache.drop(digest)
        raise TokenError("invalid_token", "expired")
    return entry.claims
