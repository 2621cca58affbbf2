"""Bodies: every flaw with its exact place, all at once, and never a word of what was sent."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import Flaw, Invalid
from app.routers.body import MAX_BYTES, decode
from app.routers.refusals import BadRequest
from tests.api.edge import REPORT, Report, Service, post

GOOD: dict[str, Any] = {"case": "c-1", "service": "intake", "day": "2026-03-02"}


def _flaws(raw: bytes | str) -> list[Flaw]:
    with pytest.raises(Invalid) as refused:
        decode(raw.encode() if isinstance(raw, str) else raw, REPORT)
    return list(refused.value.errors)


def _codes(raw: bytes | str) -> list[tuple[str, str]]:
    return [(flaw.pointer, flaw.code) for flaw in _flaws(raw)]


def _with(**members: object) -> str:
    return json.dumps(GOOD | members)


def test_good_body_is_taken() -> None:
    """The value has the declared types and the bytes stay for the Idempotency-Key."""
    session = {"held_at": "2026-03-02T09:30:00.5-05:00", "minutes": 50}
    raw = _with(sessions=[session], first=session, score=1.5, signed=True).encode()
    value = decode(raw, REPORT)
    assert value.service is Service.INTAKE
    assert value.sessions[0].held_at.utcoffset() is not None and value.first == value.sessions[0]
    answer = post(raw)
    assert (answer.status_code, answer.json()) == (200, {"case": "c-1", "bytes": len(raw)})


@pytest.mark.parametrize(
    "kind", ["application/json", 'Application/JSON; charset="UTF-8"', "application/json;charset=utf-8"]
)
def test_media_types_taken(kind: str) -> None:
    """Case and the one charset are free."""
    assert post(_with().encode(), content_type=kind, content_encoding="identity").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"content_type": "text/json"},
        {"content_type": ""},
        {"content_type": "application/json; charset=utf-16"},
        {"content_type": "application/json; profile=x"},
        {"content_encoding": "gzip"},
        {"content_encoding": "identity, br"},
    ],
)
def test_other_media_types_refused(headers: dict[str, str]) -> None:
    """415 before the body is looked at."""
    answer = post(_with().encode(), **headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


def test_announced_size_refused_before_reading() -> None:
    """Content-Length alone is enough: the stream is never asked."""
    asked: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        asked.append(1)
        yield b"{}"

    answer = post(body(), content_length=str(MAX_BYTES + 1))
    assert (answer.status_code, answer.json()["code"], asked) == (413, "body_too_large", [])
    assert answer.headers["connection"] == "close"


def test_streamed_size_refused_while_reading() -> None:
    """A body that announces nothing is cut at the limit, not read to its end."""
    sent: list[int] = []

    async def body() -> AsyncIterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b" " * 65_536

    assert post(body()).status_code == 413
    assert len(sent) < 10


def test_largest_body_is_read() -> None:
    """The limit itself is allowed."""
    assert post(_with().encode().ljust(MAX_BYTES)).status_code == 200
    assert post(_with().encode().ljust(MAX_BYTES + 1)).status_code == 413


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"{}x", b"\xff{}", b"\xef\xbb\xbf{}", b"{'a': 1}", b'{"a": 01}', b'"\x01"', b"nul", b"\xed\xa0\x80"],
)
def test_no_json_is_a_bad_request(raw: bytes) -> None:
    """Syntax is told as 400, with the place but not the text."""
    with pytest.raises(BadRequest) as refused:
        decode(raw, REPORT)
    assert refused.value.code == "json_malformed"


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("[" * 100_000, [("", "too_deep")]),
        ("[" * 17 + "]" * 17, [("/0" * 16, "too_deep")]),
        (_with(sessions=[1] * 501), [("/sessions", "array_too_long")]),
        (_with(case="x" * 4001), [("/case", "string_too_long")]),
        (json.dumps({f"k{n}": 1 for n in range(201)}), [("", "object_too_large")]),
        ('{"case": "a", "case": "b", "service": "intake", "day": "2026-03-02"}', [("/case", "key_duplicate")]),
        (_with(score=None), [("/score", "null_refused")]),
        (_with(case=None), [("/case", "null_refused")]),
        (_with(sessions=[None]), [("/sessions/0", "null_refused")]),
        (_with(case="a\0"), [("/case", "text_refused")]),
        (_with(case="\ud800"), [("/case", "text_refused")]),
        (_with(**{"a\0": 1}), [("", "text_refused"), ("", "field_unknown")]),
        (_with(score=float("nan")), [("/score", "number_not_finite")]),
        (_with(score=float("-inf")), [("/score", "number_not_finite")]),
        (_with().replace('"c-1"', "1e999"), [("/case", "number_out_of_range")]),
        (_with(score=2**63), [("/score", "number_out_of_range")]),
        (_with().replace('"c-1"', "9" * 5000), [("/case", "number_out_of_range")]),
    ],
)
def test_text_rules(raw: str, expected: list[tuple[str, str]]) -> None:
    """Limits and what RFC 8259 leaves open, each with its place."""
    assert _codes(raw) == expected


def test_nesting_of_sixteen_is_judged_by_its_types() -> None:
    """The limit itself is allowed: only the type is wrong."""
    assert _codes("[" * 16 + "]" * 16) == [("", "type_wrong")]


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"extra": 1}, "/extra", "field_unknown"),
        ({"Maria Doe": 1}, "", "field_unknown"),
        ({"a/b": 1}, "", "field_unknown"),
        ({"x" * 65: 1}, "", "field_unknown"),
        ({"first": {"held_at": "2026-03-02T09:30:00Z"}}, "/first/minutes", "field_missing"),
        ({"sessions": [{"held_at": "2026-03-02T09:30:00Z", "minutes": "5"}]}, "/sessions/0/minutes", "type_wrong"),
        ({"first": {"held_at": "2026-03-02T09:30:00Z", "minutes": 5.5}}, "/first/minutes", "type_wrong"),
        ({"first": []}, "/first", "type_wrong"),
        ({"sessions": {}}, "/sessions", "type_wrong"),
        ({"case": 3}, "/case", "type_wrong"),
        ({"signed": "true"}, "/signed", "type_wrong"),
        ({"signed": 1}, "/signed", "type_wrong"),
        ({"service": "DETOX"}, "/service", "code_unknown"),
        ({"day": "2026-02-30"}, "/day", "date_malformed"),
        ({"day": "2026-03-02T00:00:00Z"}, "/day", "date_malformed"),
        ({"day": 20260302}, "/day", "type_wrong"),
        ({"day": "1899-12-31"}, "/day", "date_out_of_range"),
        ({"first": {"held_at": "2026-03-02T09:30:00", "minutes": 5}}, "/first/held_at", "datetime_without_offset"),
        ({"first": {"held_at": "1772443800", "minutes": 5}}, "/first/held_at", "date_malformed"),
        ({"first": {"held_at": "2026-03-02 09:30:00Z", "minutes": 5}}, "/first/held_at", "date_malformed"),
        ({"first": {"held_at": "0001-01-01T00:00:00+23:00", "minutes": 5}}, "/first/held_at", "date_out_of_range"),
        ({"sessions": [{"held_at": "2026-03-02T09:30", "minutes": 5}]}, "/sessions/0/held_at", "date_malformed"),
    ],
)
def test_type_rules(members: dict[str, object], pointer: str, code: str) -> None:
    """One wrong member gives one flaw at its place."""
    assert _codes(_with(**members)) == [(pointer, code)]


def test_all_flaws_at_once() -> None:
    """What the text and what the types refuse are told together, a null not twice."""
    raw = json.dumps({"service": None, "day": "x", "sessions": [{"minutes": 1}], "odd": 1, "score": None})
    assert set(_codes(raw)) == {
        ("/service", "null_refused"),
        ("/score", "null_refused"),
        ("/case", "field_missing"),
        ("/day", "date_malformed"),
        ("/sessions/0/held_at", "field_missing"),
        ("/odd", "field_unknown"),
    }


def test_allowed_codes_are_listed() -> None:
    """An integrator sees what to send instead."""
    assert [flaw.detail for flaw in _flaws(_with(service="no"))] == ["Send one of: 'intake' or 'detox'."]


def test_flaws_are_counted() -> None:
    """However much is wrong, the answer stays small."""
    assert len(_flaws(json.dumps([[None] * 400] * 400))) == 100
    assert len(_flaws(_with(sessions=[{"minutes": "x"}] * 500))) == 100


def test_nothing_sent_is_repeated() -> None:
    """Values and names with a secret appear in no refusal."""
    secret = "CANARY 7 Maria"
    for members in (
        {"case": [secret]},
        {"service": secret},
        {"day": secret},
        {secret: secret},
        {"first": {secret: None}},
    ):
        assert "CANARY" not in post(_with(**members).encode()).text
    assert "CANARY" not in post(f'{{"case": "{secret}'.encode()).text


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["intake", "2026-03-02"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(list(Report.__annotations__)) | st.text(), inner, max_size=6)
    ),
    max_leaves=12,
)


@given(_JSON | st.fixed_dictionaries({name: _JSON for name in GOOD}))
def test_any_json_is_taken_or_refused(document: Any) -> None:
    """No JSON value brings anything but a value or a refusal with places that exist or could."""
    try:
        assert isinstance(decode(json.dumps(document).encode(), REPORT), Report)
    except Invalid as refused:
        assert refused.errors
        assert all(flaw.pointer == "" or flaw.pointer.startswith("/") for flaw in refused.errors)


@given(st.binary(max_size=200) | _JSON.map(lambda document: json.dumps(document).encode()))
@settings(max_examples=40)
def test_any_bytes_over_http(raw: bytes) -> None:
    """Over HTTP: 2xx or 4xx, whatever the bytes."""
    assert 200 <= post(raw).status_code < 500
