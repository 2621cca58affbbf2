"""Exact checks on the claims of a parsed token (RFC 7519 4.1); instants are whole seconds since 1970-01-01T00:00Z."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from app.identity.errors import TokenError, TokenErrorCode

MAX_LIFETIME: Final = 300
# FAPI 2.0 5.3.2.1: a client's clock may be up to 10 s ahead, and its assertion at most 60 s stale beyond its lifetime.
SKEW: Final = 10
_MAX_AGE: Final = MAX_LIFETIME + 60
_MAX_TEXT: Final = 128


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one token and the code that its refusals carry."""

    members: Mapping[str, object]
    code: TokenErrorCode

    def refuse(self, hint: str) -> NoReturn:
        """Raise TokenError with this token's code."""
        raise TokenError(self.code, hint)

    def text(self, name: str, limit: int = _MAX_TEXT) -> str:
        """A required string of 1 to ``limit`` printable characters: no NUL or lone surrogate reaches a database."""
        value = self.members.get(name)
        if not isinstance(value, str) or not 1 <= len(value) <= limit or not value.isprintable():
            self.refuse(f"{name} must be a string of 1 to {limit} printable characters")
        return value

    def instant(self, name: str) -> int:
        """A required integer; JSON booleans, fractions and strings are refused."""
        value = self.members.get(name)
        # bool is a subclass of int
        if type(value) is not int:
            self.refuse(f"{name} must be a whole number of seconds")
        return value

    def exactly(self, name: str, expected: str, meaning: str) -> None:
        """Require one string equal to ``expected``; for ``aud`` this refuses every array."""
        if self.members.get(name) != expected:
            self.refuse(f"{name} must be exactly {meaning}")

    def lifetime(self, now: int) -> int:
        """Check exp, iat and, if present, nbf at ``now``; returns exp, at which the token has ended."""
        exp, iat = self.instant("exp"), self.instant("iat")
        clock = f"the clock here reads {now}"
        if exp <= now:
            self.refuse(f"expired: {clock}")
        if exp > now + MAX_LIFETIME + SKEW:
            self.refuse(f"exp is more than {MAX_LIFETIME} seconds ahead: {clock}")
        if iat > now + SKEW:
            self.refuse(f"iat is in the future: {clock}")
        if iat < now - _MAX_AGE or iat >= exp:
            self.refuse(f"iat is too long ago or not before exp: {clock}")
        if "nbf" in self.members and self.instant("nbf") > now + SKEW:
            self.refuse("nbf is in the future")
        return exp
