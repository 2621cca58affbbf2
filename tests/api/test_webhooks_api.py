"""Webhooks over HTTP: who may have one, where it may lead, and what is told of it."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import httpx
import pytest

from app.main import create_app
from app.sandbox.party import Party
from tests.api.contract import check
from tests.api.receiver import register
from tests.service import DATABASES, World, run, world
from tests.storage.direct import count, rows

URL = "http://127.0.0.1:9/doorbell"
PUBLIC = "https://93.184.216.34/doorbell?key=canary"
JUDGE, TEAM, POLICE = (
    "c-court-treatment-judge",
    "c-court-treatment-court-team",
    "c-police-diversion-police-diversion",
)


def _refused(answer: httpx.Response, status: int, code: str, method: str, path: str) -> None:
    check(answer, method, path)
    body = answer.json()
    assert (answer.status_code, (body.get("errors") or [body])[0]["code"]) == (status, code)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_webhook_is_made_listed_and_ended_and_its_secret_told_once(kind: str) -> None:
    async with world(kind) as w:
        judge = w.party(JUDGE)
        made = await judge.post("/v1/webhooks", {"url": URL}, Idempotency_Key="k")
        check(made, "POST", "/v1/webhooks")
        again = await judge.post("/v1/webhooks", {"url": URL}, Idempotency_Key="k")
        assert (made.status_code, again.content) == (201, made.content), "a lost answer is not a lost secret"
        other = await register(judge, URL)
        assert made.json()["secret"].startswith("whsec_") and made.json()["secret"] != other["secret"]
        listed = await judge.get("/v1/webhooks")
        check(listed, "GET", "/v1/webhooks")
        assert [set(one) for one in listed.json()["items"]] == [{"id", "url", "created_at"}] * 2
        ended = await judge.call("DELETE", f"/v1/webhooks/{other['id']}")
        check(ended, "DELETE", "/v1/webhooks/{webhook_id}")
        assert ended.json() == {"id": other["id"]}
        assert [one["id"] for one in (await judge.get("/v1/webhooks")).json()["items"]] == [made.json()["id"]]
        for webhook in (other["id"], "0" * 32):
            gone = await judge.call("DELETE", f"/v1/webhooks/{webhook}")
            _refused(gone, 404, "not_found_or_not_permitted", "DELETE", "/v1/webhooks/{webhook_id}")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_url_and_secret_are_sealed(kind: str) -> None:
    async with world(kind) as w:
        told = await register(w.party(JUDGE), URL + "/canary")
        stored = [bytes(row[0]) for row in rows(w.settings.database_url, "SELECT sealed FROM webhook")]
        stored += [bytes(row[0]) for row in rows(w.settings.database_url, "SELECT sealed FROM idempotency")]
        assert stored and not any(b"canary" in one or told["secret"].encode() in one for one in stored)


@run
async def test_anothers_webhook_is_none() -> None:
    """Of another client, of the same unit in another role, of another agency: one answer."""
    async with world("sqlite") as w:
        made = await register(w.party(JUDGE), URL)
        for name in (TEAM, POLICE):
            party = w.party(name)
            assert (await party.get("/v1/webhooks")).json() == {"items": []}
            gone = await party.call("DELETE", f"/v1/webhooks/{made['id']}")
            _refused(gone, 404, "not_found_or_not_permitted", "DELETE", "/v1/webhooks/{webhook_id}")
        assert len((await w.party(JUDGE).get("/v1/webhooks")).json()["items"]) == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_five_are_the_most_however_many_are_asked_for_at_once(kind: str) -> None:
    async with world(kind) as w:
        judge = w.party(JUDGE)
        await judge.token()
        answers = await asyncio.gather(*(judge.post("/v1/webhooks", {"url": URL}) for _ in range(12)))
        for answer in answers:
            check(answer, "POST", "/v1/webhooks")
        assert {answer.status_code for answer in answers} <= {201, 409}
        while (answer := await judge.post("/v1/webhooks", {"url": URL})).status_code == 201:
            continue
        _refused(answer, 409, "webhooks_too_many", "POST", "/v1/webhooks")
        assert count(w.settings.database_url, "webhook", "ended_at IS NULL") == 5
        (first, *_) = (await judge.get("/v1/webhooks")).json()["items"]
        await judge.call("DELETE", f"/v1/webhooks/{first['id']}")
        await register(judge, URL)
        await register(w.party(TEAM), URL)


@pytest.mark.parametrize("name", ["c-prosecutor-office-prosecutor", "c-clinic-harbor-clinic-staff"])
@run
async def test_who_has_no_feed_has_no_webhook(name: str) -> None:
    async with world("sqlite") as w:
        clinic = "clinic" in name
        party = w.party(name if clinic else _without_purpose(w.clients))
        answer = await party.post("/v1/webhooks", {"url": URL})
        check(answer, "POST", "/v1/webhooks")
        expected = "insufficient_scope" if clinic else "purpose_not_for_role"
        assert (answer.status_code, answer.json()["code"]) == (403, expected)


def _without_purpose(clients: dict[str, dict[str, object]]) -> str:
    return next(name for name, one in clients.items() if one["role"] in {"prosecutor", "police_officer"})


@run
async def test_outside_the_sandbox_no_url_leads_into_our_network() -> None:
    """One flaw for a name that is not there and for one that is within: nobody maps a network by asking."""
    async with world("sqlite") as w, _outside(w) as judge:
        bodies = set()
        for url in (
            *("http://93.184.216.34/", "https://93.184.216.34:8443/", "https://u:p@93.184.216.34/"),
            *("https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest/meta-data/", "https://[::1]/"),
            *(
                "https://[::ffff:10.0.0.1]/",
                "https://2130706433/",
                "https://localhost/",
                "https://nowhere.invalid/",
                URL,
            ),
        ):
            answer = await judge.post("/v1/webhooks", {"url": url})
            _refused(answer, 422, "url_not_allowed", "POST", "/v1/webhooks")
            bodies.add(answer.content)
        assert len(bodies) == 1
        await register(judge, PUBLIC)
        assert (await judge.get("/v1/webhooks")).json()["items"][0]["url"] == PUBLIC


@contextlib.asynccontextmanager
async def _outside(w: World) -> AsyncIterator[Party]:
    """The judge at the same instance, were it no sandbox."""
    app = create_app(w.settings)
    app.state.hub = dataclasses.replace(w.hub, sandbox=False)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
        yield Party(http, w.clients[JUDGE], f"{w.settings.issuer}/oauth/token")


@run
async def test_a_person_has_no_webhook_of_their_own() -> None:
    """The header is taken as everywhere; the webhook is the role's."""
    async with world("sqlite") as w:
        judge = w.party(JUDGE)
        answer = await judge.post("/v1/webhooks", {"url": URL}, Acting_User='"ofc-12"')
        assert answer.status_code == 201
        assert len((await judge.get("/v1/webhooks")).json()["items"]) == 1
