"""What the signer remembers changes no signature, and is bounded."""

from app.identity.keys import ServiceKeys
from app.identity.signer import Signer, verify

KEYS = ServiceKeys.load(ServiceKeys.generate())
PUBLIC = KEYS.jwks()["keys"][-1]


def test_remembered_signatures_are_those_of_a_fresh_signer() -> None:
    signer = Signer(KEYS, remembered=2)
    for data in (b"one", b"two", b"one", b"three", b"one", b"two", b"two"):
        signature = signer.sign(data)
        assert signature == Signer(KEYS).sign(data)
        assert verify(PUBLIC, data, signature)
    assert len(signer._values) == 2


def test_other_keys_remember_nothing_of_these() -> None:
    other = ServiceKeys.load(ServiceKeys.generate())
    assert Signer(other).sign(b"one")["value"] != Signer(KEYS).sign(b"one")["value"]
