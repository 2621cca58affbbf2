"""The tree over the record, against its recursive definition."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from app.ledger.entry import canonical, commitment, leaf
from app.ledger.tree import Frontier
from tests.oracle.merkle import tree_hash


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_root_is_the_merkle_tree_hash(entries: list[bytes]) -> None:
    hashes = [leaf(entry) for entry in entries]
    assert Frontier().extend(hashes).root() == tree_hash(hashes)


def test_published_roots() -> None:
    """The roots of the certificate-transparency reference tree."""
    inputs = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    known = {
        1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    }
    for size, root in known.items():
        assert Frontier().extend(leaf(entry) for entry in inputs[:size]).root().hex() == root


def test_leaf_and_node_hashes_are_apart_and_commitments_need_their_salt() -> None:
    assert leaf(b"x") == hashlib.sha256(b"\x00x").digest()
    assert commitment("salt", "value") != commitment("other", "value")
    assert canonical({"b": 1, "a": ["x", 2]}) == b'{"a":["x",2],"b":1}'
