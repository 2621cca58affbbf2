"""Corrections, retractions and what is withdrawn because of them, over HTTP."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import MONITOR, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import count


async def status(s: Scene, monday: date, outcomes: tuple[str, ...], **more: Any) -> dict[str, Any]:
    """The body of a week's status."""
    dated = [{"date": (monday + timedelta(days=n)).isoformat(), "outcome": o} for n, o in enumerate(outcomes)]
    return {"patient_id": s.patient, "period": week(monday), "status": "active", "sessions": dated} | more


async def file(s: Scene, monday: date, outcomes: tuple[str, ...], **more: Any) -> str:
    """File it; its id."""
    body = await status(s, monday, outcomes, **more)
    filed: str = (await must(await s.clinic.post("/v1/treatment-statuses", body), 201))["id"]
    return filed


async def withdrawn(s: Scene, party: Party | None = None, kind: str = "treatment-statuses", **query: str) -> list[str]:
    """Ids of withdrawn items in an answer; the key is absent when there is none."""
    body = await must(await s.seen(party, kind, **query))
    assert body.get("withdrawn") != []
    return [one["id"] for one in body.get("withdrawn", [])]


async def retract(s: Scene, kind: str, message: str, reason: str = "entered_in_error") -> httpx.Response:
    """Retract a report; held against the contract."""
    answer = await s.clinic.post(f"/v1/{kind}/{message}/retraction", {"reason": reason})
    name = "assessment_id" if kind == "assessments" else "status_id"
    check(answer, "POST", f"/v1/{kind}/{{{name}}}/retraction")
    return answer


async def revoke(s: Scene) -> None:
    """Everything, at the desk."""
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))


async def bytes_of(s: Scene) -> tuple[bytes, str]:
    """The judge's answer, byte for byte, and its ETag."""
    answer = await s.seen()
    return answer.content, answer.headers["etag"]


async def incidents(party: Party) -> list[dict[str, Any]]:
    """The party's drafts."""
    answer = await party.get("/v1/incidents")
    check(answer, "GET", "/v1/incidents")
    items: list[dict[str, Any]] = (await must(answer))["items"]
    return items


