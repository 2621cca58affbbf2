"""The bytes of the record: whoever verifies it years from now computes them from this description alone."""

import hashlib

from app.ledger.checkpoint import statement
from app.ledger.entry import VERSION, canonical, commitment, leaf
from app.ledger.tree import EMPTY, Frontier, node


def test_an_entry_is_written_with_sorted_keys_no_spaces_and_in_utf_8() -> None:
    assert canonical({"b": 1, "a": ["x", {"d": "", "c": 2}]}) == b'{"a":["x",{"c":2,"d":""}],"b":1}'
    assert canonical({"a": "é"}) == '{"a":"é"}'.encode()


def test_the_first_version_of_an_entry_is_one() -> None:
    assert VERSION == 1


def test_a_commitment_is_the_hash_of_salt_nul_value() -> None:
    assert commitment("salt", "value") == hashlib.sha256(b"salt\x00value").hexdigest()


def test_leaves_and_nodes_are_hashed_apart() -> None:
    """RFC 9162 2.1.1: else an inner node could pass for an entry."""
    assert leaf(b"entry") == hashlib.sha256(b"\x00entry").digest()
    assert node(b"l", b"r") == hashlib.sha256(b"\x01lr").digest()


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert Frontier().root() == EMPTY == hashlib.sha256(b"").digest()


def test_a_frontier_counts_its_leaves() -> None:
    assert Frontier() == Frontier(0, ())
    assert Frontier().extend([leaf(b"a"), leaf(b"b"), leaf(b"c")]).size == 3


def test_what_is_signed_of_the_tree_names_origin_size_root_and_time() -> None:
    assert statement("here", 2, b"\x01\xff", 7) == b'{"at":7,"origin":"here","root":"01ff","size":2}'
