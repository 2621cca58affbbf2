"""The forgeries are real: python-jose alone accepts each of these, and the fence refuses it.

The only place beside ``app/identity/tokens.py`` where the library is imported. When one of these fails because the
library has learnt to refuse, that edge is gone and its line can go.
"""

from collections.abc import Callable

import pytest
from jose import jwk, jws, jwt
from jose.backends.ecdsa_backend import ECDSAECKey
from jose.constants import ALGORITHMS

from app.identity.errors import TokenError
from app.identity.tokens import assert_backend, verify_assertion
from tests.identity import forging
from tests.identity.forging import NOW, TOKEN_ENDPOINT, assertion, claims, compact, es256, hs256, rs384

KEY = es256()


def accepted_by_jws(token: str) -> None:
    jws.verify(token, KEY.jwk, algorithms=["ES256"])


def accepted_by_jwt(token: str) -> None:
    jwt.decode(token, KEY.jwk, algorithms=["ES256"], audience=TOKEN_ENDPOINT)


def accepted_with_a_der_secret(token: str) -> None:
    jws.verify(token, rs384().der, algorithms=None)


def accepted_by_a_jwks(token: str) -> None:
    other = es256().jwk | {"kid": "another"}
    jws.verify(token, {"keys": [other, KEY.jwk]}, algorithms=["ES256"])


@pytest.mark.parametrize(
    ("token", "accepts"),
    [
        (compact(rs384().header | {"alg": "HS256"}, claims(), hs256(rs384().der)), accepted_with_a_der_secret),
        (assertion(KEY) + "==", accepted_by_jws),
        (forging.respelled(assertion(KEY)), accepted_by_jws),
        (compact(KEY.header | {"crit": ["x"], "x": 1}, claims(), KEY.sign), accepted_by_jws),
        (compact(KEY.header | {"b64": False, "crit": ["b64"]}, claims(), KEY.sign), accepted_by_jws),
        (compact(KEY.header | {"jku": "https://attacker.example"}, claims(), KEY.sign), accepted_by_jws),
        (compact(KEY.header | {"kid": "unknown"}, claims(), KEY.sign), accepted_by_a_jwks),
        (assertion(KEY, aud=None, exp=2**40), accepted_by_jwt),
        (assertion(KEY, aud=[TOKEN_ENDPOINT, "https://other.example"], exp=2**40), accepted_by_jwt),
        (assertion(KEY, exp=None), accepted_by_jwt),
        (assertion(KEY, exp=str(2**40)), accepted_by_jwt),
        (assertion(KEY, exp=2**40), accepted_by_jwt),
        (assertion(KEY, iat=2**39, exp=2**40), accepted_by_jwt),
        (assertion(KEY, jti=None, exp=2**40), accepted_by_jwt),
        (compact(KEY.header | {"typ": "at+jwt"}, claims(), KEY.sign), accepted_by_jws),
    ],
    ids=[
        "HS256 keyed with DER", "padded", "trailing bits", "crit", "b64", "jku", "kid", "no aud", "aud list", "no exp",
        "exp string", "exp far", "iat future", "no jti", "typ",
    ],
)  # fmt: skip
def test_library_accepts_and_the_fence_refuses(token: str, accepts: Callable[[str], None]) -> None:
    accepts(token)
    with pytest.raises(TokenError):
        verify_assertion(token, forging.policy(), NOW)


def test_start_is_refused_without_the_cryptography_backend() -> None:
    assert_backend()
    jwk.register_key("ES256", ECDSAECKey)
    try:
        with pytest.raises(RuntimeError, match="cryptography backend"):
            assert_backend()
    finally:
        del ALGORITHMS.KEYS["ES256"]
    assert_backend()
