"""Which public JWKs may be registered, and that one key has one thumbprint (RFC 7638)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from app.identity.errors import KeyRefused
from app.identity.keys import algorithm_of, public_key, thumbprint
from tests.identity.forging import ClientKey, es256, es384, number, rs384

# RFC 7638 3.1
EXAMPLE: dict[str, object] = {
    "kty": "RSA",
    "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjB"
    "ZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8"
    "KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_"
    "xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}


def rsa_jwk(modulus: int, exponent: int = 65537) -> dict[str, object]:
    width = (modulus.bit_length() + 7) // 8
    return {"kty": "RSA", "n": number(modulus, width), "e": number(exponent, (exponent.bit_length() + 7) // 8)}


def refused(jwk: dict[str, object], message: str) -> None:
    with pytest.raises(KeyRefused, match=message):
        public_key(jwk)


def test_thumbprint_of_the_rfc_example() -> None:
    assert thumbprint(EXAMPLE) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


@pytest.mark.parametrize("key", [es384(), es256(), rs384()], ids=lambda key: key.alg)
def test_each_kind_of_key_has_one_algorithm(key: ClientKey) -> None:
    loaded = public_key(key.jwk | {"use": "sig", "alg": key.alg, "key_ops": ["verify"]})
    assert isinstance(loaded, rsa.RSAPublicKey | ec.EllipticCurvePublicKey)
    assert algorithm_of(key.jwk) == key.alg
    assert thumbprint(key.jwk) == thumbprint(key.jwk | {"kid": "renamed", "use": "sig"})


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_private_member(member: str) -> None:
    refused(es384().jwk | {member: "AAAA"}, "a private key must never be registered")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"use": "enc"}, "use or key_ops"),
        ({"key_ops": ["encrypt"]}, "use or key_ops"),
        ({"key_ops": "verify"}, "use or key_ops"),
        ({"alg": "ES256"}, "alg must be ES384"),
        ({"alg": "HS256"}, "alg must be ES384"),
        ({"kty": "oct"}, "kty and crv"),
        ({"kty": ["EC"]}, "kty and crv"),
        ({"kty": None}, "kty and crv"),
        ({"crv": "P-521"}, "kty and crv"),
        ({"crv": "secp256k1"}, "kty and crv"),
        ({"crv": {}}, "kty and crv"),
        ({"crv": "P-256"}, "full length"),
        ({"x": "AAAA"}, "full length"),
        ({"x": None}, "x is a required string"),
        ({"x": "+/=="}, "x is not canonical"),
        ({"y": number(1, 48)}, "no point of the curve"),
        ({"x": number(2**384 - 1, 48)}, "no point of the curve"),
    ],
)
def test_ec_key_that_does_not_fit(change: dict[str, object], message: str) -> None:
    refused(es384().jwk | change, message)


@pytest.mark.parametrize(
    ("jwk", "message"),
    [
        (rsa_jwk(2**1023 + 1), "2048 to 4096 bits"),
        (rsa_jwk(2**2046 + 1), "2048 to 4096 bits"),
        (rsa_jwk(2**4096 + 1), "2048 to 4096 bits"),
        (rsa_jwk(2**2047), "odd number"),
        (rsa_jwk(2**2047 + 1, 3), "e must be"),
        (rsa_jwk(2**2047 + 1, 65538), "e must be"),
        (rsa_jwk(2**2047 + 1, 2**32 + 1), "e must be"),
    ],
)
def test_rsa_key_too_small_or_too_costly(jwk: dict[str, object], message: str) -> None:
    refused(jwk, message)


def test_client_key_is_not_ed25519() -> None:
    refused({"kty": "OKP", "crv": "Ed25519", "x": number(1, 32)}, "client keys are RSA or EC")


def test_same_key_cannot_have_a_second_thumbprint() -> None:
    numbered = rs384().jwk | {"e": number(65537, 4)}
    with pytest.raises(KeyRefused, match="leading zero octets"):
        thumbprint(numbered)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    x = str(es256().jwk["x"])
    respelled = es256().jwk | {"x": x[:-1] + alphabet[alphabet.index(x[-1]) + 1]}
    with pytest.raises(KeyRefused, match="canonical"):
        thumbprint(respelled)
