"""Revocation over HTTP: whole and in part, at once or from its date, and what the patient is told."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import COURT, END, MONITOR, PROBATION, Scene, scene
from tests.service import DATABASES, run, world

DOCKET = ("docket", "CR-2026-0417")


async def _revoke(s: Scene, body: dict[str, Any], **headers: str) -> httpx.Response:
    answer = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", body, **headers)
    check(answer, "POST", "/v1/patients/{patient_id}/revocations")
    return answer


async def _officer(s: Scene) -> tuple[Party, str]:
    officer = s.w.party("c-probation-adult-probation-officer")
    return officer, await steps.register_case(officer, COURT, *DOCKET)


async def _event(s: Scene, code: str) -> None:
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    await must(await s.judge.post(f"/v1/cases/{s.case_id}/events", {"code": code, "occurred_at": now}), 202)


async def _two_recipients(s: Scene) -> str:
    """Judge for two purposes and probation for one, each with status and attendance."""
    for monday in past_mondays(2):
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"), plan_change="none")
    return await s.sign(
        recipients=[
            {"org_unit": COURT, "role": "judge"},
            {"org_unit": PROBATION, "role": "probation_officer", "purposes": ["condition_monitoring"]},
        ],
        purposes=["condition_monitoring", "referral_coordination"],
        elements=["enrolment.engaged", "enrolment.status", "attendance.summary"],
        records_from=past_mondays(2)[0].isoformat(),
    )


def _names(values: list[Any]) -> set[str]:
    return {name for _, elements in values for name in elements}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_element_is_taken_back(kind: str) -> None:
    """From every recipient, with each finer step; the coarser one that was named for itself stays."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await _two_recipients(s)
        officer, own = await _officer(s)
        everything = {"enrolment.engaged", "enrolment.status", "attendance.summary"}
        assert _names(await s.values()) == _names(await s.values(officer, case=own)) == everything
        answer = await _revoke(s, {"elements": ["enrolment.status"]})
        assert (answer.status_code, answer.json()["state"]) == (200, "in_force")
        (told,) = answer.json()["consents"]
        assert (told["consent_id"], told["state"]) == (consent, "narrowed")
        assert [one["elements"] for one in told["stopped"]] == [["enrolment.status"]] * 2
        for party, case in ((s.judge, s.case_id), (officer, own)):
            assert _names(await s.values(party, case=case)) == {"enrolment.engaged", "attendance.summary"}
        shown = await must(await s.clinic.get(f"/v1/consents/{consent}"))
        assert (shown["state"], shown["version"]) == ("active", 2)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_recipient_is_taken_off(kind: str) -> None:
    """One of two: the other reads the very same bytes; the answer says who had already received what."""
    async with world(kind) as w:
        s = await scene(w)
        await _two_recipients(s)
        officer, own = await _officer(s)
        before = await s.seen()
        assert (await s.seen()).content == before.content
        assert await s.values(officer, case=own) != []
        answer = await _revoke(s, {"on_behalf_of": "patient", "recipients": [PROBATION]})
        (told,) = answer.json()["consents"]
        assert [one["recipient"]["org_unit"] for one in told["stopped"]] == [PROBATION]
        received = {one["recipient"]: one["times"] for one in told["already_received"]}
        assert set(received) == {COURT, PROBATION} and received[COURT] == 2 * received[PROBATION]
        assert await s.values(officer, case=own) == []
        after = await s.seen()
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_purpose_is_taken_back(kind: str) -> None:
    """Only reads that state it end."""
    async with world(kind) as w:
        s = await scene(w)
        await _two_recipients(s)
        assert await s.values(purpose="referral_coordination") == await s.values() != []
        answer = await _revoke(s, {"purposes": ["referral_coordination"]})
        (told,) = answer.json()["consents"]
        assert [(one["recipient"]["org_unit"], one["purposes"]) for one in told["stopped"]] == [
            (COURT, ["referral_coordination"])
        ]
        assert await s.values(purpose="referral_coordination") == []
        assert await s.values() != []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_2_35_consent_waits_for_its_date(kind: str) -> None:
    """202 and not a byte of difference for the court; from the event on it is in force, without another word."""
    async with world(kind) as w:
        s = await scene(w)
        clock = {"event": "treatment_ended", "at": END}
        consent = await steps.sign(s.clinic, s.cjs(revocable_from=clock))
        before = await s.seen()
        answer = await _revoke(s, {"consents": [consent]})
        assert (answer.status_code, answer.json()["state"]) == (202, "pending")
        (told,) = answer.json()["consents"]
        assert told["state"] == "pending" and told["in_force_from"]["event"] == "treatment_ended"
        assert told["in_force_from"]["at"].startswith("2035-06-")
        during = await s.seen()
        assert (during.content, during.headers["etag"]) == (before.content, before.headers["etag"])
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"
        await _event(s, "treatment_ended")
        assert await s.values() == []
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "revoked"
        late = await _revoke(s, {"all": True})
        assert (late.status_code, late.json()["consents"]) == (200, [])


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_everything_at_once(kind: str) -> None:
    """Of two consents one ends now and one waits: 202, each with its own date; two clocks at once are expired."""
    async with world(kind) as w:
        s = await scene(w)
        bound = await steps.sign(s.clinic, s.cjs())
        free = await s.sign(additional=True, elements=["enrolment.dates", "progress.plan_change"])
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"), plan_change="none")
        assert "progress.plan_change" in _names(await s.values())
        answer = await _revoke(s, {"all": True})
        assert answer.status_code == 202
        assert {one["consent_id"]: one["state"] for one in answer.json()["consents"]} == {
            bound: "pending",
            free: "revoked",
        }
        assert "progress.plan_change" not in _names(await s.values()) != set()
        await _event(s, "final_disposition")
        assert await s.values() == []
        listed = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"]
        assert {one["id"]: one["state"] for one in listed} == {bound: "expired", free: "revoked"}


