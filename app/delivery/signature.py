"""Standard Webhooks, version v1: HMAC-SHA256 over ``id.timestamp.body`` with a secret of the endpoint's own."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
"""The specification asks for 24 to 64."""


def written(key: bytes) -> str:
    """A signing key as it is handed out: ``whsec_`` and its base64."""
    return PREFIX + base64.b64encode(key).decode()


def headers(secret: str, identifier: str, seconds: int, body: bytes) -> Mapping[str, str]:
    """The three headers of one request; ``seconds`` is whole seconds since 1970-01-01T00:00Z."""
    key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    mac = hmac.new(key, f"{identifier}.{seconds}.".encode() + body, hashlib.sha256).digest()
    return {
        "webhook-id": identifier,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{base64.b64encode(mac).decode()}",
    }
