"""Access tokens (RFC 9068): what we issue we accept, for its audience and lifetime, and nothing else."""

import hashlib

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.identity.errors import TokenError
from app.identity.keys import ServiceKeys
from app.identity.tokens import (
    AccessClaims,
    AccessTokenCache,
    issue_access_token,
    verify_access_token,
    verify_assertion,
    verify_cached,
)
from tests.identity import forging
from tests.identity.forging import CLIENT_ID, ISSUER, NOW, assertion, compact, ecdsa

AUDIENCE = "https://hub.example/v1"
KEYS = ServiceKeys.load(ServiceKeys.generate())
ACTIVE = KEYS.access[0]
HEADER: dict[str, object] = {"alg": "ES256", "kid": ACTIVE.kid, "typ": "at+jwt"}


def issued(keys: ServiceKeys = KEYS, now: int = NOW, lifetime: int = 300, jti: str = "token-1") -> str:
    return issue_access_token(
        keys,
        issuer=ISSUER,
        audience=AUDIENCE,
        client_id=CLIENT_ID,
        scope="referrals.read reports.read",
        assignment="as-1",
        client_key="thumbprint",
        now=now,
        jti=jti,
        lifetime=lifetime,
    )


def by_hand(**changes: object) -> str:
    good: dict[str, object] = {
        "iss": ISSUER,
        "sub": CLIENT_ID,
        "aud": AUDIENCE,
        "client_id": CLIENT_ID,
        "iat": NOW,
        "exp": NOW + 300,
        "jti": "token-1",
        "scope": "referrals.read reports.read",
        "client_key": "thumbprint",
        "assignment": "as-1",
    }
    kept = {name: value for name, value in (good | changes).items() if value is not None}
    return compact(HEADER, kept, ecdsa(ACTIVE.private))


def verified(token: str, keys: ServiceKeys = KEYS, now: int = NOW) -> AccessClaims:
    return verify_access_token(token, keys, issuer=ISSUER, audience=AUDIENCE, now=now)


def refused(token: str, hint: str, keys: ServiceKeys = KEYS, now: int = NOW) -> None:
    with pytest.raises(TokenError) as caught:
        verified(token, keys, now)
    assert caught.value.code == "invalid_token"
    assert hint in caught.value.hint


@pytest.mark.parametrize("token", [issued(), by_hand()], ids=["issued", "by hand"])
def test_own_token_is_accepted(token: str) -> None:
    scopes = frozenset({"referrals.read", "reports.read"})
    assert verified(token) == AccessClaims(CLIENT_ID, scopes, "as-1", "thumbprint", "token-1", NOW + 300)


def test_ends_at_exp_without_leeway() -> None:
    assert verified(issued(), now=NOW + 299).exp == NOW + 300
    refused(issued(), "expired", now=NOW + 300)


@pytest.mark.parametrize("lifetime", [0, -1, 301])
def test_no_token_of_another_lifetime_is_issued(lifetime: int) -> None:
    with pytest.raises(ValueError, match="lifetime"):
        issued(lifetime=lifetime)


@pytest.mark.parametrize("scope", ["", " a", "a ", "a  b", "a\nb", 'a"b', "a\\b", "é", "x" * 2049])
def test_malformed_scope_is_neither_issued_nor_accepted(scope: str) -> None:
    with pytest.raises(ValueError, match="scope"):
        issue_access_token(
            KEYS,
            issuer=ISSUER,
            audience=AUDIENCE,
            client_id="c",
            scope=scope,
            assignment="a",
            client_key="k",
            now=NOW,
            jti="j",
        )
    refused(by_hand(scope=scope), "scope")


