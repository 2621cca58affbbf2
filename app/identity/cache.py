"""What a verified access token says, and a bounded memory of tokens whose signature was verified."""

import threading
from collections import OrderedDict
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """The claims of a verified access token; ``exp`` in seconds. Role and unit come from the registry row
    ``assignment``, never from the token."""

    client_id: str
    scopes: frozenset[str]
    assignment: str
    client_key: str
    jti: str
    exp: int


@dataclass(frozen=True, slots=True)
class Verified:
    """Claims together with the key, issuer and audience under which they were verified."""

    claims: AccessClaims
    kid: str
    issuer: str
    audience: str


class AccessTokenCache:
    """Verified tokens by SHA-256; the least recently used falls out beyond ``capacity``.

    Holds no verdict about time, suspension or revocation: those are asked at each use.
    """

    def __init__(self, capacity: int = 4096) -> None:
        if capacity < 1:
            raise ValueError("capacity must be positive")
        self._capacity = capacity
        self._verified: OrderedDict[bytes, Verified] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._verified)

    def get(self, digest: bytes) -> Verified | None:
        """The entry of this token digest, marked as just used."""
        with self._lock:
            if digest in self._verified:
                self._verified.move_to_end(digest)
            return self._verified.get(digest)

    def put(self, digest: bytes, verified: Verified) -> None:
        """Remember an entry, dropping the least recently used one if full."""
        with self._lock:
            self._verified[digest] = verified
            self._verified.move_to_end(digest)
            if len(self._verified) > self._capacity:
                self._verified.popitem(last=False)

    def drop(self, digest: bytes) -> None:
        """Forget an entry, if held."""
        with self._lock:
            self._verified.pop(digest, None)
