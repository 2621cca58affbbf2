"""Base64url without padding (RFC 7515 2), exact: each byte string has one accepted spelling."""

import base64
import re
from typing import Final

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]+")


def encode(data: bytes) -> str:
    """Base64url of ``data`` without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode(text: str) -> bytes:
    """The bytes of a non-empty base64url text.

    Raises ValueError for padding, any character outside the alphabet, an impossible length and non-zero unused
    trailing bits: python-jose accepts these, so that one signature would have many spellings.
    """
    if _ALPHABET.fullmatch(text) is None:
        raise ValueError("not base64url without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if encode(data) != text:
        raise ValueError("not the canonical base64url")
    return data