@pytest.mark.parametrize(
    "name", ["iss", "sub", "aud", "client_id", "iat", "exp", "jti", "scope", "assignment", "client_key"]
)
def test_claim_missing(name: str) -> None:
    hint = name if name in {"iss", "aud"} else "not exactly those"
    refused(by_hand(**{name: None}), hint)


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"iss": "https://other.example"}, "iss must be exactly"),
        ({"aud": "https://hub.example/fhir/r4"}, "aud must be exactly"),
        ({"aud": [AUDIENCE]}, "aud must be exactly"),
        ({"sub": "someone-else"}, "sub must be exactly"),
        ({"exp": str(NOW + 60)}, "exp must be a whole number"),
        ({"exp": NOW + 3600}, "exp is more than"),
        ({"iat": NOW + 11}, "iat is in the future"),
        ({"jti": ""}, "jti must be"),
        ({"assignment": 1}, "assignment must be"),
        ({"scope": ["referrals.read"]}, "scope must be"),
        ({"cnf": {"jkt": "x"}}, "not exactly those"),
        ({"nbf": NOW}, "not exactly those"),
    ],
)
def test_claim_wrong(changes: dict[str, object], hint: str) -> None:
    refused(by_hand(**changes), hint)


def test_token_of_another_issuer() -> None:
    others = ServiceKeys.load(ServiceKeys.generate())
    refused(issued(others), "kid is not one of our keys")
    imposed = compact(HEADER, {"iss": ISSUER}, ecdsa(others.access[0].private))
    refused(imposed, "the signature does not verify")


def test_assertion_presented_as_access_token() -> None:
    refused(assertion(forging.es256()), "typ must be at+jwt")
    refused(assertion(forging.es384()), "alg must be ES256")


def test_access_token_presented_as_assertion() -> None:
    with pytest.raises(TokenError) as caught:
        verify_assertion(issued(), forging.policy(), NOW)
    assert (caught.value.code, caught.value.hint) == ("invalid_client", "typ must be JWT")


def test_public_key_as_hmac_secret() -> None:
    der = ACTIVE.public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    refused(compact(HEADER | {"alg": "HS256"}, {"iss": ISSUER}, forging.hs256(der)), "alg must be ES256")


def test_rotation_signs_with_the_first_key_and_accepts_every_published_one() -> None:
    fresh = ServiceKeys.load(ServiceKeys.generate())
    both = ServiceKeys((*fresh.access, *KEYS.access), KEYS.receipt)
    assert verified(issued(KEYS), both) == verified(issued(both), both)
    refused(issued(both), "kid is not one of our keys", KEYS)


def cached(cache: AccessTokenCache, token: str, keys: ServiceKeys = KEYS, now: int = NOW) -> AccessClaims:
    return verify_cached(cache, token, keys, ISSUER, AUDIENCE, now)


def test_cache_remembers_the_signature_but_not_the_time() -> None:
    cache, token = AccessTokenCache(), issued()
    assert cached(cache, token) is cached(cache, token)
    assert len(cache) == 1
    with pytest.raises(TokenError, match="invalid_token"):
        cached(cache, token, now=NOW + 300)
    assert len(cache) == 0


def test_cache_does_not_carry_a_token_to_another_face_or_past_its_key() -> None:
    cache, token = AccessTokenCache(), issued()
    cached(cache, token)
    for issuer, audience in [(ISSUER, ISSUER + "/fhir/r4"), ("https://other.example", AUDIENCE)]:
        with pytest.raises(TokenError, match="invalid_token"):
            verify_cached(cache, token, KEYS, issuer, audience, NOW)
    with pytest.raises(TokenError, match="invalid_token"):
        cached(cache, token, ServiceKeys.load(ServiceKeys.generate()))
    assert cached(cache, token).jti == "token-1"


@pytest.mark.parametrize(
    "token",
    ["", "x" * 5000, "\ud800", by_hand(aud=None), forging.respelled(issued())],
    ids=["empty", "long", "surrogate", "no aud", "respelled"],
)
def test_cache_keeps_no_refused_token(token: str) -> None:
    cache = AccessTokenCache()
    with pytest.raises(TokenError, match="invalid_token"):
        cached(cache, token)
    assert len(cache) == 0


def test_cache_drops_the_least_recently_used() -> None:
    cache = AccessTokenCache(capacity=2)
    first, second, third = (issued(jti=f"token-{number}") for number in range(3))
    for token in (first, second, first, third):
        cached(cache, token)
    held = [cache.get(hashlib.sha256(token.encode()).digest()) is not None for token in (first, second, third)]
    assert held == [True, False, True]
    with pytest.raises(ValueError, match="capacity"):
        AccessTokenCache(capacity=0)
