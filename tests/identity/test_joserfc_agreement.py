"""A second library as judge: what we accept joserfc accepts, what it signs we accept, and no altered token passes."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key

from app.identity.errors import TokenError
from app.identity.keys import ServiceKeys
from app.identity.tokens import issue_access_token, verify_access_token, verify_assertion
from tests.identity import forging
from tests.identity.forging import (
    CLIENT_ID,
    ISSUER,
    NOW,
    TOKEN_ENDPOINT,
    ClientKey,
    assertion,
    claims,
    es256,
    es384,
    rs384,
)

CLIENT_KEYS = [es384(), rs384(), es256()]
SERVICE = ServiceKeys.load(ServiceKeys.generate())
ACCESS = issue_access_token(
    SERVICE,
    issuer=ISSUER,
    audience=ISSUER,
    client_id=CLIENT_ID,
    scope="a b",
    assignment="as-1",
    client_key="thumbprint",
    now=NOW,
    jti="t-1",
)
ASSERTIONS = [assertion(key) for key in CLIENT_KEYS]


def judge_key(jwk: Mapping[str, Any]) -> Key:
    return import_key(dict(jwk))


def joserfc_accepts(token: str, jwk: Mapping[str, Any], alg: str, audience: str) -> bool:
    registry = jwt.JWTClaimsRegistry(
        now=NOW,
        leeway=10,
        iss={"essential": True},
        sub={"essential": True, "value": CLIENT_ID},
        aud={"essential": True, "value": audience},
        exp={"essential": True},
        iat={"essential": True},
        jti={"essential": True},
    )
    try:
        registry.validate(jwt.decode(token, judge_key(jwk), algorithms=[alg]).claims)
    except (JoseError, ValueError):
        return False
    return True


def we_accept(token: str) -> bool:
    try:
        verify_assertion(token, forging.policy(), NOW)
    except TokenError:
        return False
    return True


@pytest.mark.parametrize("key", CLIENT_KEYS, ids=lambda key: key.alg)
def test_assertion_signed_by_joserfc_verifies_here(key: ClientKey) -> None:
    token = jwt.encode(key.header, claims(), judge_key(key.private_jwk), algorithms=[key.alg])
    assert we_accept(token)
    assert joserfc_accepts(token, key.jwk, key.alg, TOKEN_ENDPOINT)


def test_access_token_verifies_in_joserfc_against_the_published_set() -> None:
    assert joserfc_accepts(ACCESS, SERVICE.jwks()["keys"][0], "ES256", ISSUER)
    decoded = jwt.decode(ACCESS, judge_key(SERVICE.jwks()["keys"][0]), algorithms=["ES256"])
    assert decoded.header == {"alg": "ES256", "kid": SERVICE.access[0].kid, "typ": "at+jwt"}


instants = st.sampled_from([NOW - 361, NOW - 1, NOW, NOW + 10, NOW + 11, NOW + 300, NOW + 311, None, "1", True, 1.5])
names = st.sampled_from([CLIENT_ID, "other", "", None, [CLIENT_ID], 7])
audiences = st.sampled_from([TOKEN_ENDPOINT, ISSUER, [TOKEN_ENDPOINT], None])
one_claim = (
    st.tuples(st.sampled_from(["exp", "iat", "nbf"]), instants)
    | st.tuples(st.sampled_from(["iss", "sub"]), names)
    | st.tuples(st.just("aud"), audiences)
    | st.tuples(st.just("jti"), st.text(max_size=3))
    | st.tuples(st.just("extra"), st.booleans() | st.text(max_size=5))
)
# Two at most: with more, nearly every token is refused and the property says nothing.
changed_claims = st.lists(one_claim, max_size=2).map(dict)
no_change: dict[str, object] = {}
changed_header = st.just(no_change) | st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jku", "cty"]),
    st.sampled_from(["RS384", "ES384", "ES256", "HS256", "none", "JWT", "es-1", "rs-1", ["exp"], False]),
    max_size=1,
)


@given(st.sampled_from(CLIENT_KEYS), changed_header, changed_claims)
def test_whatever_we_accept_joserfc_accepts(
    key: ClientKey, header: dict[str, object], changes: dict[str, object]
) -> None:
    token = forging.compact(key.header | header, claims(**changes), key.sign)
    assert not we_accept(token) or joserfc_accepts(token, key.jwk, key.alg, TOKEN_ENDPOINT)


@st.composite
def one_edit(draw: st.DrawFn, token: str) -> str:
    """``token`` with one character replaced, inserted or removed."""
    at = draw(st.integers(0, len(token) - 1))
    likely = st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.+/ \n")
    other = draw(likely | st.characters()) if draw(st.booleans()) else ""
    return token[:at] + other + token[at + draw(st.integers(0 if other else 1, 1)) :]


@given(st.sampled_from(ASSERTIONS).flatmap(lambda token: st.tuples(st.just(token), one_edit(token))))
def test_assertion_with_one_character_edited_is_refused(pair: tuple[str, str]) -> None:
    token, edited = pair
    assert edited == token or not we_accept(edited)


@given(one_edit(ACCESS))
def test_access_token_with_one_character_edited_is_refused(edited: str) -> None:
    if edited != ACCESS:
        with pytest.raises(TokenError, match="invalid_token"):
            verify_access_token(edited, SERVICE, issuer=ISSUER, audience=ISSUER, now=NOW)


@pytest.mark.parametrize("token", ASSERTIONS, ids=[key.alg for key in CLIENT_KEYS])
def test_last_character_of_the_signature_has_no_other_spelling(token: str) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    assert [last for last in alphabet if we_accept(token[:-1] + last)] == [token[-1]]
