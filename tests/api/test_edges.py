"""The edge around the real service: what is refused and how, headers on everything, and requests that come twice."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from app.routers.body import MAX_BYTES
from app.sandbox import steps
from app.sandbox.steps import must, reading
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, MARIA, MONITOR, scene
from tests.service import DATABASES, World, run, world

CANARY = "zq7canary"
JSON = "application/json"


def _referral(case_id: str, **more: Any) -> dict[str, Any]:
    conditions = {"service_asked": "outpatient"}
    return {
        "recipient": CLINIC,
        "case_id": case_id,
        "stage": "trial",
        "person": MARIA,
        "conditions": conditions,
    } | more


def _spelled(case_id: str, member: str) -> bytes:
    """A good referral with one more member, as JSON text, which may be such as no JSON writer makes."""
    return (json.dumps(_referral(case_id))[:-1] + f", {member}}}").encode()


NESTED = "[" * 40 + "]" * 40
BODIES: dict[str, tuple[str, int, str, str | None]] = {
    "deep": (f'"contact": {NESTED}', 422, "too_deep", "/contact" + "/0" * 15),
    "long array": (f'"supervising_units": {json.dumps(["u"] * 501)}', 422, "array_too_long", "/supervising_units"),
    "long string": (f'"referral_reason": "{CANARY * 600}"', 422, "string_too_long", "/referral_reason"),
    "duplicate": (f'"referral_reason": "{CANARY}", "referral_reason": "b"', 422, "key_duplicate", "/referral_reason"),
    "null": ('"referral_reason": null', 422, "null_refused", "/referral_reason"),
    "unknown": (f'"reasons": "{CANARY}"', 422, "field_unknown", "/reasons"),
    "unknown with the sender's words": (f'"{CANARY} x": 1', 422, "field_unknown", ""),
    "NUL": (f'"referral_reason": "{CANARY}\\u0000"', 422, "text_refused", "/referral_reason"),
    "lone surrogate": (f'"referral_reason": "{CANARY}\\ud800"', 422, "text_refused", "/referral_reason"),
    "NaN": ('"condition_imposed": NaN', 422, "number_not_finite", "/condition_imposed"),
    "huge number": ('"condition_imposed": 1e999', 422, "number_out_of_range", "/condition_imposed"),
    "another type": (f'"condition_imposed": "{CANARY}"', 422, "type_wrong", "/condition_imposed"),
    "no code": (f'"urgency": "{CANARY}"', 422, "code_unknown", "/urgency"),
    "no date": (f'"due_date": "{CANARY}"', 422, "date_malformed", "/due_date"),
    "cut off": (f'"referral_reason": "{CANARY}', 400, "json_malformed", None),
}


@run
async def test_bodies_that_are_refused() -> None:
    """The documented problem with the exact place, and not a character of what was sent."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        case_id = await steps.register_case(judge, COURT, "docket", "CR-1")
        headers = {"Authorization": f"Bearer {await judge.token()}", "Content-Type": JSON}
        for name, (member, status, code, pointer) in BODIES.items():
            sent = _spelled(case_id, member)
            answer = await w.http.post("/v1/referrals", content=sent, headers=headers)
            check(answer, "POST", "/v1/referrals")
            problem = answer.json()
            told = [(e["pointer"], e["code"]) for e in problem.get("errors", [])] or [(None, problem["code"])]
            assert (answer.status_code, (pointer, code) in told) == (status, True), f"{name}: {answer.text}"
            assert CANARY not in answer.text, name
        assert (await must(await judge.get("/v1/referrals")))["items"] == []


@run
async def test_media_size_and_instants() -> None:
    """Too large, another content type, a coding, an instant without its offset."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        case_id = await steps.register_case(judge, COURT, "docket", "CR-1")
        token = {"Authorization": f"Bearer {await judge.token()}"}
        good = json.dumps(_referral(case_id)).encode()
        for headers, content, status, code in (
            ({"Content-Type": JSON}, good + b" " * MAX_BYTES, 413, "body_too_large"),
            ({"Content-Type": "text/plain"}, good, 415, "unsupported_media_type"),
            ({"Content-Type": JSON, "Content-Encoding": "gzip"}, good, 415, "unsupported_media_type"),
            ({}, good, 415, "unsupported_media_type"),
            ({"Content-Type": JSON}, b"\xff" + good, 400, "json_malformed"),
            ({"Content-Type": JSON}, b"", 400, "json_malformed"),
            ({"Content-Type": JSON}, b"[]", 422, "invalid_request"),
        ):
            answer = await w.http.post("/v1/referrals", content=content, headers=token | headers)
            check(answer, "POST", "/v1/referrals")
            assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
        event = {"code": "final_disposition", "occurred_at": "2026-11-02T10:00:00"}
        answer = await judge.post(f"/v1/cases/{case_id}/events", event)
        (error,) = answer.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/occurred_at", "datetime_without_offset")


@run
async def test_parameters_that_are_refused() -> None:
    """Unknown, doubled, missing, out of range: before anything is looked up, and never repeated."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        path = reading("treatment-statuses", "0" * 32, MONITOR)
        for query, code in (
            (f"{path}&{CANARY}=1", "parameter_unknown"),
            (f"{path}&case={CANARY}", "parameter_invalid"),
            ("/v1/treatment-statuses?case=x", "parameter_missing"),
            (f"{path}&limit=0", "parameter_invalid"),
            (f"{path}&limit={CANARY}", "parameter_invalid"),
            (f"{path}&after={CANARY}", "cursor_invalid"),
            (f"/v1/treatment-statuses?case=x&purpose={CANARY}", "purpose_unknown"),
        ):
            answer = await judge.get(query)
            check(answer, "GET", "/v1/treatment-statuses")
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code), query
            assert CANARY not in answer.text
        odd = await judge.get(path, Acting_User=f"{CANARY} without quotes")
        assert (odd.status_code, odd.json()["errors"][0]["code"]) == (422, "acting_user_malformed")
        assert CANARY not in odd.text


