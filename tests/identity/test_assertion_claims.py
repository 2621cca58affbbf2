"""Each claim of a client assertion is required, exact and bounded in time."""

import pytest

from app.identity.errors import TokenError
from app.identity.tokens import AssertionPolicy, peek_client_id, verify_assertion
from tests.identity import forging
from tests.identity.forging import CLIENT_ID, ISSUER, NOW, TOKEN_ENDPOINT, assertion, claims, compact, es384

RFC10070 = AssertionPolicy(CLIENT_ID, (es384().jwk,), "rfc10070", TOKEN_ENDPOINT, ISSUER, frozenset({"ES384"}))


def refused(token: str, hint: str, policy: AssertionPolicy | None = None) -> None:
    with pytest.raises(TokenError) as caught:
        verify_assertion(token, policy or forging.policy(), NOW)
    assert caught.value.code == "invalid_client"
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", ["iss", "sub", "aud", "exp", "iat", "jti"])
def test_missing(name: str) -> None:
    refused(assertion(es384(), **{name: None}), name)


@pytest.mark.parametrize("iss", ["client-court-2", "CLIENT-COURT-1", "client-court-1 ", ["client-court-1"], 1, ""])
def test_iss_is_not_the_client(iss: object) -> None:
    refused(assertion(es384(), iss=iss), "iss must be exactly")


@pytest.mark.parametrize("sub", ["client-court-2", ["client-court-1"], ""])
def test_sub_is_not_iss(sub: object) -> None:
    refused(assertion(es384(), sub=sub), "sub must be exactly")


@pytest.mark.parametrize(
    "aud", [[TOKEN_ENDPOINT], [TOKEN_ENDPOINT, "https://other.example"], [], ISSUER, TOKEN_ENDPOINT + "/", "", 1, {}]
)
def test_aud_is_not_one_exact_string(aud: object) -> None:
    refused(assertion(es384(), aud=aud), f"aud must be exactly the string {TOKEN_ENDPOINT}")


@pytest.mark.parametrize("name", ["exp", "iat", "nbf"])
@pytest.mark.parametrize("value", [str(NOW + 60), NOW + 60.0, True, [NOW], {"at": NOW}, "now"])
def test_instant_is_no_whole_number(name: str, value: object) -> None:
    refused(assertion(es384(), **{name: value}), f"{name} must be a whole number")


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"exp": NOW}, "expired"),
        ({"exp": NOW - 1, "iat": NOW - 100}, "expired"),
        ({"exp": NOW + 311}, "exp is more than 300 seconds ahead"),
        ({"exp": 2**63}, "exp is more than 300 seconds ahead"),
        ({"iat": NOW + 11}, "iat is in the future"),
        ({"iat": NOW - 361}, "iat is too long ago"),
        ({"iat": NOW + 5, "exp": NOW + 5}, "not before exp"),
        ({"nbf": NOW + 11}, "nbf is in the future"),
    ],
)
def test_instant_out_of_bounds(changes: dict[str, object], hint: str) -> None:
    refused(assertion(es384(), **changes), hint)


@pytest.mark.parametrize(
    "changes", [{"exp": NOW + 1}, {"exp": NOW + 310}, {"iat": NOW + 10}, {"iat": NOW - 360}, {"nbf": NOW + 10}]
)
def test_instant_on_the_bound_is_accepted(changes: dict[str, object]) -> None:
    assert verify_assertion(assertion(es384(), **changes), forging.policy(), NOW).jti == "assertion-1"


@pytest.mark.parametrize("jti", ["", "x" * 129, 7, ["a"], "a\x00b", "a\nb", "\ud800"])
def test_jti_that_the_replay_guard_could_not_store(jti: object) -> None:
    refused(assertion(es384(), jti=jti), "jti must be a string of 1 to 128 printable characters")


@pytest.mark.parametrize("iss", [None, "", "x" * 129, 7, ["client-court-1"], "a\x00b", "\udfff"])
def test_peeked_issuer_is_fit_for_a_lookup(iss: object) -> None:
    with pytest.raises(TokenError) as caught:
        peek_client_id(assertion(es384(), iss=iss))
    assert caught.value.code == "invalid_client"


def test_rfc10070_takes_the_issuer_as_sole_audience_and_its_own_typ() -> None:
    header = es384().header | {"typ": "client-authentication+jwt"}
    good = compact(header, claims(aud=ISSUER), es384().sign)
    assert verify_assertion(good, RFC10070, NOW).jti == "assertion-1"
    refused(compact(header, claims(), es384().sign), "aud must be exactly", RFC10070)
    refused(compact(header, claims(aud=[ISSUER]), es384().sign), "aud must be exactly", RFC10070)
    refused(assertion(es384(), aud=ISSUER), "typ must be client-authentication+jwt", RFC10070)
    refused(good, "typ must be JWT")


def test_algorithm_that_the_face_does_not_offer() -> None:
    smart = AssertionPolicy(
        CLIENT_ID, forging.policy().keys, "smart22", TOKEN_ENDPOINT, ISSUER, frozenset({"RS384", "ES384"})
    )
    refused(assertion(forging.es256()), "alg must be ES384 or RS384", smart)


@pytest.mark.parametrize("algorithms", [{"HS256"}, {"ES384", "none"}, {"RS256"}, set()])
def test_policy_cannot_name_another_algorithm(algorithms: set[str]) -> None:
    with pytest.raises(ValueError, match="algorithms must be among"):
        AssertionPolicy(CLIENT_ID, (), "smart22", TOKEN_ENDPOINT, ISSUER, frozenset(algorithms))
