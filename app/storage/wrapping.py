"""Keys that wrap the keys of patients. They live outside the database: in the keys file or behind a command (KMS).

A wrapped key has 65 bytes: 0x01, the id of the wrapping key (4), a nonce (12), the key and its tag under AES-256-GCM
(48), with the owner's id as associated data, so that nobody's key can stand in another one's row.
"""

import os
import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.log import log

WRAPPED: Final = 65
"""Bytes of a wrapped key."""
_VERSION: Final = b"\x01"
_PAUSE_SECONDS: Final = 1.0
"""How soon after one look the keys are looked at again for an id that is not among them."""
_PATIENCE_SECONDS: Final = 0.5
"""How long everything in this process stands still for a look that takes its time, as at a command."""


class Unsealable(Exception):
    """Bytes that no key of ours opens here: wrong key, wrong place, altered, or their key was destroyed."""


class Wrapping:
    """The wrapping keys as they stand in the keys, and which of them wraps what is new."""

    def __init__(self, stored: Mapping[str, Any], read_again: Callable[[], Mapping[str, Any]] | None = None) -> None:
        """``stored`` is ``{"current": id, "keys": {id: hex}}``; ``read_again`` gives it as it stands now.

        Raises:
            ValueError: an id is not 4 bytes or a key not 32, in hexadecimal, or the current one is not among them.
        """
        self._read_again = read_again
        self._looked = time.monotonic() if read_again is not None else 0.0
        self._look: Thread | None = None
        self._take(stored)

    def _take(self, stored: Mapping[str, Any]) -> None:
        keys = {bytes.fromhex(name): bytes.fromhex(key) for name, key in stored["keys"].items()}
        current = bytes.fromhex(stored["current"])
        if current not in keys or any(len(name) != 4 or len(key) != 32 for name, key in keys.items()):
            raise ValueError("wrapping keys are 32 bytes under ids of 4, and current names one of them")
        self._held = current, {name: AESGCM(key) for name, key in keys.items()}  # at once: another thread may wrap

    @property
    def current(self) -> str:
        """Id of the key that wraps what is new."""
        return self._held[0].hex()

    @property
    def ids(self) -> frozenset[str]:
        """Every id."""
        return frozenset(name.hex() for name in self._held[1])

    def look_again(self) -> None:
        """Take the keys as they stand now, if it is known where they come from.

        The first who asks waits, and not for long: a command goes on beside whatever is served, and what it gives is
        taken when it comes. A look that fails changes nothing, and is logged.
        """
        if self._read_again is not None and (self._look is None or not self._look.is_alive()):
            self._looked = time.monotonic()
            self._look = Thread(target=self._take_again, args=(self._read_again,), daemon=True)
            self._look.start()
            self._look.join(_PATIENCE_SECONDS)

    def _take_again(self, read_again: Callable[[], Mapping[str, Any]]) -> None:
        try:
            self._take(read_again())
        except Exception as error:  # whatever is wrong with the source, what was read before still opens what it did
            log("keys_unread", level="error", error_class=type(error).__name__)
        self._looked = time.monotonic()

    def wrap(self, key: bytes, owner: str) -> bytes:
        """A key of 32 bytes, wrapped for its owner by the current key."""
        nonce, (current, keys) = os.urandom(12), self._held
        return _VERSION + current + nonce + keys[current].encrypt(nonce, key, owner.encode())

    def unwrap(self, wrapped: bytes, owner: str) -> bytes:
        """The key that was wrapped for this owner.

        Raises:
            Unsealable: another owner's, altered, or wrapped by a key that is not there (any more).
        """
        if len(wrapped) != WRAPPED or wrapped[:1] != _VERSION:
            raise Unsealable("not a wrapped key")
        aead = self._held[1].get(wrapped[1:5]) or self._sought(wrapped[1:5])
        try:
            return aead.decrypt(wrapped[5:17], wrapped[17:], owner.encode())
        except InvalidTag as error:
            raise Unsealable("a wrapped key does not open for this owner") from error

    def _sought(self, name: bytes) -> AESGCM:
        """A key that was added since the keys were read: a rotation stops nobody."""
        if self._read_again is not None and time.monotonic() - self._looked >= _PAUSE_SECONDS:
            self.look_again()
        found = self._held[1].get(name)
        if found is None:
            raise Unsealable("wrapped by a key that is not among ours")
        return found


def first_wrapping() -> dict[str, Any]:
    """New wrapping keys, as they are stored: one, and it is the current one. The result is secret."""
    return with_another({"keys": {}})


def with_another(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The same and one more, which is the current one."""
    name = os.urandom(4).hex()
    while name in stored["keys"]:
        name = os.urandom(4).hex()
    return {"current": name, "keys": {**stored["keys"], name: os.urandom(32).hex()}}
