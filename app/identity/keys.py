"""Public JWKs of clients (RFC 7517, 7518) and the private keys of this service."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
    derive_private_key,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from app.identity import base64url
from app.identity.errors import KeyRefused

_PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_CURVES: Final[Mapping[str, SECP256R1 | SECP384R1]] = {"P-256": SECP256R1(), "P-384": SECP384R1()}
_OCTETS: Final = {"P-256": 32, "P-384": 48, "Ed25519": 32}
# One algorithm for each kind of key, so that a header can never choose how a key is used.
_ALGORITHMS: Final[Mapping[tuple[object, object], str]] = {
    ("RSA", None): "RS384",
    ("EC", "P-256"): "ES256",
    ("EC", "P-384"): "ES384",
    ("OKP", "Ed25519"): "EdDSA",
}
# The upper bounds keep a hostile registration from making each verification slow.
_RSA_BITS: Final = range(2048, 4097)
_RSA_EXPONENTS: Final = range(65537, 2**32, 2)


def thumbprint(jwk: Mapping[str, object]) -> str:
    """RFC 7638 SHA-256 thumbprint of an RSA, EC or Ed25519 JWK, base64url.

    Raises KeyRefused if a member is missing or not in its one canonical spelling: otherwise the same key could be
    registered twice under two thumbprints.
    """
    text = json.dumps(_material(jwk), separators=(",", ":"), sort_keys=True)
    return base64url.encode(hashlib.sha256(text.encode("ascii")).digest())


def algorithm_of(jwk: Mapping[str, object]) -> str:
    """The only JWS algorithm this JWK may verify. Raises KeyRefused for an unknown kind of key."""
    kty = jwk.get("kty")
    kind = (kty, None if kty == "RSA" else jwk.get("crv"))
    if not all(isinstance(name, str | None) for name in kind) or kind not in _ALGORITHMS:
        raise KeyRefused("kty and crv must be RSA, EC P-256, EC P-384 or OKP Ed25519")
    return _ALGORITHMS[kind]


def public_key(jwk: Mapping[str, object]) -> RSAPublicKey | EllipticCurvePublicKey:
    """The key of a client's JWK: RSA of 2048 to 4096 bits, EC P-256 or P-384.

    Raises KeyRefused for private members, a small or odd-shaped key, a point off its curve, and a ``use``, ``key_ops``
    or ``alg`` that does not fit verification with this key's one algorithm.
    """
    if _PRIVATE_MEMBERS & jwk.keys():
        raise KeyRefused("a private key must never be registered: send the public members only")
    algorithm = algorithm_of(jwk)
    if algorithm == "EdDSA":
        raise KeyRefused("client keys are RSA or EC")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise KeyRefused("use or key_ops does not allow verification")
    if jwk.get("alg", algorithm) != algorithm:
        raise KeyRefused(f"alg must be {algorithm} for this key")
    members = _material(jwk)
    return _rsa_key(members) if members["kty"] == "RSA" else _ec_key(members)


def _rsa_key(members: Mapping[str, str]) -> RSAPublicKey:
    modulus, exponent = _integer(members["n"]), _integer(members["e"])
    if modulus.bit_length() not in _RSA_BITS or modulus % 2 == 0:
        raise KeyRefused("n must be an odd number of 2048 to 4096 bits")
    if exponent not in _RSA_EXPONENTS:
        raise KeyRefused("e must be an odd number from 65537 below 2^32")
    return RSAPublicNumbers(exponent, modulus).public_key()


def _ec_key(members: Mapping[str, str]) -> EllipticCurvePublicKey:
    numbers = EllipticCurvePublicNumbers(_integer(members["x"]), _integer(members["y"]), _CURVES[members["crv"]])
    try:
        return numbers.public_key()
    except ValueError:
        raise KeyRefused("x and y are no point of the curve") from None


def _material(jwk: Mapping[str, object]) -> dict[str, str]:
    """The members that make the key (RFC 7638 3.2), each checked to be in its canonical spelling."""
    algorithm_of(jwk)
    names = {"RSA": ("e", "n"), "EC": ("x", "y"), "OKP": ("x",)}[str(jwk["kty"])]
    for name in names:
        octets = _octets(jwk, name)
        if jwk["kty"] == "RSA" and octets[0] == 0:
            raise KeyRefused(f"{name} has leading zero octets")
        if jwk["kty"] != "RSA" and len(octets) != _OCTETS[str(jwk["crv"])]:
            raise KeyRefused(f"{name} must have the full length of the curve")
    if jwk["kty"] != "RSA":
        names = ("crv", *names)
    return {name: str(jwk[name]) for name in ("kty", *names)}


def _octets(jwk: Mapping[str, object], name: str) -> bytes:
    value = jwk.get(name)
    if not isinstance(value, str):
        raise KeyRefused(f"{name} is a required string")
    try:
        return base64url.decode(value)
    except ValueError:
        raise KeyRefused(f"{name} is not canonical base64url") from None


def _integer(text: str) -> int:
    return int.from_bytes(base64url.decode(text), "big")


@dataclass(frozen=True, slots=True)
class AccessKey:
    """One ES256 key that signs access tokens; ``kid`` is its thumbprint. Its repr holds no key material."""

    kid: str
    private: EllipticCurvePrivateKey
    public: EllipticCurvePublicKey


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """The Ed25519 key that signs receipts and disclosed items; ``kid`` is its thumbprint."""

    kid: str
    private: Ed25519PrivateKey


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """The keys of this service. The first access key signs; every one verifies and is published."""

    access: tuple[AccessKey, ...]
    receipt: ReceiptKey

    @staticmethod
    def generate() -> dict[str, object]:
        """New keys, from the operating system's randomness, as JSON-able private JWKs. The result is secret."""
        private = generate_private_key(SECP256R1())
        d = private.private_numbers().private_value.to_bytes(32, "big")
        receipt = Ed25519PrivateKey.generate()
        return {
            "access": [_ec_jwk(private.public_key()) | {"d": base64url.encode(d)}],
            "receipt": _okp_jwk(receipt) | {"d": base64url.encode(receipt.private_bytes_raw())},
        }

    @classmethod
    def load(cls, stored: Mapping[str, object]) -> "ServiceKeys":
        """Keys from the shape of ``generate``. Raises KeyRefused if it is malformed or names a key twice."""
        access, receipt = stored.get("access"), stored.get("receipt")
        if not isinstance(access, list) or not access or not isinstance(receipt, Mapping):
            raise KeyRefused("access must list at least one key and receipt be one key")
        keys = cls(tuple(_load_access(jwk) for jwk in access), _load_receipt(receipt))
        if len({key.kid for key in keys.access}) != len(access):
            raise KeyRefused("an access key is listed twice")
        return keys

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public JWK Set (RFC 7517 5): every access key, then the receipt key."""
        return {"keys": [*(_ec_jwk(key.public) for key in self.access), _okp_jwk(self.receipt.private)]}

    def access_key(self, kid: str) -> AccessKey | None:
        """The access key with this thumbprint, if it is still published."""
        return next((key for key in self.access if key.kid == kid), None)


def _load_access(jwk: object) -> AccessKey:
    if not isinstance(jwk, Mapping):
        raise KeyRefused("an access key must be a JWK")
    secret = int.from_bytes(_octets(jwk, "d"), "big")
    try:
        private = derive_private_key(secret, SECP256R1())
    except ValueError:
        raise KeyRefused("d is no private key of P-256") from None
    public = private.public_key()
    return AccessKey(_agreed_kid(jwk, _ec_jwk(public)), private, public)


def _load_receipt(jwk: Mapping[str, object]) -> ReceiptKey:
    secret = _octets(jwk, "d")
    try:
        private = Ed25519PrivateKey.from_private_bytes(secret)
    except ValueError:
        raise KeyRefused("d is no Ed25519 private key") from None
    return ReceiptKey(_agreed_kid(jwk, _okp_jwk(private)), private)


def _agreed_kid(stored: Mapping[str, object], derived: Mapping[str, str]) -> str:
    # A public half that does not belong to d would publish a key nobody can sign with, or leak d through faulty use.
    if {name: value for name, value in stored.items() if name != "d"} != derived:
        raise KeyRefused("the public members do not belong to d")
    return derived["kid"]


def _ec_jwk(key: EllipticCurvePublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    x, y = (base64url.encode(value.to_bytes(32, "big")) for value in (numbers.x, numbers.y))
    return _published({"kty": "EC", "crv": "P-256", "x": x, "y": y})


def _okp_jwk(key: Ed25519PrivateKey) -> dict[str, str]:
    return _published({"kty": "OKP", "crv": "Ed25519", "x": base64url.encode(key.public_key().public_bytes_raw())})


def _published(jwk: dict[str, str]) -> dict[str, str]:
    return jwk | {"use": "sig", "alg": algorithm_of(jwk), "kid": thumbprint(jwk)}
