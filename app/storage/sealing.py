"""Seal content under the key of whom it is about; from the master secret: blind what must be found, name what leaves.

A statement that reads sealed content of a patient, a referral or a transfer yields it behind its owner's wrapped key
and id (``storage/data_keys.py``), so that opening needs no look-up of its own and no key is kept in memory (design 8).
"""

import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache
from typing import Final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.storage.wrapping import WRAPPED, Unsealable, Wrapping

__all__ = ["DESTROYED", "NO_KEY", "DataKey", "Unsealable", "Vault", "behind", "normalised"]

NO_KEY: Final = bytes(WRAPPED)
"""Stands for the wrapped key of an owner that has none: all it has is of before there were any."""
DESTROYED: Final = b"\xff" * WRAPPED
"""Stands for the wrapped key of an owner that was erased: nothing opens, nor what is of before."""
AGENCYS_OWN: Final = frozenset({"case_view", "consultation", "idempotency", "webhook"})
"""First words of the places that are about nobody's treatment. They stay under the service's own key."""
_BEFORE, _OWN = b"\x01", b"\x02"


class DataKey:
    """The key of one owner, unwrapped for one act and never kept: what is erased must not live on in a process."""

    __slots__ = ("_aead", "_before")

    def __init__(self, key: bytes | None, before: AESGCM) -> None:
        self._aead = AESGCM(key) if key is not None else None
        self._before = before

    def seal(self, value: object, *place: str) -> bytes:
        """JSON of ``value`` under AES-256-GCM, bound to its place (patient, message, element)."""
        nonce, version = os.urandom(12), _BEFORE if self._aead is None else _OWN
        return version + nonce + (self._aead or self._before).encrypt(nonce, orjson.dumps(value), _bound(place))

    def open(self, sealed: bytes, *place: str) -> object:
        """The value sealed at this place.

        Raises:
            Unsealable: the bytes were sealed elsewhere, by another key, or altered.
        """
        value: object = orjson.loads(self.text(sealed, *place))
        return value

    def text(self, sealed: bytes, *place: str) -> bytes:
        """The value sealed at this place, still as JSON.

        Raises:
            Unsealable: the bytes were sealed elsewhere, by another key, or altered.
        """
        aead = self._before if sealed[:1] == _BEFORE else self._aead if sealed[:1] == _OWN else None
        if aead is None:
            raise Unsealable("no key of ours sealed these bytes")
        return _decrypted(aead, sealed, place)


