"""Canonical bytes of one consultation or disclosure (RFC 8785 for this ASCII, float-free shape).

No name, no value: element names, units, codes, a random pseudonym and salted commitments. The openings of the
commitments are kept apart, so that they can be destroyed while the chain still verifies (domain rules 2.4).
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

VERSION: Final = 1


def canonical(document: Mapping[str, Any]) -> bytes:
    """RFC 8785 bytes of a document with ASCII keys, strings, integers, lists and objects only."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def commitment(salt: str, value: str) -> str:
    """SHA-256 of a random salt and a value: says nothing without its opening."""
    return hashlib.sha256(f"{salt}\0{value}".encode()).hexdigest()


def leaf(entry: bytes) -> bytes:
    """The leaf hash of an entry (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()
