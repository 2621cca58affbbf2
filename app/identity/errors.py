"""What identity refuses: token errors by their OAuth code, and keys that may not be used."""

from typing import Literal, TypeAlias

# RFC 6749 5.2 and RFC 6750 3.1
TokenErrorCode: TypeAlias = Literal[
    "invalid_request",
    "invalid_client",
    "invalid_token",
    "invalid_scope",
    "unsupported_grant_type",
    "unauthorized_client",
]


class TokenError(Exception):
    """A token, an assertion or a credential is refused.

    ``code`` is what the caller may see. ``hint`` says which check failed and is for sandbox mode only: it would tell
    a forger how far they got. It never repeats what was sent, and ``str()`` does not contain it.
    """

    def __init__(self, code: TokenErrorCode, hint: str) -> None:
        super().__init__(code)
        self.code: TokenErrorCode = code
        self.hint = hint


class KeyRefused(ValueError):
    """A JWK that may not be registered or loaded; the message names the member, never its value."""