class Vault:
    """The master secret of 32 bytes, every use of which has its own derived key, and the keys that wrap others."""

    def __init__(self, master: bytes, wrapping: Wrapping) -> None:
        if len(master) != 32:
            raise ValueError("the master secret must have 32 bytes")
        self._master = master
        self.wrapping = wrapping
        self._aead = AESGCM(self._derive("seal"))
        self._cursor = AESGCM(self._derive("cursor"))
        self._unit_key = lru_cache(maxsize=1024)(self._derive_unit_key)

    def _derive(self, use: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, f"throughcare/{use}".encode()).derive(self._master)

    def _derive_unit_key(self, unit: str) -> bytes:
        return self._derive(f"view/{unit}")

    def mint(self, owner: str) -> bytes:
        """A new key of an owner, wrapped."""
        return self.wrapping.wrap(os.urandom(32), owner)

    def key(self, wrapped: bytes, owner: str) -> DataKey:
        """The key of an owner, from its wrapped one; ``NO_KEY`` gives one that seals as before there were any.

        Raises:
            Unsealable: it was destroyed, or does not open for this owner.
        """
        if wrapped == DESTROYED:
            raise Unsealable("the key was destroyed")
        return DataKey(None if wrapped == NO_KEY else self.wrapping.unwrap(wrapped, owner), self._aead)

    def seal(self, value: object, *place: str) -> bytes:
        """JSON of what is an agency's own, under the service's key, bound to its place.

        Raises:
            ValueError: it is content of a patient, a referral or a transfer, which only their own key may seal.
        """
        if place[0] not in AGENCYS_OWN:
            raise ValueError("content is sealed under the key of its owner")
        nonce = os.urandom(12)
        return _BEFORE + nonce + self._aead.encrypt(nonce, orjson.dumps(value), _bound(place))

    def open(self, sealed: bytes, *place: str) -> object:
        """The value sealed at this place; what is not an agency's own stands behind its owner's wrapped key.

        Raises:
            Unsealable: the bytes were sealed elsewhere, by another key, or altered, or the key was destroyed.
        """
        value: object = orjson.loads(self.text(sealed, *place))
        return value

    def text(self, sealed: bytes, *place: str) -> bytes:
        """The value sealed at this place, still as JSON.

        Raises:
            Unsealable: the bytes were sealed elsewhere, by another key, or altered, or the key was destroyed.
        """
        if place[0] in AGENCYS_OWN:
            return _decrypted(self._aead, sealed, place)
        wrapped, owner, content = _parts(sealed)
        return self.key(wrapped, owner).text(content, *place)

    def key_behind(self, read: bytes) -> DataKey:
        """The key that a statement yields in front of what is sealed, or alone.

        Raises:
            Unsealable: it was destroyed, or does not open for its owner.
        """
        wrapped, owner, _ = _parts(read)
        return self.key(wrapped, owner)

    def blind(self, use: str, *parts: str) -> str:
        """A blind index: HMAC over normalised parts. ``use`` keeps indexes of different things apart."""
        text = "\0".join(normalised(part) for part in parts)
        return hmac.new(self._derive(f"blind/{use}"), text.encode(), hashlib.sha256).hexdigest()

    def view_key(self, unit: str) -> bytes:
        """The key of everything this unit sees: item identifiers, case ids, ETags."""
        return self._unit_key(unit)

    def view_id(self, unit: str, *parts: str) -> str:
        """An identifier that depends on the unit and its own words alone."""
        return hmac.new(self.view_key(unit), "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]

    def cursor(self, unit: str, client: str, position: object) -> str:
        """A sealed cursor of one client, the same for the same position: nothing random may enter an answer."""
        clear = orjson.dumps([client, position])
        nonce = hmac.new(self.view_key(unit), clear, hashlib.sha256).digest()[:12]
        return (nonce + self._cursor.encrypt(nonce, clear, unit.encode())).hex()

    def position(self, unit: str, client: str, cursor: str) -> object:
        """What a cursor of this client in this unit points at.

        Raises:
            Unsealable: forged, altered, another unit's or another client's.
        """
        try:
            sealed = bytes.fromhex(cursor)
            owner, position = orjson.loads(self._cursor.decrypt(sealed[:12], sealed[12:], unit.encode()))
        except (ValueError, InvalidTag) as error:
            raise Unsealable("not a cursor of this unit") from error
        if owner != client:
            raise Unsealable("another client's cursor")
        value: object = position
        return value


def behind(wrapped: str | None, owner: str) -> bytes:
    """What a statement yields in front of what is sealed, from the key in hexadecimal: '' destroyed, None: none."""
    found = NO_KEY if wrapped is None else bytes.fromhex(wrapped) or DESTROYED
    return found + owner.encode() + b"\0"


def _parts(read: bytes) -> tuple[bytes, str, bytes]:
    """Wrapped key, owner, sealed bytes."""
    owner, _, content = read[WRAPPED:].partition(b"\0")
    return read[:WRAPPED], owner.decode("utf-8", "replace"), content


def _bound(place: tuple[str, ...]) -> bytes:
    return "\0".join(place).encode()


def _decrypted(aead: AESGCM, sealed: bytes, place: tuple[str, ...]) -> bytes:
    try:
        return aead.decrypt(sealed[1:13], sealed[13:], _bound(place))
    except (InvalidTag, ValueError) as error:
        raise Unsealable("sealed bytes do not open here") from error


def normalised(text: str) -> str:
    """Case, width and spacing aside: NFKC, casefolded, inner runs of space as one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
