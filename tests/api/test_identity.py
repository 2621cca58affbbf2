"""The token endpoint over HTTP: who gets a token, and what everybody else is told (RFC 6749, 7523, 9068)."""

import asyncio
import time
from dataclasses import replace
from typing import Any

import httpx
import pytest

from app.errors import Conflict
from app.exchange import administration
from app.identity.keys import thumbprint
from app.main import create_app
from app.sandbox.party import assertion
from app.vocabulary import SCOPES_OF_ROLE, Role
from tests.api.contract import check
from tests.api.plain import COURT, instance, key, public
from tests.api.replay import basic
from tests.identity import forging
from tests.service import DATABASES, World, run, world

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
JUDGE = "c-court-treatment-judge"


def _form(signed: str, **more: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": signed,
    } | more


def _signed(w: World, name: str = "judge", **changes: Any) -> str:
    client = w.clients[name]
    jwk = changes.pop("jwk", client["private_jwk"])
    audience = changes.pop("audience", f"{w.settings.issuer}/oauth/token")
    return assertion(jwk, changes.pop("client", client["client_id"]), audience, **changes)


async def _ask(w: World, form: dict[str, str], **headers: str) -> httpx.Response:
    answer = await w.http.post("/oauth/token", data=form, headers=headers)
    check(answer, "POST", "/oauth/token")
    return answer


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_private_key_jwt_gets_a_token(kind: str) -> None:
    """ES256 and, for clients that registered such a key, RS384 and ES384; nothing of it is kept by a cache."""
    async with instance(kind) as w:
        for number, made in enumerate((forging.rs384(), forging.es384())):
            name = f"c-other-{number}"
            await administration.add_client(w.hub, COURT, Role.JUDGE, jwk=made.jwk, identifier=name)
            now = int(time.time())
            audience = f"{w.settings.issuer}/oauth/token"
            claims = {"iss": name, "sub": name, "aud": audience, "iat": now, "exp": now + 60}
            signed = forging.assertion(made, **claims, jti=f"jti-of-{name}")
            assert (await _ask(w, _form(signed))).status_code == 200
        answer = await _ask(w, _form(_signed(w)))
        body = answer.json()
        assert (answer.status_code, body["token_type"], body["expires_in"]) == (200, "bearer", 300)
        assert body["scope"].split() == sorted(scope.value for scope in SCOPES_OF_ROLE[Role.JUDGE])
        assert "no-store" in answer.headers["cache-control"]
        me = await w.http.get("/v1/me", headers={"Authorization": f"Bearer {body['access_token']}"})
        assert (me.json()["unit_id"], me.json()["role"]) == (COURT, "judge")


