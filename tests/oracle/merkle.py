"""The Merkle tree hash by its recursive definition (RFC 9162 2.1.1), slowly."""

import hashlib


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of leaf hashes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\x01" + tree_hash(leaves[:split]) + tree_hash(leaves[split:])).digest()
