"""Tokens built byte by byte with ``cryptography`` alone, so that each forgery is exactly what its test says."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.identity.tokens import AssertionPolicy

NOW = 1_790_000_000
CLIENT_ID = "client-court-1"
ISSUER = "https://hub.example"
TOKEN_ENDPOINT = "https://hub.example/oauth/token"
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Sign = Callable[[bytes], bytes]


@dataclass(frozen=True, repr=False)
class ClientKey:
    """A client's key pair: registered JWK, signing function, private JWK, and the public key as DER and PEM."""

    alg: str
    jwk: dict[str, object]
    sign: Sign
    private_jwk: dict[str, object]
    der: bytes
    pem: bytes

    @property
    def header(self) -> dict[str, object]:
        return {"alg": self.alg, "kid": self.jwk["kid"], "typ": "JWT"}


@cache
def es384() -> ClientKey:
    return _ec_key("es-1", "ES384", ec.generate_private_key(ec.SECP384R1()))


@cache
def es256() -> ClientKey:
    return _ec_key("es-2", "ES256", ec.generate_private_key(ec.SECP256R1()))


@cache
def rs384() -> ClientKey:
    private = rsa.generate_private_key(65537, 2048)
    numbers = private.public_key().public_numbers()
    jwk: dict[str, object] = {"kty": "RSA", "kid": "rs-1", "n": number(numbers.n, 256), "e": number(numbers.e, 3)}
    d = number(private.private_numbers().d, 256)

    def sign(data: bytes) -> bytes:
        return private.sign(data, padding.PKCS1v15(), SHA384())

    return ClientKey("RS384", jwk, sign, jwk | {"d": d}, *_spki(private))


def _ec_key(kid: str, alg: str, private: ec.EllipticCurvePrivateKey) -> ClientKey:
    numbers, width = private.public_key().public_numbers(), private.key_size // 8
    x, y = number(numbers.x, width), number(numbers.y, width)
    jwk: dict[str, object] = {"kty": "EC", "kid": kid, "crv": f"P-{private.key_size}", "x": x, "y": y}
    d = number(private.private_numbers().private_value, width)
    return ClientKey(alg, jwk, ecdsa(private), jwk | {"d": d}, *_spki(private))


def ecdsa(private: ec.EllipticCurvePrivateKey) -> Sign:
    """Signs with r and s side by side (RFC 7518 3.4)."""
    width, digest = private.key_size // 8, SHA256() if private.key_size == 256 else SHA384()

    def sign(data: bytes) -> bytes:
        r, s = decode_dss_signature(private.sign(data, ec.ECDSA(digest)))
        return r.to_bytes(width, "big") + s.to_bytes(width, "big")

    return sign


def hs256(key: bytes) -> Sign:
    return lambda data: hmac.new(key, data, hashlib.sha256).digest()


def _spki(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> tuple[bytes, bytes]:
    public = private.public_key()
    return (
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    )


def number(value: int, width: int) -> str:
    return segment(value.to_bytes(width, "big"))


def segment(value: Mapping[str, object] | bytes) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact(header: Mapping[str, object] | bytes, claims: Mapping[str, object] | bytes, sign: Sign) -> str:
    signed = f"{segment(header)}.{segment(claims)}"
    return f"{signed}.{segment(sign(signed.encode()))}"


def claims(**changes: object) -> dict[str, object]:
    """Claims of a good assertion; a change to None leaves the claim out."""
    good: dict[str, object] = {
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "aud": TOKEN_ENDPOINT,
        "iat": NOW,
        "exp": NOW + 300,
        "jti": "assertion-1",
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def assertion(key: ClientKey, **changes: object) -> str:
    return compact(key.header, claims(**changes), key.sign)


def respelled(token: str) -> str:
    """The same signature bytes with an unused trailing bit set; needs a signature with unused bits (not ES384)."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) + 1]


def twin(token: str) -> str:
    """The ES256 token with S replaced by n-S, which verifies as well and needs no key to compute."""
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    s = P256_ORDER - int.from_bytes(raw[32:], "big")
    return f"{signed}.{segment(raw[:32] + s.to_bytes(32, 'big'))}"


def policy(*keys: dict[str, object]) -> AssertionPolicy:
    """A SMART 2.2 client with these live keys, or with one of each kind."""
    live = keys or (es384().jwk, rs384().jwk, es256().jwk)
    return AssertionPolicy(CLIENT_ID, live, "smart22", TOKEN_ENDPOINT, ISSUER, frozenset({"RS384", "ES384", "ES256"}))
