"""The Merkle tree over the record (RFC 9162 2.1): roots from a frontier, so that appending costs two hashes a leaf."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

EMPTY: bytes = hashlib.sha256(b"").digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The roots of the complete subtrees of a tree of ``size`` leaves, the largest first."""

    size: int = 0
    roots: tuple[bytes, ...] = ()

    def append(self, leaf_hash: bytes) -> "Frontier":
        """The frontier with one more leaf."""
        roots, merged, full = list(self.roots), leaf_hash, self.size
        while full & 1:
            merged = node(roots.pop(), merged)
            full >>= 1
        return Frontier(self.size + 1, (*roots, merged))

    def extend(self, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier with more leaves, in order."""
        grown = self
        for leaf_hash in leaf_hashes:
            grown = grown.append(leaf_hash)
        return grown

    def root(self) -> bytes:
        """The Merkle tree hash of the leaves so far."""
        if not self.roots:
            return EMPTY
        *larger, found = self.roots
        for left in reversed(larger):
            found = node(left, found)
        return found