@run
async def test_what_cannot_be_meant() -> None:
    """Nothing named, an empty list, everything and something, a date to come: told, and nothing is taken back."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await s.sign()
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        for body, code in (
            ({}, "revocation_empty"),
            ({"consents": []}, "revocation_empty"),
            ({"all": True, "elements": ["enrolment.status"]}, "revocation_empty"),
            ({"all": True, "received_at": tomorrow}, "received_in_future"),
            ({"elements": ["everything"]}, "code_unknown"),
            ({"all": True, "on_behalf_of": "court"}, "code_unknown"),
        ):
            answer = await _revoke(s, body)
            assert (answer.status_code, [e["code"] for e in answer.json()["errors"]]) == (422, [code]), body
        nobody = await _revoke(s, {"consents": ["0" * 32]})
        assert (nobody.status_code, nobody.json()["consents"]) == (200, [])
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"


@run
async def test_repeated_with_its_key() -> None:
    """A retry tells the same again and takes nothing more back; the same key with other words is refused."""
    async with world("sqlite") as w:
        s = await scene(w)
        await _two_recipients(s)
        key = {"Idempotency_Key": '"desk-1"'}
        first = await _revoke(s, {"elements": ["enrolment.status"]}, **key)
        again = await _revoke(s, {"elements": ["enrolment.status"]}, **key)
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        other = await _revoke(s, {"all": True}, **key)
        assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
        assert _names(await s.values()) == {"enrolment.engaged", "attendance.summary"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_flows_under_another_consent_has_not_stopped(kind: str) -> None:
    """Of two that overlap one is taken back: told is what the judge no longer reads, and no more."""
    async with world(kind) as w:
        s = await scene(w)
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"), plan_change="none")
        kept = await s.sign(elements=["enrolment.status", "attendance.compliant"])
        taken = await s.sign(
            elements=["enrolment.dates", "attendance.summary", "progress.plan_change"], additional=True
        )
        before = _names(await s.values())
        (told,) = (await _revoke(s, {"consents": [taken]})).json()["consents"]
        assert [one["elements"] for one in told["stopped"]] == [
            ["attendance.summary", "enrolment.dates", "progress.plan_change"]
        ]
        after = _names(await s.values())
        assert before - after <= set(told["stopped"][0]["elements"]) and not after & set(told["stopped"][0]["elements"])
        (rest,) = (await _revoke(s, {"all": True})).json()["consents"]
        assert (rest["consent_id"], [one["elements"] for one in rest["stopped"]]) == (
            kept,
            [["attendance.compliant", "enrolment.engaged", "enrolment.status"]],
        )
        assert (await _revoke(s, {"all": True})).json()["consents"] == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_received_yesterday_entered_today(kind: str) -> None:
    """What left in between becomes one draft of an incident; what left before, or flows on, is none."""
    async with world(kind) as w:
        s = await scene(w)
        await _two_recipients(s)
        officer, own = await _officer(s)
        await s.values(officer, case=own)
        await asyncio.sleep(0.01)
        received = datetime.now(UTC)
        await asyncio.sleep(0.01)
        await s.values()
        await s.values(purpose="referral_coordination")
        taken = {"elements": ["attendance.summary"], "purposes": ["condition_monitoring"]}
        answer = (await _revoke(s, taken | {"received_at": received.isoformat(), "channel": "written"})).json()
        assert (answer["channel"], "to_document" in answer) == ("written", False)
        (incident,) = (await must(await s.clinic.get("/v1/incidents")))["items"]
        assert (incident["id"], incident["kind"]) == (answer["incident_id"], "late_revocation")
        assert incident["patient_id"] == s.patient
        (late,) = incident["recipients"]
        assert (late["recipient"], late["purpose"]) == ({"org_unit": COURT, "role": "judge"}, MONITOR)
        assert (late["elements"], late["times"]) == (["attendance.summary"], 2)
        assert (await _revoke(s, {"all": True})).json().get("incident_id") is None
        assert len((await must(await s.clinic.get("/v1/incidents")))["items"]) == 1


@run
async def test_told_by_word_of_mouth() -> None:
    """It takes effect like any other; the clerk is told to write it down."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        answer = await _revoke(s, {"all": True, "channel": "oral"})
        assert (answer.status_code, answer.json()["to_document"]) == (200, True)
        assert await s.values() == []
        refused = await _revoke(s, {"all": True, "channel": "telepathic"})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "code_unknown")