@run
async def test_secrets_are_for_the_sandbox() -> None:
    """There client_secret_basic works and errors hint; elsewhere no secret can be registered and none is taken."""
    async with world("sqlite") as w:
        headers = {"Authorization": basic(w.clients[JUDGE])}
        given = await _ask(w, {"grant_type": "client_credentials"}, **headers)
        assert given.status_code == 200
        wrong = basic(w.clients[JUDGE] | {"client_secret": "0" * 64})
        refused = await _ask(w, {"grant_type": "client_credentials"}, Authorization=wrong)
        assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
        assert refused.json()["hint"] and refused.headers["www-authenticate"] == "Basic"
        app = create_app(w.settings)
        app.state.hub = replace(w.hub, sandbox=False)  # the same database, served from now on without the sandbox
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=w.settings.issuer) as http:
            later = await http.post("/oauth/token", data={"grant_type": "client_credentials"}, headers=headers)
            assert (later.status_code, later.json()) == (401, {"error": "invalid_client"})
            kept = {"Authorization": f"Bearer {given.json()['access_token']}"}
            assert (await w.http.get("/v1/me", headers=kept)).status_code == 200
            assert (await http.get("/v1/me", headers=kept)).status_code == 401
    async with instance("sqlite") as w:
        with pytest.raises(Conflict, match="sandbox_only"):
            await administration.add_client(w.hub, COURT, Role.JUDGE, jwk=None, secret="s" * 64)
        metadata = (await w.http.get("/.well-known/oauth-authorization-server")).json()
        assert metadata["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_refusals_of_a_client_are_one_answer(kind: str) -> None:
    """Whoever it is and whatever is wrong with the assertion: the same status and bytes, no hint."""
    async with instance(kind) as w:
        await administration.suspend(w.hub, client="c-staff")
        used = _signed(w)
        assert (await _ask(w, _form(used))).status_code == 200
        now, other = time.time(), key("somebody")
        wrong = {
            "unknown client": _signed(w, client="c-nobody"),
            "suspended client": _signed(w, "staff"),
            "another's key": _signed(w, jwk=other),
            "another's key under the right kid": _signed(w, jwk=other | {"kid": key("judge")["kid"]}),
            "expired": _signed(w, now=now - 3600),
            "from the future": _signed(w, now=now + 3600),
            "another audience": _signed(w, audience="https://elsewhere.example/oauth/token"),
            "altered": used[:-6] + "AAAAAA",
            "no token": "x",
            "used before": used,
        }
        answers = {name: await _ask(w, _form(signed)) for name, signed in wrong.items()}
        answers["a secret"] = await _ask(w, {"grant_type": "client_credentials"}, Authorization="Basic Yy1qOng=")
        answers["nothing"] = await _ask(w, {"grant_type": "client_credentials"})
        assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(answers, 401)
        assert {name: answer.content for name, answer in answers.items()} == dict.fromkeys(
            answers, b'{"error":"invalid_client"}'
        )


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_assertion_counts_once(kind: str) -> None:
    """Sent twice at the same moment, one of the two gets a token; and it never works again."""
    async with instance(kind) as w:
        for _ in range(5):
            signed = _signed(w)
            both = await asyncio.gather(*(_ask(w, _form(signed)) for _ in range(4)))
            assert sorted(answer.status_code for answer in both) == [200, 401, 401, 401]
            assert (await _ask(w, _form(signed))).status_code == 401


@run
async def test_malformed_requests_have_their_codes() -> None:
    """RFC 6749 5.2: the code says what to change in the request; the body holds nothing else."""
    async with instance("sqlite") as w:
        good = _form(_signed(w))
        cases: dict[str, dict[str, Any]] = {
            "unsupported_grant_type": {"data": good | {"grant_type": "password"}},
            "invalid_request no grant_type": {"data": {"client_assertion_type": TYPE}},
            "invalid_request no type": {"data": good | {"client_assertion_type": "urn:example"}},
            "invalid_request as json": {"json": good},
            "invalid_request repeated": {"data": good | {"scope": ["registry.read", "cases.write"]}},
            "invalid_request NUL": {"data": good | {"scope": "a\0b"}},
            "invalid_request too large": {"data": good | {"scope": "a" * 20_000}},
            "invalid_request two ways": {"data": good, "headers": {"Authorization": "Basic Yy1qOng="}},
            "invalid_scope": {"data": good | {"scope": "consents.write"}},
        }
        for name, sent in cases.items():
            answer = await w.http.post("/oauth/token", **sent)
            check(answer, "POST", "/oauth/token")
            assert (answer.status_code, answer.json()) == (400, {"error": name.partition(" ")[0]}), name


@run
async def test_scope_can_only_be_narrowed() -> None:
    """A part of the role's scopes is granted as asked and enforced; one outside them is invalid_scope."""
    async with instance("sqlite") as w:
        narrow = await _ask(w, _form(_signed(w), scope="registry.read"))
        assert narrow.json()["scope"] == "registry.read"
        headers = {"Authorization": f"Bearer {narrow.json()['access_token']}"}
        assert (await w.http.get("/v1/units", headers=headers)).status_code == 200
        refused = await w.http.get("/v1/referrals", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
        assert refused.headers["www-authenticate"] == 'Bearer error="insufficient_scope"'
        for scope in ("ledger.read", "registry.read nothing.known", "REGISTRY.READ"):
            answer = await _ask(w, _form(_signed(w), scope=scope))
            assert (answer.status_code, answer.json()) == (400, {"error": "invalid_scope"})


@run
async def test_a_client_of_several_units_names_one() -> None:
    """Without a name it is refused; the token acts in the named unit and role; another's row is nobody's."""
    async with instance("sqlite") as w:
        agency = w.clients["judge"]["agency_id"]
        place = {"alias": "-", "time_zone": "America/Chicago", "profile": "us-42cfr2@1"}
        family = await administration.add_unit(w.hub, agency, "Family Part", **place)
        second = await administration.assign(w.hub, "c-judge", family, Role.COURT_TEAM)
        assert (await _ask(w, _form(_signed(w)))).json() == {"error": "invalid_request"}
        token = (await _ask(w, _form(_signed(w), assignment=second))).json()["access_token"]
        me = (await w.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})).json()
        assert (me["unit_id"], me["role"]) == (family, "court_team")
        assert sorted(one["unit_id"] for one in me["assignments"]) == sorted([COURT, family])
        foreign = await administration.assign(w.hub, "c-staff", "u-clinic", Role.CLINICIAN)
        for name in (foreign, "as-unknown"):
            answer = await _ask(w, _form(_signed(w), assignment=name))
            assert (answer.status_code, answer.json()) == (400, {"error": "unauthorized_client"})
        with pytest.raises(Conflict, match="role_not_of_unit"):
            await administration.assign(w.hub, "c-judge", family, Role.CLINICIAN)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_two_keys_live_while_rotating(kind: str) -> None:
    """Both work, a third is refused, a key belongs to one client for ever; the retired one asks for nothing more."""
    async with instance(kind) as w:
        await administration.rotate(w.hub, "c-judge", public("judge-2"))
        with pytest.raises(Conflict, match="two_keys_live"):
            await administration.rotate(w.hub, "c-judge", public("judge-3"))
        for name in ("judge", "judge-2"):
            assert (await _ask(w, _form(_signed(w, jwk=key(name))))).status_code == 200
        with pytest.raises(Conflict, match="key_registered"):
            await administration.rotate(w.hub, "c-staff", public("judge-2"))
        await administration.retire(w.hub, "c-judge", thumbprint(public("judge")))
        assert (await _ask(w, _form(_signed(w, jwk=key("judge"))))).status_code == 401
        assert (await _ask(w, _form(_signed(w, jwk=key("judge-2"))))).status_code == 200
        await administration.rotate(w.hub, "c-judge", public("judge-3"))
        with pytest.raises(Conflict, match="key_registered"):
            await administration.add_client(w.hub, COURT, Role.JUDGE, jwk=public("judge"))
