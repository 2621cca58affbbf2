"""Amendments of a referral: the sender's own words, a new frame, and nothing learned of the clinic."""

import hashlib
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import COURT, MARIA, Scene, refer, scene
from tests.service import DATABASES, run, world

DOCKET = ("docket", "CR-2026-0417")
STRICTER = {"conditions": {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 3}}


async def amend(party: Party, referral: str, body: Any, **headers: str) -> httpx.Response:
    """Amend; held against the contract."""
    answer = await party.post(f"/v1/referrals/{referral}/amendments", body, **headers)
    check(answer, "POST", "/v1/referrals/{referral_id}/amendments")
    return answer


async def code(awaited: httpx.Response) -> tuple[int, str]:
    """Status and the code of the first flaw, or of the problem."""
    problem = awaited.json()
    return awaited.status_code, problem.get("errors", [problem])[0]["code"]


async def week_of(s: Scene, monday: Any, outcomes: tuple[str, ...]) -> None:
    """Report one week with dated sessions."""
    dated = [{"date": (monday + timedelta(days=n)).isoformat(), "outcome": o} for n, o in enumerate(outcomes)]
    body = {"patient_id": s.patient, "period": week(monday), "status": "active", "sessions": dated}
    await must(await s.clinic.post("/v1/treatment-statuses", body), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_both_sides_see_the_amended_words(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        before = await must(await s.judge.get(f"/v1/referrals/{s.referral}"))
        changes = {"court_appearance_date": "2035-01-15", "urgency": "urgent"}
        told = await must(await amend(s.judge, s.referral, changes), 201)
        assert (told["referral_id"], told["changed"]) == (s.referral, ["court_appearance_date", "urgency"])
        receipt = told.pop("receipt")
        after = await must(await s.judge.get(f"/v1/referrals/{s.referral}"))
        shown = {"id": told["id"], "at": told["at"], "changed": told["changed"]}
        assert after == before | changes | {"amendments": [shown]}
        assert receipt["id"] == told["id"]
        words = {name: value for name, value in (before | changes).items() if name not in _ADDED}
        assert receipt["digest"] == f"sha256:{_digest(words)}"
        received = await must(await s.clinic.get(f"/v1/referrals/{s.referral}"))
        assert (received["urgency"], received["amendments"]) == ("urgent", [shown])
        again = await must(await amend(s.judge, s.referral, {"urgency": "routine"}), 201)
        listed = (await must(await s.clinic.get("/v1/referrals")))["items"][0]
        assert [one["id"] for one in listed["amendments"]] == [told["id"], again["id"]]


_ADDED = {"id", "status", "transmission", "receipt"}


def _digest(words: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(words, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_answer_is_the_same_whatever_the_clinic_did(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        for monday in past_mondays(2):
            await week_of(s, monday, ("attended", "missed"))
        other = await refer(s.judge, s.case_id)
        answers = [await amend(s.judge, referral, STRICTER) for referral in (s.referral, other)]
        assert [answer.status_code for answer in answers] == [201, 201]
        bodies = [answer.json() for answer in answers]
        assert bodies[0].keys() == bodies[1].keys()
        assert bodies[0]["changed"] == bodies[1]["changed"] == ["conditions"]
        shown = [await must(await s.judge.get(f"/v1/referrals/{referral}")) for referral in (s.referral, other)]
        own = _ADDED | {"amendments"}
        first, second = ({name: value for name, value in one.items() if name not in own} for one in shown)
        assert first == second


@run
async def test_what_is_refused() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        s.referral = (await steps.refer(s.judge, "u-clinic-harbor", s.case_id, MARIA))["id"]
        team = w.party("c-probation-adult-probation-officer")
        assert await code(await amend(team, s.referral, STRICTER)) == (404, "not_found_or_not_permitted")
        assert await code(await amend(s.judge, "0" * 32, STRICTER)) == (404, "not_found_or_not_permitted")
        for fixed in ({"person": MARIA}, {"recipient": "u-clinic-hillside"}, {"case_id": s.case_id}):
            assert await code(await amend(s.judge, s.referral, fixed)) == (422, "field_unknown")
        named = {"identifier": {"system": "urn:court", "value": "R-1"}}
        assert await code(await amend(s.judge, s.referral, named)) == (422, "field_unknown")
        assert await code(await amend(s.judge, s.referral, {})) == (422, "amendment_empty")
        assert await code(await amend(s.judge, s.referral, {"urgency": "routine"})) == (422, "amendment_empty")
        imposed = await amend(s.judge, s.referral, {"condition_imposed": True})
        assert await code(imposed) == (422, "final_disposition_due_missing")
        unknown = await amend(s.judge, s.referral, {"supervising_units": ["u-nowhere"]})
        assert await code(unknown) == (422, "unit_unknown")
        refused = await s.clinic.post(f"/v1/referrals/{s.referral}/amendments", STRICTER)
        assert refused.status_code == 403
        await must(await s.judge.post(f"/v1/referrals/{s.referral}/cancellation", None))
        assert await code(await amend(s.judge, s.referral, STRICTER)) == (409, "referral_cancelled")


@run
async def test_replayed_under_its_key_and_the_referral_under_its_identifier() -> None:
    """Both stay what they were: the key names one amendment, the identifier the referral as it was first sent."""
    async with world("sqlite") as w:
        judge = w.party("c-court-treatment-judge")
        case_id = await steps.register_case(judge, COURT, *DOCKET)
        named = {"identifier": {"system": "urn:court", "value": "R-1"}}
        sent = await steps.refer(judge, "u-clinic-harbor", case_id, MARIA, **named)
        first = await amend(judge, sent["id"], {"urgency": "soon"}, Idempotency_Key="a-1")
        again = await amend(judge, sent["id"], {"urgency": "soon"}, Idempotency_Key="a-1")
        assert (first.status_code, again.content) == (201, first.content)
        assert await steps.refer(judge, "u-clinic-harbor", case_id, MARIA, **named) == sent
        body = {
            "recipient": "u-clinic-harbor",
            "case_id": case_id,
            "stage": "pre_arrest",
            "person": MARIA,
            "conditions": {"service_asked": "outpatient"},
            "urgency": "soon",
        }
        clash = await judge.post("/v1/referrals", body | named)
        assert await code(clash) == (409, "identifier_in_use"), "the amended words are not what was first sent"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_condition_counts_only_from_the_imposing_unit(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        pretrial = w.party("c-pretrial-pretrial-officer")
        own = await steps.register_case(pretrial, COURT, *DOCKET)
        sent = await steps.refer(pretrial, "u-clinic-harbor", own, MARIA)
        imposed = {"condition_imposed": True, "final_disposition_due": "2035-06-30"}
        await must(await amend(pretrial, sent["id"], imposed), 201)
        assert (await must(await pretrial.get(f"/v1/referrals/{sent['id']}")))["condition_imposed"] is True
        received = await must(await s.clinic.get(f"/v1/referrals/{sent['id']}"))
        assert received["condition_imposed"] is False
        await must(await amend(s.judge, s.referral, {"condition_imposed": False}), 201)
        assert (await must(await s.clinic.get(f"/v1/referrals/{s.referral}")))["condition_imposed"] is False


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_signed_consent_keeps_its_frame_and_a_new_one_takes_the_newest(kind: str) -> None:
    """Compliant with two a week, not with three; of weeks filed before the amendment and after it."""
    async with world(kind) as w:
        s = await scene(w)
        earlier, later = past_mondays(2)
        await week_of(s, earlier, ("attended", "attended", "missed"))
        first = await s.sign(elements=["attendance.compliant"], records_from=earlier.isoformat())
        before = await s.seen()
        await must(await amend(s.judge, s.referral, STRICTER), 201)
        assert (await s.seen()).content == before.content, "the amendment moves nothing under a signed consent"
        await week_of(s, later, ("attended", "attended", "missed"))
        yes, no = {"attendance.compliant": "yes"}, {"attendance.compliant": "no"}
        assert await s.values() == [(later.isoformat(), yes), (earlier.isoformat(), yes)]
        renewed = {"elements": ["attendance.compliant"], "records_from": earlier.isoformat(), "supersedes": [first]}
        preview = await must(await s.clinic.post("/v1/consents/preview", s.form(**renewed)))
        shown = [item["elements"]["attendance.compliant"]["value"] for item in preview["recipients"][0]["items"]]
        assert shown == ["no", "no"]
        await s.sign(**renewed)
        assert await s.values() == [(later.isoformat(), no), (earlier.isoformat(), no)]
        # Back to two: the frame is the first one again, and it is the newest.
        asked = STRICTER["conditions"] | {"attendance_threshold": 2}
        await must(await amend(s.judge, s.referral, {"conditions": asked}), 201)
        (second,) = [one["id"] for one in await _consents(s) if one["state"] == "active"]
        await s.sign(**renewed | {"supersedes": [second]})
        assert await s.values() == [(later.isoformat(), yes), (earlier.isoformat(), yes)]


async def _consents(s: Scene) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"]
    return listed


@run
async def test_twenty_thresholds_count_no_sessions() -> None:
    """Domain rules 4.1: whoever may know only whether a threshold was met must not find the number by asking often."""
    async with world("sqlite") as w:
        s = await scene(w)
        monday = past_mondays(1)[0]
        await s.sign(elements=["attendance.compliant"], records_from=monday.isoformat())
        await week_of(s, monday, ("attended", "attended", "attended"))
        before = await s.seen()
        for threshold in range(3, 23):
            asked = {"service_asked": "outpatient", "attendance_threshold": threshold}
            await must(await amend(s.judge, s.referral, {"conditions": asked}), 201)
            assert (await s.seen()).content == before.content
