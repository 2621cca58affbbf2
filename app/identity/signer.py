"""Deterministic Ed25519 signatures (RFC 8032) over canonical bytes: receipts and disclosed items."""

import hashlib
from collections.abc import Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from app.identity import base64url
from app.identity.keys import ServiceKeys, thumbprint

_ALGORITHM: Final = "EdDSA"


class Signer:
    """Signs as this service. The same bytes always give the same signature, so no answer varies between reads.

    So a signature is remembered by the SHA-256 of what was signed: an answer that has not changed is not signed again.
    The bytes themselves are not kept.
    """

    def __init__(self, keys: ServiceKeys, remembered: int = 4096) -> None:
        self._key = keys.receipt
        self._remembered = remembered
        self._values: dict[bytes, str] = {}

    def sign(self, data: bytes) -> dict[str, str]:
        """``{"alg": "EdDSA", "kid": thumbprint, "value": base64url without padding}`` over ``data``."""
        digest = hashlib.sha256(data).digest()
        value = self._values.get(digest)
        if value is None:
            value = self._values[digest] = base64url.encode(self._key.private.sign(data))
            if len(self._values) > self._remembered:
                del self._values[next(iter(self._values))]  # the oldest
        return {"alg": _ALGORITHM, "kid": self._key.kid, "value": value}


def verify(public_jwk: Mapping[str, object], data: bytes, signature: Mapping[str, object]) -> bool:
    """Whether ``signature``, in the shape of ``Signer.sign``, is over ``data`` by the Ed25519 key ``public_jwk``."""
    value = signature.get("value")
    if signature.keys() != {"alg", "kid", "value"} or signature["alg"] != _ALGORITHM or not isinstance(value, str):
        return False
    try:
        if public_jwk.get("crv") != "Ed25519" or signature["kid"] != thumbprint(public_jwk):
            return False
        key = Ed25519PublicKey.from_public_bytes(base64url.decode(str(public_jwk["x"])))
        key.verify(base64url.decode(value), data)
    except (ValueError, InvalidSignature):
        return False
    return True
