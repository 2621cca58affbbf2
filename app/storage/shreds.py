"""The shred list: what was erased, outside the database, so that a restored older copy is erased before it serves.

JSON lines, only ever added to. A line names ids, which are random, and never a person.
"""

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from app.storage.durable_file import sync_folder


class ListUnreadable(Exception):
    """The list holds a line that is none of ours: what was erased cannot be known for certain."""


@dataclass(frozen=True, slots=True)
class Shred:
    """One erasure: ``kind`` is "patient" or "referral", ``at`` microseconds, ``ids`` whom, ``keys`` owners of keys."""

    kind: str
    at: int
    ids: tuple[str, ...]
    keys: tuple[str, ...]


class ShredList:
    """The list in a file; there is none before the first erasure."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self) -> list[Shred]:
        """Every erasure, in order. An unfinished last line counts for nothing: its erasure was not committed.

        Raises:
            ListUnreadable: another line is none of ours.
        """
        try:
            text = self._path.read_bytes()
        except FileNotFoundError:
            return []
        return [_parsed(line) for line in text.split(b"\n")[:-1]]

    def append(self, shred: Shred) -> None:
        """Add an erasure; it is on the disk when this returns."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            kept = os.pread(descriptor, os.fstat(descriptor).st_size, 0).rpartition(b"\n")
            os.ftruncate(descriptor, len(kept[0] + kept[1]))  # what a crash left unfinished
            _write(descriptor, json.dumps(asdict(shred), separators=(",", ":")).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        sync_folder(self._path.parent)  # whoever made the file may have been killed before it did


def _parsed(line: bytes) -> Shred:
    try:
        stored = json.loads(line)
        return Shred(str(stored["kind"]), int(stored["at"]), tuple(stored["ids"]), tuple(stored["keys"]))
    except (ValueError, KeyError, TypeError):
        raise ListUnreadable("a line of the shred list cannot be read") from None


def _write(descriptor: int, text: bytes) -> None:
    while text:
        text = text[os.write(descriptor, text) :]
