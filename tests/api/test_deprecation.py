"""An operation that is declared deprecated says so in the contract and with every answer; no other does."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from starlette.requests import Request
from starlette.responses import Response

from app.main import create_app
from app.routers.asking import admit
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.deprecation import Deprecation
from app.settings import Settings
from app.vocabulary import Scope
from tests.api.contract import document

SINCE = datetime(2026, 11, 1, 2, 30, tzinfo=timezone(timedelta(hours=2)))
END = datetime(2027, 11, 1, tzinfo=UTC)
PAGE = "https://throughcare.example/moved#old"
GOING = Deprecation(SINCE, PAGE, END)
DEPRECATION = {"deprecation", "sunset", "link"}


def _app(deprecated: Deprecation | None) -> FastAPI:
    """The service with two routes more: one answers, the other asks for a token first."""
    router = APIRouter(tags=["old"])
    described: dict[str, Any] = {"led": "consultation", "answer": a.Health, "deprecated": deprecated}

    @router.get("/v1/old", **operation("old", "Answers", scope=None, **described))
    async def old(request: Request) -> Response:
        return Response(b'{"ok":true}', media_type="application/json")

    @router.get("/v1/old/guarded", **operation("old_guarded", "Refuses", scope=Scope.REGISTRY_READ, **described))
    async def guarded(request: Request) -> Response:
        await admit(request, Scope.REGISTRY_READ)
        return Response(b'{"ok":true}', media_type="application/json")

    app = create_app(Settings.from_environment({}))
    app.include_router(router)
    app.state.hub = None  # neither route comes as far as the database
    return app


def _ask(app: FastAPI, paths: Sequence[str]) -> list[httpx.Response]:
    async def send() -> list[httpx.Response]:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge") as http:
            return [await http.get(path) for path in paths]

    return asyncio.run(send())


def test_every_answer_of_a_deprecated_operation_says_so() -> None:
    """An answer and a refusal: since when (RFC 9745), until when (RFC 8594), and where to read on."""
    answers = _ask(_app(GOING), ("/v1/old", "/v1/old/guarded"))
    assert [answer.status_code for answer in answers] == [200, 401]
    for answer in answers:
        assert answer.headers["deprecation"] == f"@{int(SINCE.timestamp())}"
        assert answer.headers["sunset"] == "Mon, 01 Nov 2027 00:00:00 GMT"
        assert parsedate_to_datetime(answer.headers["sunset"]) == END > SINCE
        assert answer.headers.get_list("link") == [
            f'<{PAGE}>; rel="deprecation"; type="text/html"',
            f'<{PAGE}>; rel="sunset"',
        ]


def test_without_an_end_none_is_told() -> None:
    """Deprecated, and nobody knows yet until when."""
    (answer,) = _ask(_app(replace(GOING, sunset=None)), ("/v1/old",))
    assert answer.headers["deprecation"].startswith("@") and "sunset" not in answer.headers
    assert answer.headers.get_list("link") == [f'<{PAGE}>; rel="deprecation"; type="text/html"']


def test_no_other_answer_does() -> None:
    """Neither the same routes undeclared nor another route beside a deprecated one, known or not."""
    answers = [*_ask(_app(None), ("/v1/old", "/v1/old/guarded")), *_ask(_app(GOING), ("/v1/me", "/v1/none"))]
    assert [answer.status_code for answer in answers] == [200, 401, 401, 404]
    assert [DEPRECATION & {*answer.headers} for answer in answers] == [set()] * 4


def test_contract_tells_it() -> None:
    """``deprecated: true`` with the dates; the contract as it is has none."""
    paths: dict[str, Any] = _app(GOING).openapi()["paths"]
    for described in (paths["/v1/old"]["get"], paths["/v1/old/guarded"]["get"]):
        assert described["deprecated"] is True
        assert described["x-deprecation"] == {
            "since": "2026-11-01T00:30:00+00:00",
            "sunset": "2027-11-01T00:00:00+00:00",
            "link": PAGE,
        }
    marks = {"deprecated", "x-deprecation"}
    assert [one for path in document()["paths"].values() for one in path.values() if marks & one.keys()] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"sunset": SINCE - timedelta(seconds=1)},
        {"since": datetime(2026, 11, 1)},
        {"since": SINCE + timedelta(microseconds=1)},
        {"link": 'https://x.example/">'},
        {"link": "https://x.example/a b"},
        {"link": "https://x.example/\n"},
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """When the code is loaded, not when somebody asks."""
    with pytest.raises(ValueError, match=r"zone and whole seconds|does not end before|no URI"):
        replace(GOING, **wrong)
