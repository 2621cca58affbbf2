"""A walk over every route: guarded, mapped to LED Art 25, hit by a test, and closed to the other side."""

from collections.abc import Iterator
from typing import Any

import httpx
from fastapi.routing import APIRoute
from starlette.routing import Route

from app.exchange import clock
from app.identity.tokens import issue_access_token
from app.main import create_app
from app.schemas.contract import LED_OPERATIONS
from app.settings import Settings
from app.vocabulary import Scope
from tests.api.contract import check, operations
from tests.api.replay import exercised
from tests.service import World, run, world

OPEN = {
    ("POST", "/oauth/token"),
    ("GET", "/.well-known/oauth-authorization-server"),
    ("GET", "/.well-known/jwks.json"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/docs"),
    ("GET", "/docs/assets/{name}"),
    ("GET", "/docs/errors"),
    ("GET", "/openapi.json"),
}
"""Everything that answers without a token. A new entry is a decision about what the whole world may read."""

CLINIC_SCOPES = {
    *(Scope.PATIENTS_WRITE, Scope.REPORTS_WRITE, Scope.CONSENTS_WRITE, Scope.REGISTRY_WRITE),
    *(Scope.ACCOUNTING_READ, Scope.ACCOUNTING_WRITE),
}
JUSTICE_SCOPES = {Scope.CASES_WRITE, Scope.REFERRALS_WRITE, Scope.REPORTS_READ, Scope.REQUESTS_WRITE}
CONSENT_ACTS = {
    "propose_consent",
    "preview_consent",
    "sign_consent",
    "decline_consent",
    "revoke",
    "show_consent",
    "list_consents",
    "consent_templates",
    "consent_form",
    "list_consent_requests",
}


def served() -> Iterator[tuple[str, str]]:
    """(method, path template) of every route that the application really has, mounted ones included."""
    pending: list[Any] = list(create_app(Settings.from_environment({})).routes)
    while pending:
        route = pending.pop()
        included = getattr(route, "original_router", None)
        if included is not None:
            pending += included.routes
        else:
            assert isinstance(route, APIRoute | Route), f"{route} is no plain route"
            yield from ((method, route.path) for method in (route.methods or ()) if method != "HEAD")


def guarded() -> list[tuple[str, str, dict[str, Any]]]:
    """The operations of the contract that need a token."""
    return [found for found in operations() if found[:2] not in OPEN]


def _path(template: str) -> str:
    return template.replace("{", "0" * 31).replace("}", "")


async def _ask(w: World, method: str, template: str, token: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
    answer = await w.http.request(method, _path(template), headers=headers)
    check(answer, method, template)
    return answer


def test_every_route_is_listed() -> None:
    """What is served is what the contract documents, and what is open is on the short list."""
    documented = {(method, path) for method, path, _ in operations()}
    undocumented = {
        ("GET", "/docs"),
        ("GET", "/docs/assets/{name}"),
        ("GET", "/docs/errors"),
        ("GET", "/openapi.json"),
    }
    assert set(served()) == documented | undocumented
    assert {found[:2] for found in operations() if not found[2]["security"]} | undocumented == OPEN
    assert exercised() >= documented


def test_every_route_has_a_led_operation() -> None:
    """The log of LED Art 25 names one of six for each; reads through the gate are disclosures."""
    for method, path, documented in operations():
        assert documented["x-led-operation"] in LED_OPERATIONS, (method, path)
        changes = documented["x-led-operation"] in {"collection", "alteration", "combination", "erasure"}
        looking = {"preview_consent", "find_patients", "search_assessments", "search_treatment_statuses"}
        looked = method == "GET" or documented["operationId"] in looking | {"ask_in_emergency"}
        assert changes or looked, (method, path)


@run
async def test_every_other_route_is_guarded() -> None:
    """No token, a bad one, one without the scope: one and the same answer wherever it is asked."""
    async with world("sqlite") as w:
        weak = {one: await _narrow(w, "c-court-treatment-judge", one) for one in ("requests.write", "registry.read")}
        good = await w.party("c-court-treatment-judge").token()
        header, payload, signature = good.split(".")
        forged = f"{header}.{payload}.{signature[:-8]}AAAAAAAA"
        answers: dict[str, set[bytes]] = {}
        for method, path, documented in guarded():
            missing, bad = await _ask(w, method, path, None), await _ask(w, method, path, forged)
            assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer"), path
            assert (bad.status_code, bad.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"'), path
            answers.setdefault("missing", set()).add(missing.content)
            answers.setdefault("bad", set()).add(bad.content)
            other = next(token for scope, token in weak.items() if scope != documented["x-scope"])
            lacking = await _ask(w, method, path, other)
            assert (lacking.status_code, lacking.json()["code"]) == (403, "insufficient_scope"), path
            answers.setdefault(documented["x-scope"], set()).add(lacking.content)
        assert {name: len(bodies) for name, bodies in answers.items()} == dict.fromkeys(answers, 1)


@run
async def test_each_side_stays_on_its_side() -> None:
    """Every justice client is refused on every clinic route, every clinic client on every justice route."""
    async with world("sqlite") as w:
        counted = 0
        for name, client in w.clients.items():
            justice = client["agency_kind"] in {
                "police", "prosecutor", "court", "pretrial", "probation", "custody", "defence",
            }  # fmt: skip
            closed = CLINIC_SCOPES if justice else JUSTICE_SCOPES
            if not justice and client["agency_kind"] not in {"clinic", "prison_health"}:
                closed = closed | (CLINIC_SCOPES - {Scope.ACCOUNTING_READ, Scope.ACCOUNTING_WRITE})
            token = await w.party(name).token()
            for method, path, documented in guarded():
                if documented["x-scope"] in closed:
                    answer = await _ask(w, method, path, token)
                    assert answer.status_code == 403, f"{name} {method} {path}"
                    counted += 1
        assert counted > 250


@run
async def test_justice_never_acts_on_a_consent_whatever_its_token_says() -> None:
    """Truth 6: even a token that carries the scope is refused, by the kind of its unit in the registry."""
    async with world("sqlite") as w:
        for name in (
            "c-court-treatment-judge",
            "c-police-diversion-police-diversion",
            "c-probation-adult-parole-officer",
        ):
            token = await _claiming(w, name, " ".join(sorted(scope.value for scope in Scope)))
            for method, path, documented in guarded():
                if documented["x-scope"] in CLINIC_SCOPES - {Scope.ACCOUNTING_READ}:
                    answer = await _ask(w, method, path, token)
                    assert (answer.status_code, answer.json()["code"]) == (403, "kind_not_allowed"), path
            accounting = await _ask(w, "GET", "/v1/patients/{patient_id}/disclosures", token)
            assert accounting.status_code == 404
        acts = {
            documented["operationId"] for _, _, documented in guarded() if documented["x-scope"] == "consents.write"
        }
        assert acts == CONSENT_ACTS


@run
async def test_clinics_never_read_as_justice_whatever_their_token_says() -> None:
    """A clinic whose token carries justice's scopes is refused by its kind."""
    async with world("sqlite") as w:
        for name in ("c-clinic-harbor-clinician", "c-prison-health-prison-clinician"):
            token = await _claiming(w, name, " ".join(sorted(scope.value for scope in Scope)))
            for method, path, documented in guarded():
                if documented["x-scope"] in JUSTICE_SCOPES:
                    answer = await _ask(w, method, path, token)
                    assert (answer.status_code, answer.json()["code"]) == (403, "kind_not_allowed"), path


async def _narrow(w: World, client: str, scope: str) -> str:
    entry = w.clients[client]
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = await w.http.post("/oauth/token", data=form, auth=(entry["client_id"], entry["client_secret"]))
    token: str = answer.json()["access_token"]
    return token


async def _claiming(w: World, client: str, scope: str) -> str:
    """A token that the service itself signed for the client's assignment, with more than its role may hold."""
    me = (await w.party(client).get("/v1/me")).json()
    return issue_access_token(
        w.hub.keys,
        issuer=w.hub.issuer,
        audience=w.hub.issuer,
        client_id=client,
        scope=scope,
        assignment=me["assignments"][0]["id"],
        client_key="secret",
        now=clock.seconds(),
        jti="j-1234567890123456",
        lifetime=300,
    )
