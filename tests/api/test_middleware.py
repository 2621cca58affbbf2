"""The outermost layer: request id, headers, log lines, limits; and nothing secret in any of them."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.log import LOG_KEYS, log
from app.routers.middleware import HEADERS, Edge
from tests.api.edge import APP, ask, make_app, post

SECRET = "CANARY-Maria-1970"
JSON = {"content-type": "application/json"}


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


async def _nothing() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


def _through(edge: Edge, scope: Scope, receive: Receive = _nothing) -> list[Message]:
    """What a server would be given to send."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(edge(scope, receive, send))
    return sent


def _scope(**parts: Any) -> Scope:
    return {"type": "http", "method": "GET", "path": "/", "raw_path": b"/", "query_string": b"", "headers": []} | parts


@pytest.mark.parametrize("sent", ["abcd-EFGH_0123", "x" * 64])
def test_plain_request_id_is_kept(sent: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The caller's id comes back and stands in the log line."""
    assert ask("GET", "/reports", headers={"x-request-id": sent}).headers["x-request-id"] == sent
    assert [line["request_id"] for line in _lines(capsys)] == [sent]


@pytest.mark.parametrize("sent", ["short", "x" * 65, "with space 1", "semi;colon", "é" * 10])
def test_other_request_id_is_replaced(sent: str) -> None:
    """What is not plain is neither echoed nor logged; each request has its own random id."""
    first, second = (
        ask("GET", "/reports", headers=httpx.Headers({"x-request-id": sent}, "utf-8")).headers.get_list("x-request-id")
        for _ in range(2)
    )
    assert first != second and len(first[0]) >= 22 and sent not in first[0]


@pytest.mark.parametrize("path", ["/reports", "/nowhere", "/raise/bug", "/raise/unavailable", "/" + "a" * 3000])
def test_security_headers_on_every_response(path: str) -> None:
    """Good answers, refusals and failures alike; HSTS only where callers come by TLS."""
    answer = ask("GET", path)
    assert {name: answer.headers[name.decode()].encode() for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers
    assert ask("GET", path, app=make_app(https=True)).headers["strict-transport-security"].startswith("max-age=")


def test_one_line_with_the_route_template(capsys: pytest.CaptureFixture[str]) -> None:
    """The template, never the path; who called, once the route knows it."""
    ask("GET", f"/cases/{SECRET}")
    ask("GET", "/reports")
    ask("GET", f"/{SECRET}")
    first, second, third = _lines(capsys)
    assert (first["event"], first["route"], first["status"]) == ("request", "/cases/{case_id}", 200)
    assert (second["client_id"], second["unit_id"], second["method"]) == ("client-1", "unit-1", "GET")
    assert "route" not in third and (third["status"], third["code"]) == (404, "route_unknown")
    assert all(line["duration_ms"] > 0 and set(line) <= LOG_KEYS for line in (first, second, third))


def test_secrets_reach_no_log_line_and_no_error(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Canaries in body, header, path, query and exception are found in no log, and in no answer but a 2xx."""
    headers = {"authorization": f"Bearer {SECRET}", "x-request-id": f"{SECRET} !", "acting-user": SECRET, **JSON}
    bodies = [json.dumps(body).encode() for body in ({"case": [SECRET]}, {"service": SECRET}, [SECRET], SECRET)]
    answers = [ask("POST", f"/reports?{SECRET}", content=body, headers=headers) for body in (*bodies, SECRET.encode())]
    paths = (
        f"/{SECRET}",
        f"/reports?limit={SECRET}",
        f"/raise/bug?{SECRET}",
        f"/cases/{SECRET}%00",
        "/raise/unavailable",
    )
    answers += [ask("GET", path, headers=headers) for path in paths]
    answers += [ask(SECRET.replace("-", ""), f"/raise/{SECRET}", headers=headers)]
    assert all(400 <= answer.status_code for answer in answers)
    assert not [answer for answer in answers if "CANARY" in answer.text or "CANARY" in str(answer.headers)]
    written = capsys.readouterr()
    assert written.err.count("\n") == len(answers) and "CANARY" not in written.err + written.out
    ours = [record for record in caplog.records if not record.name.startswith("httpx")]
    assert not [record for record in ours if "CANARY" in record.getMessage()]


def test_failure_is_logged_by_class_and_place(capsys: pytest.CaptureFixture[str]) -> None:
    """An error of ours does not leave the application; its class does, its words do not."""
    assert ask("GET", "/raise/bug").status_code == 500
    (line,) = _lines(capsys)
    assert (line["level"], line["error_class"], line["code"]) == ("error", "ValueError", "internal_error")
    assert line["error_at"].startswith("app/routers/middleware.py:")


def test_begun_response_is_cut_not_completed(capsys: pytest.CaptureFixture[str]) -> None:
    """After the first byte no second answer is begun: the server closes the connection."""

    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise ValueError(SECRET)

    sent = _through(Edge(breaking), _scope())
    assert [message["type"] for message in sent] == ["http.response.start"]
    assert [line["error_class"] for line in _lines(capsys)] == ["ValueError"]


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ({"raw_path": b"/" + b"a" * 2048}, 414, "uri_too_long"),
        ({"query_string": b"a" * 4097}, 414, "uri_too_long"),
        ({"path": "/cases/a\0"}, 400, "uri_malformed"),
        ({"path": "/cases/a\n"}, 400, "uri_malformed"),
        ({"query_string": b"case=%00"}, 400, "uri_malformed"),
        ({"query_string": b"case=a%0d%0aset"}, 400, "uri_malformed"),
        ({"headers": [(b"acting-user", b"a\x00")]}, 400, "header_malformed"),
        ({"headers": [(b"acting-user", b"a\rb")]}, 400, "header_malformed"),
    ],
)
def test_limits_of_the_request_line(parts: dict[str, Any], status: int, code: str) -> None:
    """Refused before any route is looked for."""
    start, body = _through(Edge(APP), _scope(**parts))
    assert (start["status"], json.loads(body["body"])["code"]) == (status, code)


def test_longest_path_and_query_are_routed() -> None:
    """The limits themselves are allowed, and so are tab and non-ASCII in a header."""
    found = _through(Edge(APP), _scope(path="/x", raw_path=b"/" + b"a" * 2047, query_string=b"q=%20" + b"a" * 4091))
    assert json.loads(found[1]["body"])["code"] == "route_unknown"
    found = _through(Edge(APP), _scope(path="/reports", headers=[(b"acting-user", b"a\tb\xc3\xa9")]))
    assert found[0]["status"] == 200


def test_slow_body_is_given_up() -> None:
    """Time is counted for the whole body, however many pieces arrive."""

    async def trickle() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.02)
            yield b" "

    answer = ask("POST", "/reports", content=trickle(), headers=JSON, app=make_app(body_seconds=0.1))
    assert (answer.status_code, answer.json()["code"], answer.headers["connection"]) == (
        408,
        "request_timeout",
        "close",
    )


def test_gone_client_is_no_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """A caller that hangs up in its body is logged as that and answered nothing."""

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    kind = [(b"content-type", b"application/json")]
    scope = _scope(method="POST", path="/reports", raw_path=b"/reports", headers=kind)
    assert _through(Edge(make_app()), scope, gone) == []
    assert {line["code"] for line in _lines(capsys)} == {"client_disconnected"}


def test_what_is_not_http_passes_through() -> None:
    """The lifespan reaches the application untouched."""
    seen: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["type"])

    assert _through(Edge(inner), {"type": "lifespan"}) == [] and seen == ["lifespan"]


def test_log_refuses_what_is_not_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown keys, own keys, long or composite values are counted, not written; None is left out."""
    log("odd", level="warning", path=SECRET, event=SECRET, status={"a": SECRET}, code=SECRET * 20, port=8000, role=None)
    log(f"odd {SECRET}", duration_ms=float("nan"))
    first, second = _lines(capsys)
    del first["time"], second["time"]
    assert first == {"level": "warning", "event": "odd", "port": 8000, "dropped": 4}
    assert second == {"level": "info", "event": "unnamed", "dropped": 2}


def test_closed_standard_error_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lost line is lost alone."""
    closed = open("/dev/null", "w")
    closed.close()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", closed)
        assert post(b"{").status_code == 400
    assert capsys.readouterr().err == ""
