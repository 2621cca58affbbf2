"""Requests that say who asks, for which unit, in which state or since when: told in words, and never believed.

Members added to every object of every body, parameters added to every query, headers that proxies set.
"""

import copy
from dataclasses import replace
from typing import Any

import httpx

from app.vocabulary import SCOPES_OF_ROLE, Role
from tests.api.contract import check, document, operation
from tests.api.replay import JUDGE, STAFF
from tests.attack import ground
from tests.attack.ground import Asked, Pointer, Side, asked_of, guarded, settle
from tests.service import World, run, world

CLAIMS: dict[str, Any] = {
    **dict.fromkeys(("role", "acting_role", "user_role"), "clinician"),
    **dict.fromkeys(("unit", "unit_id", "org_unit", "agency", "agency_id", "tenant", "facility"), "u-clinic-harbor"),
    **dict.fromkeys(("creator", "created_by", "author", "client", "client_id", "sub", "user"), STAFF),
    **dict.fromkeys(("instrument", "instrument_id", "consent", "basis", "grant", "authority"), "0" * 32),
    **dict.fromkeys(("issuer", "iss", "azp", "aud"), "https://elsewhere.example"),
    **dict.fromkeys(("recorded_at", "created_at", "updated_at", "received_at", "timestamp"), "2020-01-01T00:00:00Z"),
    **dict.fromkeys(("status", "state", "decision"), "active"),
    **dict.fromkeys(("scope", "scopes", "permissions", "elements_allowed"), "consents.write"),
    **dict.fromkeys(("is_admin", "verified", "superuser", "break_glass", "emergency"), True),
    **dict.fromkeys(("id", "version", "sequence", "epoch"), "1"),
    **dict.fromkeys(("__proto__", "constructor", "signature", "receipt"), "{}"),
}
PARAMETERS = dict.fromkeys(("role", "unit", "unit_id", "client_id", "scope", "as_of"), "u-clinic-harbor") | {
    "_method": "DELETE"
}
HEADERS = {
    "X-Forwarded-For": "127.0.0.1",
    "X-Forwarded-Host": "u-clinic-harbor.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-User": STAFF,
    "X-Forwarded-Prefix": "/v1/consents",
    "X-Real-IP": "127.0.0.1",
    "Forwarded": 'for=127.0.0.1;host="elsewhere.example";proto=https',
    "X-User": STAFF,
    "X-Remote-User": STAFF,
    "X-Unit": "u-clinic-harbor",
    "X-Org-Unit": "u-clinic-harbor",
    "X-Role": "clinician",
    "X-Client-Id": STAFF,
    "X-Scope": "consents.write",
    "X-Tenant-Id": "a-clinic-harbor",
    "X-Original-URL": "/healthz",
    "X-Rewrite-URL": "/healthz",
    "X-HTTP-Method-Override": "DELETE",
    "X-HTTP-Method": "DELETE",
    "X-Method-Override": "DELETE",
    "X-Client-Cert": "CN=clinic",
    "Client-Cert": ":AAAA:",
    "Proxy-Authorization": "Basic YTpi",
    "Cookie": f"session={STAFF}; role=clinician",
    "From": STAFF,
}


def _objects(schema: dict[str, Any], body: Any, at: Pointer = ()) -> list[tuple[Pointer, set[str]]]:
    """Every object of a body with the members that its schema knows there; of a list the first item."""
    while "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        if found := _objects(part, body, at):
            return found
    if isinstance(body, dict) and "properties" in schema:
        known = schema["properties"]
        inner = [one for name, value in body.items() for one in _objects(known.get(name, {}), value, (*at, name))]
        return [(at, set(known)), *inner]
    if isinstance(body, list) and body and "items" in schema:
        return _objects(schema["items"], body[0], (*at, 0))
    return []


def _claiming(body: Any, at: Pointer, claims: dict[str, Any]) -> Any:
    made = copy.deepcopy(body)
    node = made
    for step in at:
        node = node[step]
    node.update(claims)
    return made


def _refused_at(answer: httpx.Response) -> set[str]:
    """The pointers of a refusal; those of a batch stand in the one item's own result."""
    document_ = answer.json()
    if "results" in document_:
        return {error["pointer"] for error in document_["results"][0]["problem"]["errors"]}
    return {error["pointer"] for error in document_.get("errors", ())}


