"""Client secrets, which exist in sandbox mode only, and HTTP Basic credentials (RFC 6749 2.3.1, RFC 7617)."""

import base64
import hashlib
import hmac
import re
from typing import Final
from urllib.parse import unquote_to_bytes

from app.identity import base64url
from app.identity.errors import TokenError

_SCHEME: Final = "hmac-sha256"
_MIN_SECRET: Final = 32
_MIN_SALT: Final = 16
_MAX_HEADER: Final = 1024
_BASIC: Final = re.compile(r"basic +([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_FORM_ENCODED: Final = re.compile(r"(?:[^%]|%[0-9A-Fa-f]{2})+")


def hash_secret(secret: str, salt: bytes) -> str:
    """``hmac-sha256$salt$mac`` of a generated secret of at least 32 characters; ``salt`` is 16 random bytes or more.

    A salted HMAC and no slow derivation: a random secret of this length cannot be guessed, and a slow one would let
    anybody who sends wrong secrets to the token endpoint occupy the processor. Raises ValueError if either is short.
    """
    if len(secret) < _MIN_SECRET or len(salt) < _MIN_SALT:
        raise ValueError("a secret needs at least 32 characters and a salt 16 bytes")
    return f"{_SCHEME}${base64url.encode(salt)}${base64url.encode(_mac(secret, salt))}"


def check_secret(secret: str, stored: str) -> bool:
    """Whether ``secret`` is the one hashed in ``stored``, compared in constant time. Malformed ``stored``: False."""
    try:
        scheme, salt, mac = stored.split("$")
        expected, actual = base64url.decode(mac), _mac(secret, base64url.decode(salt))
    except ValueError:
        return False
    return scheme == _SCHEME and hmac.compare_digest(expected, actual)


def parse_basic(header: str) -> tuple[str, str]:
    """``(client_id, secret)`` of an Authorization header, each form-urldecoded. Raises TokenError invalid_client."""
    found = _BASIC.fullmatch(header) if len(header) <= _MAX_HEADER else None
    if found is None:
        raise TokenError("invalid_client", "not HTTP Basic credentials")
    try:
        client_id, separator, secret = base64.b64decode(found[1], validate=True).decode("utf-8").partition(":")
        credentials = _form_decoded(client_id), _form_decoded(secret)
    except ValueError:
        raise TokenError("invalid_client", "the Basic credentials are not base64 of two form-encoded texts") from None
    if not separator:
        raise TokenError("invalid_client", "the Basic credentials have no colon")
    return credentials


def _form_decoded(text: str) -> str:
    if _FORM_ENCODED.fullmatch(text) is None:
        raise ValueError("empty or a broken percent escape")
    decoded = unquote_to_bytes(text.replace("+", " ")).decode("utf-8")
    if not decoded.isprintable():
        raise ValueError("a control character")
    return decoded


def _mac(secret: str, salt: bytes) -> bytes:
    return hmac.new(salt, secret.encode(), hashlib.sha256).digest()
