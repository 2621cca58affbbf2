"""Requests for a consent: one answer to justice whatever the clinic did, a list for the clinic, and no consent."""

from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from tests.api.contract import check
from tests.api.scene import CLINIC, COURT, Scene, scene
from tests.service import DATABASES, run, world

PATH = "/v1/consent-requests"
ROBIN = {"given_name": "Robin", "sur_name": "Example", "birth_date": "1990-01-31"}
"""Somebody whom no clinic has matched."""


async def _ask(s: Scene, referral: str, purpose: str = "condition_monitoring", **headers: str) -> httpx.Response:
    answer = await s.judge.post(PATH, {"referral_id": referral, "purpose": purpose}, **headers)
    check(answer, "POST", PATH)
    return answer


async def _listed(s: Scene, query: str = "") -> httpx.Response:
    answer = await s.clinic.get(f"{PATH}{query}")
    check(answer, "GET", PATH)
    return answer


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_always_the_same_answer(kind: str) -> None:
    """Not matched, matched, proposed, refused, allowed, taken back, cancelled: the same bytes and headers."""
    async with world(kind) as w:
        s = await scene(w)
        unmatched = (await steps.refer(s.judge, CLINIC, s.case_id, ROBIN))["id"]
        answers = [await _ask(s, unmatched), await _ask(s, s.referral)]
        proposed = (await must(await s.clinic.post("/v1/consents", s.form()), 201))["id"]
        answers.append(await _ask(s, s.referral))
        await must(await s.clinic.post(f"/v1/consents/{proposed}/decline", None))
        answers.append(await _ask(s, s.referral))
        await s.sign()
        answers.append(await _ask(s, s.referral))
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        answers.append(await _ask(s, s.referral))
        await must(await s.judge.post(f"/v1/referrals/{s.referral}/cancellation", None))
        answers.append(await _ask(s, s.referral))
        told = {
            (one.status_code, one.content, *sorted((k, v) for k, v in one.headers.items() if k != "x-request-id"))
            for one in answers
        }
        assert len(told) == 1 and answers[0].status_code == 202 and answers[0].json() == {"status": "received"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_clinic_lists_each_wish_once(kind: str) -> None:
    """Once for a referral, role and purpose, page by page; the patient once there is a match; no consent by it."""
    async with world(kind) as w:
        s = await scene(w)
        other = (await steps.refer(s.judge, CLINIC, s.case_id, ROBIN))["id"]
        for _ in range(2):
            for referral, purpose in (
                (s.referral, "condition_monitoring"),
                (s.referral, "referral_coordination"),
                (other, "condition_monitoring"),
            ):
                assert (await _ask(s, referral, purpose)).status_code == 202
        team = w.party("c-court-treatment-court-team")
        await must(await team.post(PATH, {"referral_id": s.referral, "purpose": "condition_monitoring"}), 202)
        items = (await must(await _listed(s)))["items"]
        # SQLite's clock counts milliseconds: what came within one stands in the order of its ids.
        named = [(one["referral_id"], one["role"], one["purpose"], one.get("patient_id")) for one in items]
        assert len(named) == len(set(named))
        assert set(named) == {
            (s.referral, "judge", "condition_monitoring", s.patient),
            (s.referral, "judge", "referral_coordination", s.patient),
            (other, "judge", "condition_monitoring", None),
            (s.referral, "court_team", "condition_monitoring", s.patient),
        }
        assert {one["unit"]["id"] for one in items} == {COURT}
        found: list[Any] = []
        after: str | None = ""
        while after is not None:
            page = await must(await _listed(s, "?limit=3" + (f"&after={after}" if after else "")))
            found, after = [*found, *page["items"]], page.get("next")
        assert found == items
        assert (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"] == []
        assert await s.values() == []
        assert (await must(await w.party("c-clinic-hillside-clinician").get(PATH)))["items"] == []


@run
async def test_only_its_own_referral_and_purpose() -> None:
    """A purpose that the role may not state is refused first; another unit's referral is as unknown as none."""
    async with world("sqlite") as w:
        s = await scene(w)
        refused = await _ask(s, s.referral, "treatment")
        unknown = await _ask(s, "0" * 32, "treatment")
        assert (refused.status_code, refused.json()["code"], refused.content) == (
            403, "purpose_not_for_role", unknown.content,
        )  # fmt: skip
        family = w.party("c-court-family-judge")
        answers = [
            await family.post(PATH, {"referral_id": one, "purpose": "condition_monitoring"})
            for one in (s.referral, "0" * 32)
        ]
        assert [one.status_code for one in answers] == [404, 404] and answers[0].content == answers[1].content
        for method, party in (("GET", s.judge), ("POST", s.clinic)):
            body = {"referral_id": s.referral, "purpose": "condition_monitoring"} if method == "POST" else None
            assert (await party.call(method, PATH, body)).status_code == 403
        assert (await must(await _listed(s)))["items"] == []


@run
async def test_repeated_with_its_key_and_a_foreign_cursor() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        key = {"Idempotency_Key": '"wish-1"'}
        first, again = await _ask(s, s.referral, **key), await _ask(s, s.referral, **key)
        assert (again.status_code, again.content) == (first.status_code, first.content)
        reused = await _ask(s, s.referral, "referral_coordination", **key)
        assert (reused.status_code, reused.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
        await _ask(s, s.referral, "referral_coordination")
        cursor = (await must(await _listed(s, "?limit=1")))["next"]
        other = w.party("c-clinic-hillside-clinician")
        for party, path in ((s.clinic, "/v1/referrals?after="), (other, f"{PATH}?after=")):
            answer = await party.get(f"{path}{cursor}")
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "cursor_invalid")