def rows(w: World, table: str = "withdrawal") -> int:
    """How many rows a table has; of withdrawals only those that withdraw, not those that a read settled."""
    return count(w.settings.database_url, table, "settled = 0" if table == "withdrawal" else "1 = 1")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_correction_reaches_who_is_entitled_and_withdraws_from_who_is_not(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        body = await must(await s.seen())
        wrong = next(item["id"] for item in body["items"] if item["period"]["start"] == monday.isoformat())
        second = await file(s, monday, ("attended", "attended"), supersedes=filed)
        shown = await s.values()
        assert {"attendance.summary": {"offered": 2, "attended": 2, "excused": 0, "missed": 0}} in [v for _, v in shown]
        assert await withdrawn(s) == [], "who may still read it sees it put right"
        assert rows(w) == 1
        await file(s, monday, ("attended", "excused"), supersedes=second)
        assert rows(w) == 2
        await revoke(s)
        assert (await must(await s.seen()))["items"] == []
        assert await withdrawn(s) == [wrong]
        assert await withdrawn(s, purpose="referral_coordination") == [], "another purpose received nothing"
        assert await withdrawn(s, w.party("c-court-treatment-court-team")) == [], "nor did another role"
        assert await withdrawn(s, kind="assessments") == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_correction_after_the_end_withdraws_and_tells_nothing_new(kind: str) -> None:
    """Domain rules, case 69: the consent is over; only the withdrawal goes out."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        items = (await must(await s.seen()))["items"]
        wrong = next(item["id"] for item in items if item["period"]["start"] == monday.isoformat())
        await revoke(s)
        assert await withdrawn(s) == [], "nothing is withdrawn because a consent ended"
        await file(s, monday, ("attended", "attended"), supersedes=filed)
        body = await must(await s.seen())
        assert body["items"] == []
        assert body["withdrawn"] == [{"id": wrong}]
        assert b"attended" not in (await s.seen()).content


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_ten_corrections_of_what_nobody_may_see_change_nothing_anywhere(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(3)[1]
        filed = await file(s, monday, ("attended", "missed"), plan_change="none")
        await s.sign(elements=["enrolment.status", "attendance.summary"])
        before = await bytes_of(s)
        for number in range(10):
            # The days of the sessions move; counts and status stay.
            days = [monday + timedelta(days=number % 5), monday + timedelta(days=6)]
            sessions = [
                {"date": day.isoformat(), "outcome": outcome}
                for day, outcome in zip(days, ("attended", "missed"), strict=True)
            ]
            change = "step_up" if number % 2 else "adjust"
            filed = await file(s, monday, (), sessions=sessions, supersedes=filed, plan_change=change)
            assert await bytes_of(s) == before
        assert rows(w) == 0
        await revoke(s)
        assert await withdrawn(s) == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_never_received_it_hears_nothing(kind: str) -> None:
    """Not read before the correction, or read only what did not change."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["enrolment.status"])
        await s.seen()
        await file(s, monday, ("attended", "attended"), supersedes=filed)
        await revoke(s)
        assert await withdrawn(s) == []
        assert rows(w) == 0


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_retracted_status_leaves_everything_derived(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        first, second = past_mondays(2)
        await file(s, first, ("attended", "attended"))
        wrong = await file(s, second, ("missed", "missed"), status="paused")
        await s.sign(elements=["enrolment.status", "attendance.summary"])
        assert (await s.values())[0] == ("current", {"enrolment.engaged": True, "enrolment.status": "paused"})
        answer = await retract(s, "treatment-statuses", wrong)
        assert (answer.status_code, answer.json()["status"]) == (200, "entered_in_error")
        shown = dict(await s.values())
        assert shown["current"] == {"enrolment.engaged": True, "enrolment.status": "active"}
        assert shown[second.isoformat()] == {"attendance.summary": "insufficient_data"}
        again = await retract(s, "treatment-statuses", wrong)
        assert again.content == answer.content
        late = await file(s, second, ("attended", "attended"))
        assert dict(await s.values())[second.isoformat()]["attendance.summary"]["attended"] == 2
        await file(s, second, ("attended", "missed"), supersedes=late)
        corrected = await retract(s, "treatment-statuses", late)
        assert (corrected.status_code, corrected.json()["code"]) == (409, "message_superseded")
        assert await incidents(s.clinic) == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_of_the_wrong_patient(kind: str) -> None:
    """Domain rules, case 48: out of every answer, withdrawn from who received it, and a draft for the clinic."""
    async with world(kind) as w:
        s = await scene(w)
        made = {"assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment", "need_indicated": "yes"}
        filed = await must(await s.clinic.post("/v1/assessments", {"patient_id": s.patient} | made), 201)
        await s.sign(elements=["clinical.need_indicated"])
        (item,) = (await must(await s.seen(kind="assessments")))["items"]
        await must(await retract(s, "assessments", filed["id"], "wrong_patient"))
        assert (await must(await s.seen(kind="assessments")))["items"] == []
        await revoke(s)
        assert await withdrawn(s, kind="assessments") == [item["id"]]
        (draft,) = await incidents(s.clinic)
        assert (draft["kind"], draft["patient_id"], draft["message_id"]) == ("wrong_patient", s.patient, filed["id"])
        (told,) = draft["recipients"]
        assert told["recipient"] == {"org_unit": "u-court-treatment", "role": "judge"}
        assert (told["elements"], told["purpose"]) == (["clinical.need_indicated"], MONITOR)
        assert await incidents(w.party("c-privacy-privacy-officer")) == [draft]
        assert await incidents(w.party("c-clinic-hillside-clinic-staff")) == []
        refused = await s.judge.get("/v1/incidents")
        assert refused.status_code == 403


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_older_assessment_is_withdrawn_only_from_who_read_it_then(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, "u-court-treatment", "docket", "CR-2026-0417")
        earlier, later = past_mondays(2)
        body = {"patient_id": s.patient, "purpose": "treatment", "need_indicated": "yes"}
        old = {"assessed_on": earlier.isoformat(), "recommendation": {"service": "residential"}}
        new = {"assessed_on": later.isoformat(), "recommendation": {"service": "outpatient"}}
        filed = await must(await s.clinic.post("/v1/assessments", body | old), 201)
        await s.sign(
            recipients=[
                {"org_unit": "u-court-treatment", "role": "judge"},
                {"org_unit": "u-probation-adult", "role": "probation_officer"},
            ],
            elements=["clinical.recommendation"],
        )
        (held,) = (await must(await s.seen(kind="assessments")))["items"]
        await must(await s.clinic.post("/v1/assessments", body | new), 201)
        await must(await s.seen(officer, "assessments", case=own))
        await must(await retract(s, "assessments", filed["id"]))
        await revoke(s)
        assert await withdrawn(s, kind="assessments") == [held["id"]]
        assert await withdrawn(s, officer, "assessments", case=own) == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_corrected_answer(kind: str) -> None:
    """``supersedes`` says that the answer was wrong; without it the newest answer stands and nothing is withdrawn."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign(elements=["referral.decision", "referral.appointment"], purposes=["referral_coordination"])
        path = f"/v1/referrals/{s.referral}"
        assert (await must(await s.judge.get(path)))["decision"]["value"]["decision"] == "accepted"
        said = await must(await s.clinic.post(f"{path}/response", {"decision": "person_declined"}), 201)
        assert rows(w) == 0
        assert (await must(await s.judge.get(path)))["decision"]["value"]["decision"] == "person_declined"
        stale = {"decision": "accepted", "supersedes": "0" * 32}
        refused = await s.clinic.post(f"{path}/response", stale)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "supersedes_unknown")
        right = {"decision": "waitlisted", "waitlist_weeks": 3, "supersedes": said["id"]}
        await must(await s.clinic.post(f"{path}/response", right), 201)
        assert (await must(await s.judge.get(path)))["decision"]["value"]["decision"] == "waitlisted"
        assert rows(w) == 1
        again = await s.clinic.post(f"{path}/response", right)
        assert again.status_code == 422, "it is not in force any more"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_event_entered_late_is_an_incident(kind: str) -> None:
    """Domain rules, case 20: the consent ended when the court decided; what left since then is drafted."""
    async with world(kind) as w:
        s = await scene(w)
        await file(s, past_mondays(2)[0], ("attended",))
        consent = await s.sign(expiry={"at": "2035-06-30", "event": "final_disposition"})
        assert await s.values()
        event = {"code": "final_disposition", "occurred_at": f"{past_mondays(1)[0].isoformat()}T10:00:00Z"}
        answer = await must(await s.judge.post(f"/v1/cases/{s.case_id}/events", event), 202)
        assert answer == {"status": "received"}
        assert await s.values() == []
        (draft,) = await incidents(s.clinic)
        assert (draft["kind"], draft["consents"], draft["event"]) == ("late_case_event", [consent], "final_disposition")
        assert {told["purpose"] for told in draft["recipients"]} == {MONITOR}
        now = await s.judge.post(f"/v1/cases/{s.case_id}/events", event | {"code": "treatment_ended"})
        assert now.status_code == 202
        assert await incidents(s.clinic) == [draft]


@run
async def test_incidents_are_paged() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        body = {"patient_id": s.patient, "purpose": "treatment", "need_indicated": "yes"}
        for monday in past_mondays(3):
            filed = await must(await s.clinic.post("/v1/assessments", body | {"assessed_on": monday.isoformat()}), 201)
            await must(await retract(s, "assessments", filed["id"], "wrong_patient"))
        everything, path = await incidents(s.clinic), "/v1/incidents?limit=2"
        page = await must(await s.clinic.get(path))
        rest = await must(await s.clinic.get(f"{path}&after={page['next']}"))
        assert [*page["items"], *rest["items"]] == everything
        assert len(everything) == 3
        assert "next" not in rest
        listed = (await must(await s.clinic.get("/v1/referrals?limit=1"))).get("next", "00")
        for bad in ("00ff", listed):
            refused = await s.clinic.get(f"/v1/incidents?after={bad}")
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor_invalid")
        other = await w.party("c-privacy-privacy-officer").get(f"{path}&after={page['next']}")
        assert other.status_code == 422


@run
async def test_reading_a_gated_list_says_nothing_of_what_others_hold() -> None:
    """A unit that never read learns nothing of a withdrawal, in the very case it happened in."""
    async with world("sqlite") as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, "u-court-treatment", "docket", "CR-2026-0417")
        path = reading("treatment-statuses", own, MONITOR)
        before = await officer.get(path)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        await s.seen()
        await must(await retract(s, "treatment-statuses", filed, "wrong_patient"))
        await revoke(s)
        assert rows(w) == 1
        after = await officer.get(path)
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])
