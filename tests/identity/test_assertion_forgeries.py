"""Every forgery that a JOSE library is known to let through is refused, each for its own reason."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from app.identity.errors import TokenError
from app.identity.keys import thumbprint
from app.identity.tokens import Assertion, peek_client_id, verify_assertion
from tests.identity import forging
from tests.identity.forging import NOW, ClientKey, assertion, claims, compact, ecdsa, es256, es384, hs256, rs384

KEYS = [es384(), rs384(), es256()]


def refused(token: str, hint: str, *keys: dict[str, object]) -> None:
    with pytest.raises(TokenError) as caught:
        verify_assertion(token, forging.policy(*keys), NOW)
    assert caught.value.code == "invalid_client"
    assert hint in caught.value.hint
    assert str(caught.value) == "invalid_client"


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.alg)
def test_good_assertion_is_accepted(key: ClientKey) -> None:
    assert verify_assertion(assertion(key), forging.policy(), NOW) == Assertion(
        "assertion-1", NOW + 300, thumbprint(key.jwk)
    )
    assert peek_client_id(assertion(key)) == forging.CLIENT_ID


@pytest.mark.parametrize("form", ["der", "pem"])
@pytest.mark.parametrize("alg", ["HS256", "RS384"])
def test_hmac_keyed_with_the_public_key(form: str, alg: str) -> None:
    key = rs384()
    forged = compact(key.header | {"alg": alg}, claims(), hs256(getattr(key, form)))
    refused(forged, "alg must be" if alg == "HS256" else "the signature does not verify")


@pytest.mark.parametrize("alg", ["none", "None", "HS256", "HS384", "RS256", "ES512", "PS384", "EdDSA", "es384", ""])
def test_algorithm_outside_the_list(alg: str) -> None:
    refused(compact(es384().header | {"alg": alg}, claims(), es384().sign), "alg must be")


def test_no_signature_at_all() -> None:
    signed, _, _ = assertion(es384()).rpartition(".")
    refused(f"{signed}.", "canonical base64url")
    refused(signed, "not three parts")
    refused(f"{assertion(es384())}.e30", "not three parts")


@pytest.mark.parametrize("key", [rs384(), es256()], ids=lambda key: key.alg)
def test_padded_signature(key: ClientKey) -> None:
    refused(assertion(key) + "==", "canonical base64url")


@pytest.mark.parametrize("key", [rs384(), es256()], ids=lambda key: key.alg)
def test_unused_trailing_bits_of_the_signature(key: ClientKey) -> None:
    refused(forging.respelled(assertion(key)), "canonical base64url")


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("crit", ["exp"]),
        ("crit", ["urn:example:unknown"]),
        ("b64", False),
        ("jku", "https://attacker.example/jwks.json"),
        ("jwk", es384().jwk),
        ("x5c", ["MIIB"]),
        ("x5u", "https://attacker.example/cert"),
        ("zip", "DEF"),
        ("cty", "JWT"),
    ],
)
def test_header_member_that_would_change_the_rules(member: str, value: object) -> None:
    refused(compact(es384().header | {member: value}, claims(), es384().sign), f"header member {member} is refused")


def test_unknown_header_member_is_refused_without_repeating_it() -> None:
    refused(compact(es384().header | {"canary": 1}, claims(), es384().sign), "a header member is not known")


def test_embedded_jwk_of_the_attacker() -> None:
    attacker = ec.generate_private_key(ec.SECP384R1())
    refused(compact(es384().header, claims(), ecdsa(attacker)), "the signature does not verify")


@pytest.mark.parametrize("kid", ["unknown", "", "es-2"])
def test_kid_of_no_key_for_this_algorithm(kid: str) -> None:
    hint = "does not fit the curve" if kid == "es-2" else "exactly one registered key"
    refused(compact(es384().header | {"kid": kid}, claims(), es384().sign), hint)


def test_kid_of_another_key_type() -> None:
    refused(compact(es384().header | {"kid": "rs-1"}, claims(), es384().sign), "exactly one registered key")
    refused(compact(rs384().header | {"kid": "es-1"}, claims(), rs384().sign), "exactly one registered key")


def test_algorithm_of_another_family() -> None:
    refused(compact(es384().header | {"alg": "RS384"}, claims(), es384().sign), "exactly one registered key")


@pytest.mark.parametrize("missing", ["alg", "kid", "typ"])
def test_header_member_missing(missing: str) -> None:
    header = {name: value for name, value in es384().header.items() if name != missing}
    refused(compact(header, claims(), es384().sign), "required strings")


@pytest.mark.parametrize("typ", ["jwt", "JOSE", "at+jwt", "client-authentication+jwt", "JWT ", ""])
def test_typ_not_exact(typ: str) -> None:
    refused(compact(es384().header | {"typ": typ}, claims(), es384().sign), "typ must be JWT")


@pytest.mark.parametrize("spoil", ["{}\n", "\n{}", " {}", "{} ", "{}\x00", "{}\u00e9", "{}\ud800"])
def test_character_outside_the_alphabet(spoil: str) -> None:
    refused(spoil.replace("{}", assertion(es384())), "canonical base64url")


def test_newline_between_parts() -> None:
    refused(assertion(es384()).replace(".", "\n.", 1), "canonical base64url")


def test_standard_base64_alphabet() -> None:
    header = json.dumps(es384().header | {"kid": "\u00ff\u00ff\u00ff"}, ensure_ascii=False).encode()
    token = compact(header, claims(jti="???>>>"), es384().sign)
    assert set("-_") & set(token)
    refused(token.replace("-", "+").replace("_", "/"), "canonical base64url")


@pytest.mark.parametrize("name", ["alg", "kid", "typ"])
def test_repeated_header_name(name: str) -> None:
    header = json.dumps(es384().header)
    refused(compact(f'{{"{name}": "x", {header[1:]}'.encode(), claims(), es384().sign), "without repeated names")


@pytest.mark.parametrize(
    "extra", ['"iss": "someone"', '"extra": {"a": 1, "a": 2}', '"extra": NaN', '"extra": -Infinity']
)
def test_payload_that_two_parsers_read_differently(extra: str) -> None:
    payload = f"{{{extra}, {json.dumps(claims())[1:]}".encode()
    refused(compact(es384().header, payload, es384().sign), "without repeated names")


@pytest.mark.parametrize(
    "payload", [b"[]", b"null", b'"text"', b"", b"\xef\xbb\xbf{}", b'{"a": "\xff"}', "{}".encode("utf-16"), b"[" * 2900]
)
def test_payload_that_is_no_json_object(payload: bytes) -> None:
    refused(compact(es384().header, payload, es384().sign), "canonical base64url of a JSON object")


def test_longer_than_4096_bytes() -> None:
    refused(assertion(es384(), padding="x" * 4096), "longer than 4096 bytes")


def test_two_registered_keys_of_one_kid_and_kty() -> None:
    refused(assertion(es384()), "exactly one registered key", es384().jwk, es256().jwk | {"kid": "es-1"})


def test_registered_key_that_is_unusable_is_named_by_member_only() -> None:
    broken = es384().jwk | {"x": "AAAA"}
    refused(assertion(es384()), "the registered key is unusable: x must have the full length", broken)


def test_signature_twin_yields_the_jti_that_the_replay_guard_keys_on() -> None:
    token = assertion(es256())
    other = forging.twin(token)
    assert other != token
    assert verify_assertion(other, forging.policy(), NOW) == verify_assertion(token, forging.policy(), NOW)
