"""Our own keys: stored as private JWKs, published as public ones, used for deterministic receipts."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.errors import KeyRefused
from app.identity.keys import ServiceKeys, thumbprint
from app.identity.signer import Signer, verify
from tests.identity.forging import es256

STORED = ServiceKeys.generate()
KEYS = ServiceKeys.load(STORED)
RECEIPT = KEYS.jwks()["keys"][-1]


def test_stored_form_survives_json() -> None:
    assert ServiceKeys.load(json.loads(json.dumps(STORED))).jwks() == KEYS.jwks()


def test_published_set_holds_public_members_only() -> None:
    access, receipt = KEYS.jwks()["keys"]
    assert access.keys() == {"kty", "crv", "x", "y", "use", "alg", "kid"}
    assert receipt.keys() == {"kty", "crv", "x", "use", "alg", "kid"}
    assert (access["use"], access["alg"], access["kid"]) == ("sig", "ES256", thumbprint(access))
    assert (receipt["use"], receipt["alg"], receipt["kid"]) == ("sig", "EdDSA", thumbprint(receipt))


def test_repr_shows_no_private_member() -> None:
    shown = repr(KEYS)
    assert [d for d in private_members(STORED) if d in shown] == []
    assert len(private_members(STORED)) == 2


def private_members(stored: Mapping[str, object]) -> list[str]:
    access, receipt = stored["access"], stored["receipt"]
    assert isinstance(access, list)
    assert isinstance(receipt, dict)
    return [jwk["d"] for jwk in (*access, receipt)]


def altered(**access: object) -> dict[str, object]:
    first = STORED["access"]
    assert isinstance(first, list)
    return STORED | {"access": [first[0] | access]}


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ({}, "at least one key"),
        (STORED | {"access": []}, "at least one key"),
        (STORED | {"access": ["text"]}, "must be a JWK"),
        (STORED | {"receipt": None}, "at least one key"),
        (STORED | {"receipt": {"d": "AAAA"}}, "no Ed25519 private key"),
        (STORED | {"access": [es256().jwk]}, "d is a required string"),
        (altered(x=es256().jwk["x"]), "do not belong to d"),
        (altered(kid="other"), "do not belong to d"),
        (altered(d="AA"), "no private key of P-256"),
    ],
    ids=["empty", "no access", "text", "no receipt", "short receipt", "public only", "x", "kid", "zero d"],
)
def test_malformed_keys_stop_the_start(stored: dict[str, object], message: str) -> None:
    with pytest.raises(KeyRefused, match=message):
        ServiceKeys.load(stored)


def test_key_listed_twice() -> None:
    first = STORED["access"]
    assert isinstance(first, list)
    with pytest.raises(KeyRefused, match="listed twice"):
        ServiceKeys.load(STORED | {"access": [*first, *first]})


@given(st.binary(max_size=200))
def test_receipt_is_deterministic_and_verifies(data: bytes) -> None:
    signature = Signer(KEYS).sign(data)
    assert signature == Signer(KEYS).sign(data)
    assert signature.keys() == {"alg", "kid", "value"}
    assert verify(RECEIPT, data, signature)
    assert not verify(RECEIPT, data + b"x", signature)


@given(st.data())
def test_receipt_altered_at_one_character_does_not_verify(data: st.DataObject) -> None:
    signature = Signer(KEYS).sign(b"receipt")
    name = data.draw(st.sampled_from(sorted(signature)))
    at = data.draw(st.integers(0, len(signature[name]) - 1))
    other = data.draw(st.characters().filter(lambda c: c != signature[name][at]))
    forged = signature | {name: signature[name][:at] + other + signature[name][at + 1 :]}
    assert not verify(RECEIPT, b"receipt", forged)


@pytest.mark.parametrize(
    "change", [{"alg": "ES256"}, {"value": None}, {"value": "AAAA"}, {"kid": "other"}, {"extra": "x"}]
)
def test_receipt_of_another_shape_does_not_verify(change: dict[str, object]) -> None:
    assert not verify(RECEIPT, b"receipt", {**Signer(KEYS).sign(b"receipt"), **change})


def test_receipt_does_not_verify_under_another_key() -> None:
    other = ServiceKeys.load(ServiceKeys.generate()).jwks()["keys"][-1]
    signature = Signer(KEYS).sign(b"receipt")
    assert not verify(other, b"receipt", signature)
    assert not verify(other, b"receipt", signature | {"kid": other["kid"]})
    assert not verify(KEYS.jwks()["keys"][0], b"receipt", signature)
    assert not verify({}, b"receipt", signature)