@run
async def test_a_member_that_claims_something_is_refused_where_it_stands() -> None:
    """In every object of every request body, all claims that are no members there, each with its pointer."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        counted = 0
        for name in guarded():
            method, template, documented = operation(name)
            content = documented.get("requestBody", {}).get("content", {}).get("application/json")
            if content is None:
                continue
            asked = asked_of(name, side)
            for at, known in _objects(content["schema"], asked.body):
                claims = {claim: value for claim, value in CLAIMS.items() if claim not in known}
                sent = replace(asked, body=_claiming(asked.body, at, claims))
                answer = await ground.send(w, side.client(documented)[0], sent)
                check(answer, method, template)
                assert answer.status_code in (422, 200), f"{name} {at}"
                pointers = {"".join(f"/{step}" for step in (*at, claim)) for claim in claims}
                assert _refused_at(answer) >= pointers, f"{name} {at}: {answer.text[:600]}"
                counted += len(claims)
        assert counted > 2000


@run
async def test_a_parameter_that_claims_something_is_refused_or_changes_nothing() -> None:
    """On every operation: what reads refuses it as unknown or answers as without; who is refused stays refused."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        values = PARAMETERS | {"access_token": await ground.token(w, STAFF)}
        for name in guarded():
            method, template, documented = operation(name)
            named = {one["name"] for one in documented["parameters"] if one["in"] == "query"}
            asked = asked_of(name, side)
            await _refused_alike(w, name, side, asked, replace(asked, query=asked.query | values))
            for client in side.client(documented) if method == "GET" else ():
                for claim in values.keys() - named:
                    answer = await ground.send(w, client, replace(asked, query=asked.query | {claim: values[claim]}))
                    check(answer, method, template)
                    codes = {error["code"] for error in answer.json().get("errors", ())}
                    same = (await ground.send(w, client, asked)).text == answer.text
                    assert (answer.status_code, codes) == (422, {"parameter_unknown"}) or same, f"{name} {claim}"


async def _refused_alike(w: World, name: str, side: Side, asked: Asked, claimed: Asked, **headers: str) -> None:
    """Whoever has no business here is refused with the same bytes whatever else the request says."""
    _, _, documented = operation(name)
    for client in {JUDGE, STAFF, "c-auditor-auditor"} - set(side.client(documented)):
        if client == "c-auditor-auditor" and documented["x-scope"] in {
            scope.value for scope in SCOPES_OF_ROLE[Role.AUDITOR]
        }:
            continue
        plain, other = await ground.send(w, client, asked), await ground.send(w, client, claimed, **headers)
        assert plain.status_code == other.status_code == 403, f"{name} {client}"
        assert plain.content == other.content, f"{name} {client}"


@run
async def test_a_header_that_claims_something_changes_no_answer() -> None:
    """What a proxy, a mesh or a framework would believe: on every operation, for who may and for who may not."""
    async with world("sqlite") as w:
        side = await settle(w, ground.owner())
        for name in guarded():
            method, _, documented = operation(name)
            asked = asked_of(name, side)
            await _refused_alike(w, name, side, asked, asked, **HEADERS)
            if method == "GET":
                for client in side.client(documented):
                    plain, claimed = [await ground.send(w, client, asked, **more) for more in ({}, HEADERS)]
                    same = ("patients/{patient_id}/disclosures", "incidents")  # these show the reads before them
                    assert plain.status_code == claimed.status_code, name
                    assert plain.content == claimed.content or operation(name)[1].endswith(same), name
        for name, value in HEADERS.items():
            alone = await w.http.get("/v1/me", headers={name: value})
            assert (alone.status_code, alone.json()["code"]) == (401, "missing_token"), name


ACTING = (
    '"ofc-12"; role="judge"',
    '"ofc-12"; unit="u-clinic-harbor"',
    '"ofc-12"; name="A"; name="B"',
    '"ofc-12", "ofc-13"',
    '"ofc-12"; name="A\\" ; role=\\"x"',
    '"ofc-12" \u00a0',
    '"";',
    '"ofc 12"',
    "ofc-12",
    '"' + "a" * 65 + '"',
    '"ofc-12"; name="' + "a" * 121 + '"',
    '"ofc-12"; name="\u202egnp.exe"',
    '"ofc-12"; name="<script>"' + " " * 200,
    '{"id": "ofc-12", "role": "judge"}',
)


@run
async def test_an_acting_user_holds_an_id_and_a_name_and_nothing_else() -> None:
    """Whatever else is put there is refused before anything is looked up, with the same words for all of it."""
    async with world("sqlite") as w:
        told = set()
        for sent in ACTING:
            header = [(b"Authorization", f"Bearer {await ground.token(w, JUDGE)}".encode())]
            answer = await w.http.get("/v1/me", headers=[*header, (b"Acting-User", sent.encode())])
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "acting_user_malformed"), sent
            told.add(answer.content)
        assert len(told) == 1
