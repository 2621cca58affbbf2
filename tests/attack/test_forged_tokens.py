"""Tokens and assertions of an attacker who knows everything that is public: refused on every route, all alike."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.sandbox import party
from app.sandbox.party import Party
from app.sandbox.register import private_jwk
from tests.api.contract import check, operations
from tests.api.plain import instance
from tests.api.plain import key as key_of
from tests.identity.forging import compact, ecdsa, es256, hs256, segment, twin
from tests.service import World, run

Forgeries = Iterator[tuple[str, str]]
KIDS = (
    "../../../../dev/null",
    "/proc/self/environ",
    "file:///dev/null",
    "https://elsewhere.example/jwks.json",
    "' OR '1'='1",
    "x'; DROP TABLE client; --",
    "key\x00",
    "",
    "*",
)


def _claims(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, claims, _ = token.split(".")
    first, second = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in (header, claims))
    return first, second


def _unsigned(header: dict[str, Any], claims: dict[str, Any]) -> Forgeries:
    for alg in ("none", "None", "NONE", "nOnE", ""):
        for signature in ("", "AA"):
            told = f"alg {alg!r} signature {signature!r}"
            yield told, f"{segment(header | {'alg': alg})}.{segment(claims)}.{signature}"
    yield "cut off", f"{segment(header)}.{segment(claims)}"


def _by_public_key(w: World, header: dict[str, Any], claims: dict[str, Any]) -> Forgeries:
    """HMAC keyed with every spelling of the public key."""
    public = w.hub.keys.access[0].public
    jwk = w.hub.keys.jwks()["keys"][0]
    spellings = {
        "PEM": public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "DER": public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "point": public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
        "JWK": json.dumps(jwk).encode(),
        "x": jwk["x"].encode(),
        "nothing": b"",
    }
    for told, secret in spellings.items():
        for alg in ("HS256", "ES256"):
            yield f"HMAC by {told} as {alg}", compact(header | {"alg": alg}, claims, hs256(secret))


def _by_own_key(header: dict[str, Any], claims: dict[str, Any]) -> Forgeries:
    """Signed by a key of the attacker: under our kid, under its own, and with the key brought along."""
    sign, jwk = es256().sign, es256().jwk
    yield "own key, our kid", compact(header, claims, sign)
    for kid in (jwk["kid"], *KIDS):
        yield f"own key, kid {kid!r}", compact(header | {"kid": kid}, claims, sign)
    brought: dict[str, Any] = {
        "jwk": jwk,
        "jku": "https://elsewhere.example/jwks.json",
        "x5u": "https://elsewhere.example/cert.pem",
        "x5c": ["AAAA"],
        "crit": ["exp"],
    }
    for name, value in brought.items():
        yield f"own key with {name}", compact(header | {name: value}, claims, sign)
    wide = {"scope": "consents.write patients.write reports.write", "sub": "c-staff", "client_id": "c-staff"}
    more = {"role": "clinician", "unit": "u-clinic", "roles": ["clinician"], "org_unit": "u-clinic"}
    yield "own key, a clinic's subject", compact(header, claims | wide | more, sign)
    yield "own key, own issuer", compact(header, claims | wide | {"iss": "https://elsewhere.example"}, sign)


def _by_our_key(w: World, header: dict[str, Any], claims: dict[str, Any]) -> Forgeries:
    """Even our own signature does not make a token of other claims: another use of the key must not open a door."""
    sign = ecdsa(w.hub.keys.access[0].private)
    changes: dict[str, dict[str, Any]] = {
        "role": {"role": "clinician"},
        "unit": {"unit": "u-clinic"},
        "another issuer": {"iss": "https://elsewhere.example"},
        "another audience": {"aud": "https://elsewhere.example"},
        "several audiences": {"aud": [claims["aud"], "https://elsewhere.example"]},
        "another subject": {"sub": "c-staff"},
        "another's assignment": {"client_id": "c-staff", "sub": "c-staff"},
        "a key that is not the client's": {"client_key": "secret"},
        "a year": {"exp": claims["iat"] + 31_536_000},
        "the future": {"iat": claims["iat"] + 3600, "exp": claims["iat"] + 3900},
        "a scope with a line break": {"scope": "reports.read\nconsents.write"},
        "scope as a list": {"scope": ["reports.read"]},
    }
    for told, change in changes.items():
        yield f"our key, {told}", compact(header, claims | change, sign)
    yield "our key, an ID token", compact(header | {"typ": "JWT"}, claims, sign)


def _forgeries(w: World, token: str) -> Forgeries:
    header, claims = _claims(token)
    yield from _unsigned(header, claims)
    yield from _by_public_key(w, header, claims)
    yield from _by_own_key(header, claims)
    yield from _by_our_key(w, header, claims)
    yield "spaces", token.replace(".", " . ")
    yield "a second token", f"{token}.{token}"
    yield "padded", token + "=="
    yield (
        "JSON serialization",
        json.dumps(dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))),
    )


@run
async def test_a_forged_token_opens_no_route_and_all_are_refused_alike() -> None:
    """As in production: one answer, the one to a token of one letter, on every route for every forgery."""
    async with instance("sqlite") as w:
        judge = Party(w.http, w.clients["judge"], f"{w.settings.issuer}/oauth/token")
        token = await judge.token()
        assert (await w.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})).status_code == 200
        bad = await w.http.get("/v1/me", headers={"Authorization": "Bearer x"})
        forged = list(_forgeries(w, token))
        assert len(forged) > 50
        routes = [(method, path) for method, path, documented in operations() if documented["security"]]
        for number, (told, one) in enumerate(forged):
            for method, path in routes if number % 10 == 0 else [("GET", "/v1/me")]:
                address = path.replace("{", "0" * 31).replace("}", "")
                answer = await w.http.request(method, address, headers={"Authorization": f"Bearer {one}"})
                check(answer, method, path)
                assert (answer.status_code, answer.content) == (401, bad.content), f"{told} {method} {path}"


@run
async def test_the_twin_of_a_token_is_no_second_client() -> None:
    """An ECDSA signature can be respelled without the key; such a token says the same and dies with the first."""
    async with instance("sqlite") as w:
        judge = Party(w.http, w.clients["judge"], f"{w.settings.issuer}/oauth/token")
        token = await judge.token()
        first = await w.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
        other = await w.http.get("/v1/me", headers={"Authorization": f"Bearer {twin(token)}"})
        assert first.content == other.content and first.json()["client_id"] == "c-judge"


@run
async def test_an_outside_issuer_mints_no_subject_of_ours() -> None:
    """Assertions for the clinic's client by other keys and issuers, and with roles in them: one 401 for all."""
    async with instance("sqlite") as w:
        token_url = f"{w.settings.issuer}/oauth/token"
        outside, own = private_jwk(b"an issuer outside", "outside"), key_of("staff")
        header = {"alg": "ES256", "typ": "JWT", "kid": own["kid"]}

        def minted(by: dict[str, Any], head: dict[str, Any] | None = None, **changes: Any) -> str:
            now = int(time.time())
            good = {
                "iss": "c-staff",
                "sub": "c-staff",
                "aud": token_url,
                "iat": now,
                "exp": now + 60,
                "jti": f"{changes}",
            }
            return compact(header | (head or {}), good | changes, _signer(by))

        assert (await _grant(w, minted(own, jti="good"))).status_code == 200
        forged = {
            "a key from outside": minted(outside),
            "a key from outside under its own kid": minted(outside, {"kid": outside["kid"]}),
            "another client's key": minted(key_of("judge")),
            "another client's key and kid": minted(key_of("judge"), {"kid": key_of("judge")["kid"]}),
            "an outside issuer for our subject": minted(outside, iss="https://elsewhere.example"),
            "an issuer that is another client": minted(key_of("judge"), iss="c-judge"),
            "a subject that is another client": minted(own, sub="c-judge"),
            "an unknown subject": minted(own, sub="c-nobody", iss="c-nobody"),
            "another audience": minted(own, aud="https://elsewhere.example/oauth/token"),
            "two audiences": minted(own, aud=[token_url, "https://elsewhere.example"]),
            "a key brought along": minted(outside, {"jwk": {k: v for k, v in outside.items() if k != "d"}}),
            "an address of keys": minted(outside, {"jku": "https://elsewhere.example/jwks.json"}),
            "a kid that is a path": minted(outside, {"kid": KIDS[0]}),
            "the good one again": minted(own, jti="good"),
        }
        answers = {told: await _grant(w, assertion) for told, assertion in forged.items()}
        assert {told: answer.status_code for told, answer in answers.items()} == dict.fromkeys(forged, 401)
        assert {answer.content for answer in answers.values()} == {b'{"error":"invalid_client"}'}


