"""The one shape of an error, and the one map from an error to its status."""

import json

import pytest

from app.errors import Flaw, Invalid, Problem
from app.routers import refusals
from app.routers.json_text import TEXT_CODES
from app.routers.problems import CODES, MEDIA_TYPE, STATUS, problem_response, response_of
from app.routers.type_flaws import TYPE_CODES
from tests.api.edge import ask, post


def test_shape_is_rfc_9457() -> None:
    """Known members only, flaws with pointer, code, detail and, where there is one, the section."""
    flaws = (Flaw("/a", "field_missing", "This member is required."), Flaw("/b", "x", "y", "42 CFR § 2.31(a)(4)"))
    answer = response_of(Invalid(flaws))
    assert answer.status_code == 422 and answer.headers["content-type"] == MEDIA_TYPE
    assert json.loads(bytes(answer.body)) == {
        "type": "/docs/errors#invalid_request",
        "title": "The request cannot be accepted as it stands",
        "status": 422,
        "detail": "The request cannot be accepted as it stands: see errors.",
        "code": "invalid_request",
        "errors": [
            {"pointer": "/a", "code": "field_missing", "detail": "This member is required."},
            {"pointer": "/b", "code": "x", "detail": "y", "section": "42 CFR § 2.31(a)(4)"},
        ],
    }


@pytest.mark.parametrize(
    ("what", "status", "code", "header"),
    [
        ("missing", 401, "missing_token", ("www-authenticate", "Bearer")),
        ("token", 401, "invalid_token", ("www-authenticate", 'Bearer error="invalid_token"')),
        ("scope", 403, "insufficient_scope", ("www-authenticate", 'Bearer error="insufficient_scope"')),
        ("purpose", 403, "purpose_not_for_role", ("www-authenticate", None)),
        ("hidden", 404, "not_found_or_not_permitted", ("www-authenticate", None)),
        ("conflict", 409, "consent_not_proposed", ("retry-after", None)),
        ("unavailable", 503, "unavailable", ("retry-after", "1")),
        ("bug", 500, "internal_error", ("retry-after", None)),
    ],
)
def test_each_refusal_has_its_status(what: str, status: int, code: str, header: tuple[str, str | None]) -> None:
    """Status, code, the header its RFC asks for, and not a word of the exception."""
    answer = ask("GET", f"/raise/{what}")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers.get(header[0]) == header[1]
    assert answer.headers["content-type"] == MEDIA_TYPE and "CANARY" not in answer.text


def test_refusals_are_the_same_bytes() -> None:
    """Two refusals of one kind differ in the request id of their header alone."""
    first, second = ask("GET", "/raise/hidden"), ask("GET", "/raise/hidden")
    assert first.content == second.content
    assert first.headers.pop("x-request-id") != second.headers.pop("x-request-id")
    assert first.headers == second.headers


def test_unknown_route_and_method() -> None:
    """404 and 405 with constant words; Allow holds the methods of every route of that path."""
    lost = ask("GET", "/CANARY")
    assert (lost.status_code, lost.json()["code"], "CANARY" in lost.text) == (404, "route_unknown", False)
    wrong = ask("DELETE", "/reports")
    assert (wrong.status_code, wrong.json()["code"], wrong.headers["allow"]) == (405, "method_not_allowed", "GET, POST")


def test_head_is_not_added() -> None:
    """A GET route takes no HEAD: it would be a read without the body that its record speaks of."""
    assert ask("HEAD", "/reports").status_code == 405
    assert ask("GET", "/reports", headers={"range": "bytes=0-1"}).status_code == 200


def test_parameters_are_named_but_not_repeated() -> None:
    """The name is the route's own; the value that was sent is nowhere."""
    answer = ask("GET", "/reports?limit=CANARY")
    assert answer.status_code == 422 and "CANARY" not in answer.text
    assert answer.json()["errors"] == [
        {"pointer": "", "code": "parameter_invalid", "detail": "limit: A whole number is expected."}
    ]


def test_bare_refusal_is_a_bad_request() -> None:
    """A refusal of no class of ours is the caller's fault without further claims."""
    assert response_of(Problem("odd", "Odd.")).status_code == 400


def test_every_refusal_class_is_mapped() -> None:
    """A new class without a status would fall to 400 unseen."""
    ours = {kind for kind in vars(refusals).values() if isinstance(kind, type) and issubclass(kind, Problem)}
    assert ours | set(Problem.__subclasses__()) <= set(STATUS)


def test_every_edge_code_is_listed() -> None:
    """The table that the list of errors is generated from knows what the edge gives, with fitting statuses."""
    assert set(TEXT_CODES) | set(TYPE_CODES) <= set(CODES)
    given = [post(b"{"), post(b"[]"), ask("GET", "/nowhere"), ask("PUT", "/reports"), ask("GET", "/raise/bug")]
    for answer in given:
        problem = answer.json()
        assert CODES[problem["code"]] == (answer.status_code, problem["title"])
        assert all(entry["code"] in CODES for entry in problem.get("errors", ()))


def test_problem_without_flaws_has_no_list() -> None:
    """Absent means absent: no empty list."""
    assert "errors" not in json.loads(bytes(problem_response(409, "odd", "Odd.").body))
