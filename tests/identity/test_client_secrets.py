"""Sandbox client secrets and HTTP Basic credentials (RFC 6749 2.3.1)."""

import base64
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.identity.errors import TokenError
from app.identity.secrets import check_secret, hash_secret, parse_basic

SECRET = "a-fictional-secret-of-the-sandbox-0001"
SALT = bytes(range(16))


def basic(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    return "Basic " + base64.b64encode(data).decode()


def test_only_the_same_secret_checks() -> None:
    stored = hash_secret(SECRET, SALT)
    assert SECRET not in stored
    assert check_secret(SECRET, stored)
    assert not check_secret(SECRET + "x", stored)
    assert not check_secret("", stored)
    assert not check_secret("\ud800", stored)


def test_salt_separates_equal_secrets() -> None:
    assert hash_secret(SECRET, SALT) != hash_secret(SECRET, SALT[::-1])


@pytest.mark.parametrize("stored", ["", "$$", "hmac-sha256", "hmac-sha256$AAAA", "hmac-sha256$$", "plain$AAAA$AAAA"])
def test_malformed_stored_value_lets_nobody_in(stored: str) -> None:
    assert not check_secret(SECRET, stored)


def test_other_scheme_lets_nobody_in() -> None:
    assert not check_secret(SECRET, hash_secret(SECRET, SALT).replace("hmac-sha256", "hmac-sha512"))


@pytest.mark.parametrize(("secret", "salt"), [("x" * 31, SALT), (SECRET, SALT[:15])])
def test_guessable_secret_or_short_salt(secret: str, salt: bytes) -> None:
    with pytest.raises(ValueError, match="at least 32 characters"):
        hash_secret(secret, salt)


@pytest.mark.parametrize("scheme", ["Basic ", "basic ", "BASIC  "])
def test_scheme_has_no_case(scheme: str) -> None:
    assert parse_basic(basic("id:secret").replace("Basic ", scheme)) == ("id", "secret")


printable = st.text(st.characters(codec="utf-8").filter(str.isprintable), min_size=1, max_size=40)


@given(printable, printable)
def test_credentials_are_form_encoded(client_id: str, secret: str) -> None:
    assert parse_basic(basic(f"{quote_plus(client_id)}:{quote_plus(secret)}")) == (client_id, secret)


def test_first_colon_separates() -> None:
    assert parse_basic(basic("id:a:b")) == ("id", "a:b")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer aWQ6c2VjcmV0",
        "Basic aWQ6c2VjcmV0\n",
        "Basic aWQ6c2VjcmV0 x",
        "Basic aWQ6c2VjcmV",
        basic("no colon"),
        basic(":secret"),
        basic("id:"),
        basic("id:%"),
        basic("id:%zz"),
        basic("id:%00"),
        basic("i%0Ad:secret"),
        basic("id:%FF"),
        basic(b"id:\xff"),
        basic("id:" + "x" * 1024),
    ],
)
def test_malformed_header(header: str) -> None:
    with pytest.raises(TokenError) as caught:
        parse_basic(header)
    assert caught.value.code == "invalid_client"