@run
async def test_what_an_assertion_claims_of_role_unit_or_scope_gives_nothing() -> None:
    """The judge's own assertion that calls itself a clinician gets the judge's scopes and the judge's unit."""
    async with instance("sqlite") as w:
        own, now = key_of("judge"), int(time.time())
        claims = {"iss": "c-judge", "sub": "c-judge", "aud": f"{w.settings.issuer}/oauth/token"}
        claims |= {"role": "clinic_staff", "unit": "u-clinic", "scope": "consents.write", "org_unit": "u-clinic"}
        header = {"alg": "ES256", "typ": "JWT", "kid": own["kid"]}
        signed = compact(header, claims | {"iat": now, "exp": now + 60, "jti": "j"}, _signer(own))
        answer = await _grant(w, signed)
        assert answer.status_code == 200 and "consents.write" not in answer.json()["scope"]
        head = {"Authorization": f"Bearer {answer.json()['access_token']}"}
        assert (await w.http.get("/v1/me", headers=head)).json()["assignments"][0]["unit_id"] == "u-court"
        for more in ({"scope": "consents.write"}, {"assignment": "as-clinic"}, {"client_id": "c-staff"}):
            fresh = party.assertion(own, "c-judge", f"{w.settings.issuer}/oauth/token")
            refused = await _grant(w, fresh, **more)
            assert refused.status_code in (400, 401) and "access_token" not in refused.text, more


def _signer(jwk: dict[str, Any]) -> Callable[[bytes], bytes]:
    number = int.from_bytes(base64.urlsafe_b64decode(jwk["d"] + "=="), "big")
    return ecdsa(derive_private_key(number, SECP256R1()))


async def _grant(w: World, assertion: str, **more: str) -> Any:
    form = {"grant_type": "client_credentials", "client_assertion": assertion} | more
    form["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return await w.http.post("/oauth/token", content=urlencode(form), headers=headers)
