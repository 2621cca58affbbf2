"""What a newcomer does wrong in the first hour: a hint in the sandbox, the uniform answer in production."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.commands.newcomer import FIRST_HOUR
from app.main import create_app
from app.routers.hints import HEADER, UNREGISTERED
from app.sandbox import steps
from app.sandbox.party import Party, assertion
from app.sandbox.steps import reading
from app.vocabulary import PURPOSES_OF_ROLE, Purpose, Role
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, scene
from tests.docs.reading import page
from tests.service import DATABASES, World, run, world

JUDGE, PROBATION = "c-court-treatment-judge", "c-probation-adult-probation-officer"
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
READS = ("/v1/treatment-statuses?case={}&purpose={}", "/v1/assessments?case={}&purpose={}")
ALL_READS = (*READS, "/v1/cases/{}/report?purpose={}", "/v1/cases/{}/report?purpose={}&format=html")


@asynccontextmanager
async def production(w: World) -> AsyncIterator[World]:
    """The same database and clients, served from now on without the sandbox."""
    app = create_app(w.settings)
    app.state.hub = replace(w.hub, sandbox=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
        yield replace(w, http=http, hub=app.state.hub)


async def _token(w: World, signed: str) -> httpx.Response:
    form = {"grant_type": "client_credentials", "client_assertion_type": TYPE, "client_assertion": signed}
    answer = await w.http.post("/oauth/token", data=form)
    check(answer, "POST", "/oauth/token")
    return answer


@pytest.mark.parametrize(
    ("name", "hint", "heading"),
    [
        ("ahead", "iat is in the future: the clock here reads ", "The clocks differ"),
        ("behind", "expired: the clock here reads ", "The clocks differ"),
        ("far ahead", "exp is more than 300 seconds ahead: the clock here reads ", "The clocks differ"),
        ("audience", "aud must be exactly the string http", "The audience is another"),
        ("kid", "kid and alg must fit exactly one registered key", "The key is not known"),
        ("client", "no live client of this id", "The key is not known"),
    ],
)
@run
async def test_a_refused_assertion(name: str, hint: str, heading: str) -> None:
    """The sandbox says which check failed and what the clock reads; production says invalid_client and no more."""
    async with world("sqlite") as w, production(w) as bare:
        entry, url, now = w.clients[JUDGE], f"{w.settings.issuer}/oauth/token", time.time()
        key, client = entry["private_jwk"], entry["client_id"]
        wrong: dict[str, Any] = {
            "ahead": (key, client, url, now + 30),
            "behind": (key, client, url, now - 3600),
            "far ahead": (key, client, url, now + 3600),
            "audience": (key, client, w.settings.issuer, now),
            "kid": (key | {"kid": "another"}, client, url, now),
            "client": (key, "c-nobody", url, now),
        }
        refused = await _token(w, assertion(*wrong[name]))
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        assert refused.json()["hint"].startswith(hint)
        if "clock" in hint:
            assert abs(int(refused.json()["hint"].rpartition(" ")[2]) - now) < 60
        silent = await _token(bare, assertion(*wrong[name]))
        assert (silent.status_code, silent.content) == (401, b'{"error":"invalid_client"}')
        (met,) = [one for one in FIRST_HOUR if one.heading == heading]
        told = hint.partition(":")[0] if "clock" in hint else hint.removesuffix(" http")
        assert told in met.seen


@run
async def test_a_purpose_that_is_not_of_the_role() -> None:
    """The public list of the role's purposes, for a case that exists and for one that does not; production: none."""
    async with world("sqlite") as w, production(w) as bare:
        s = await scene(w)
        wrong = Purpose.DEFENCE_PREPARATION.value
        assert Purpose.DEFENCE_PREPARATION not in PURPOSES_OF_ROLE[Role.JUDGE]
        own = ", ".join(sorted(purpose.value for purpose in PURPOSES_OF_ROLE[Role.JUDGE]))
        for path in READS:
            answers = [await s.judge.get(path.format(case_id, wrong)) for case_id in (s.case_id, "0" * 32)]
            check(answers[0], "GET", path.partition("?")[0])
            assert answers[0].content == answers[1].content
            assert (answers[0].status_code, answers[0].json()["code"]) == (403, "purpose_not_for_role")
            assert answers[0].json()["hint"] == f"The purposes of the role judge: {own}."
            silent = await bare.party(JUDGE).get(path.format(s.case_id, wrong))
            assert silent.json() == {n: v for n, v in answers[0].json().items() if n != "hint"}


def _marked(answers: list[httpx.Response]) -> list[str | None]:
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    return [answer.headers.get(HEADER) for answer in answers]


async def _all(party: Party, case_id: str) -> list[httpx.Response]:
    return [await party.get(path.format(case_id, MONITOR)) for path in ALL_READS]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_case_that_was_never_registered(kind: str) -> None:
    """Hinted are ids that this unit never registered, another unit's real one included; production never hints."""
    async with world(kind) as w, production(w) as bare:
        s = await scene(w)
        theirs = await steps.register_case(w.party(PROBATION), COURT, "docket", "CR-2026-0417")
        for foreign in ("0" * 32, "CR-2026-0417", theirs):
            assert _marked(await _all(s.judge, foreign)) == [UNREGISTERED] * len(ALL_READS)
        assert _marked(await _all(s.judge, s.case_id)) == [None] * len(ALL_READS)
        body = {"cases": [s.case_id, theirs], "purpose": MONITOR}
        assert _marked([await s.judge.post("/v1/treatment-statuses/search", body)]) == [UNREGISTERED]
        assert _marked([await s.judge.post("/v1/assessments/search", body | {"cases": [s.case_id]})]) == [None]
        judge = bare.party(JUDGE)
        for case_id in ("0" * 32, theirs, s.case_id):
            assert _marked(await _all(judge, case_id)) == [None] * len(ALL_READS)
        assert _marked([await judge.post("/v1/treatment-statuses/search", body)]) == [None]


@run
async def test_a_hint_tells_nothing_of_a_patient() -> None:
    """In one's own case there is none before, under and after a consent; and a hint is no part of the answer's body."""
    async with world("sqlite") as w, production(w) as bare:
        s = await scene(w)
        before = await _all(s.judge, s.case_id)
        await s.sign()
        under = await _all(s.judge, s.case_id)
        taken = {"on_behalf_of": "patient", "all": True}
        revoked = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", taken)
        assert revoked.status_code == 200, revoked.text
        after = await _all(s.judge, s.case_id)
        assert _marked([*before, *under, *after]) == [None] * 3 * len(ALL_READS)
        assert [answer.content for answer in before] == [answer.content for answer in after]
        path = reading("treatment-statuses", "0" * 32, MONITOR)
        hinted, silent = await s.judge.get(path), await bare.party(JUDGE).get(path)
        assert hinted.content == silent.content and hinted.headers["etag"] == silent.headers["etag"]


def test_every_meeting_has_its_section() -> None:
    """In docs/errors.md and in the page, with a cause and steps; the hint that it names is the one that is given."""
    first = page("docs/errors.md").partition("\n## The first hour\n")[2].partition("\n## ")[0]
    html = page("app/routers/assets/errors.html")
    assert len(FIRST_HOUR) == 5
    for met in FIRST_HOUR:
        section = first.partition(f"\n### {met.heading}\n")[2].partition("\n### ")[0]
        assert met.seen in section and met.cause in section and all(step in section for step in met.steps)
        assert f"<h3>{met.heading}</h3>" in html
    assert HEADER in FIRST_HOUR[-1].seen
