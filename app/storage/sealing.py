"""Keys derived from one master secret: seal content, blind what must be found, name what leaves (design 8)."""

import hashlib
import hmac
import os
import unicodedata
from functools import lru_cache

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Unsealable(Exception):
    """Sealed bytes that this key does not open: wrong key, wrong place or altered."""


class Vault:
    """One master secret of 32 bytes; every use has its own derived key."""

    def __init__(self, master: bytes) -> None:
        if len(master) != 32:
            raise ValueError("the master secret must have 32 bytes")
        self._master = master
        self._aead = AESGCM(self._derive("seal"))
        self._cursor = AESGCM(self._derive("cursor"))
        self._unit_key = lru_cache(maxsize=1024)(self._derive_unit_key)

    def _derive(self, use: str) -> bytes:
        return HKDF(hashes.SHA256(), 32, None, f"throughcare/{use}".encode()).derive(self._master)

    def _derive_unit_key(self, unit: str) -> bytes:
        return self._derive(f"view/{unit}")

    def seal(self, value: object, *place: str) -> bytes:
        """JSON of ``value`` under AES-256-GCM, bound to its place (patient, message, element)."""
        nonce = os.urandom(12)
        return b"\x01" + nonce + self._aead.encrypt(nonce, orjson.dumps(value), "\0".join(place).encode())

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
        try:
            return self._aead.decrypt(sealed[1:13], sealed[13:], "\0".join(place).encode())
        except InvalidTag as error:
            raise Unsealable("sealed bytes do not open here") from error

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


def normalised(text: str) -> str:
    """Case, width and spacing aside: NFKC, casefolded, inner runs of space as one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