@run
async def test_headers_on_every_answer() -> None:
    """Whatever the status: not kept, not sniffed, not framed, no referrer; HEAD is no way around the record."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        path = reading("treatment-statuses", "0" * 32, MONITOR)
        read = await judge.get(path)
        answers = [
            read,
            await judge.get(path, If_None_Match=read.headers["etag"]),
            await w.http.get(path),
            await judge.get("/v1/referrals/" + "0" * 32),
            await judge.get("/v1/nowhere"),
            await judge.call("DELETE", "/v1/referrals"),
            await judge.call("HEAD", path),
            await judge.post("/v1/cases", {}),
            await w.http.get("/healthz"),
            await w.http.post("/oauth/token", data={}),
        ]
        assert [one.status_code for one in answers] == [200, 304, 401, 404, 404, 405, 405, 422, 200, 400]
        for answer in answers:
            where = f"{answer.request.method} {answer.url.path} {answer.status_code}"
            assert answer.headers["cache-control"] == "no-store", where
            assert answer.headers["x-content-type-options"] == "nosniff", where
            assert answer.headers["x-frame-options"] == "DENY", where
            assert answer.headers["referrer-policy"] == "no-referrer", where
            assert "default-src 'none'" in answer.headers["content-security-policy"], where
            assert answer.headers["x-request-id"], where
            assert "server" not in answer.headers, where
        assert answers[1].content == b"" and answers[6].content == b""


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_request_that_comes_twice(kind: str) -> None:
    """Verbatim to justice, rendered as things stand to a clinic; other words under the key are refused."""
    async with world(kind) as w:
        s = await scene(w)
        body = _referral(s.case_id)
        first = await s.judge.post("/v1/referrals", body, Idempotency_Key="send-1")
        await s.judge.post(f"/v1/referrals/{first.json()['id']}/cancellation", None)
        again = await s.judge.post("/v1/referrals", body, Idempotency_Key='"send-1"')
        assert (first.status_code, again.status_code, again.content) == (201, 201, first.content)
        other = await s.judge.post("/v1/referrals", body | {"referral_reason": "x"}, Idempotency_Key="send-1")
        check(other, "POST", "/v1/referrals")
        assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
        assert len((await must(await s.judge.get("/v1/referrals")))["items"]) == 2
        proposed = await s.clinic.post("/v1/consents", s.form(), Idempotency_Key="form-1")
        await s.clinic.post(f"/v1/consents/{proposed.json()['id']}/decline", None)
        rendered = await s.clinic.post("/v1/consents", s.form(), Idempotency_Key="form-1")
        assert (rendered.status_code, rendered.json()["id"]) == (201, proposed.json()["id"])
        assert (proposed.json()["state"], rendered.json()["state"]) == ("proposed", "refused")
        mine = await w.party("c-court-family-judge").post("/v1/cases", {}, Idempotency_Key="send-1")
        assert mine.json()["code"] == "invalid_request" and "idempotency" not in mine.text
        bad = await s.judge.post("/v1/referrals", body, Idempotency_Key="a b")
        assert bad.json()["errors"][0]["code"] == "idempotency_key_malformed"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_two_at_once_have_one_effect(kind: str) -> None:
    """Of equal requests at the same moment one is carried out; the others get its answer or are asked to repeat."""
    async with world(kind) as w:
        judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinician")
        case_id = await steps.register_case(judge, COURT, "docket", "CR-1")
        await clinic.token()
        answers = await asyncio.gather(
            *(judge.post("/v1/referrals", _referral(case_id), Idempotency_Key="k") for _ in range(8)),
            *(clinic.post("/v1/patients", MARIA, Idempotency_Key="k") for _ in range(8)),
        )
        for sent in (answers[:8], answers[8:]):
            _one_effect(sent)
        assert len((await must(await judge.get("/v1/referrals")))["items"]) == 1
        assert await _patients(w) == 1


def _one_effect(answers: list[httpx.Response]) -> None:
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} <= {"idempotency_in_flight"}


async def _patients(w: World) -> int:
    found = await must(await w.party("c-clinic-harbor-clinician").post("/v1/patients/search", dict(MARIA)))
    return len(found["items"])
