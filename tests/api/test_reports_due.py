"""What a clinic still owes: from cadence, acceptance and what is filed, at the moment it is asked."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import MARIA, Scene, refer, scene
from tests.service import DATABASES, run, world
from tests.storage.direct import change

WEEK_US = 7 * 86_400_000_000
TODAY = datetime.now(UTC).date()
THIS = TODAY - timedelta(days=TODAY.weekday())


async def due(s: Scene, query: str = "") -> list[dict[str, Any]]:
    """The whole list."""
    answer = await s.clinic.get(f"/v1/reports-due{query}")
    check(answer, "GET", "/v1/reports-due")
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def starts(items: list[dict[str, Any]]) -> list[str]:
    """First days of the periods, in the order listed."""
    return [item["period"]["start"] for item in items]


def accepted_weeks_ago(s: Scene, weeks: int) -> None:
    """As if every answer had been given so many weeks earlier."""
    change(s.w.settings.database_url, f"UPDATE referral SET answered_at = answered_at - {weeks * WEEK_US}")


async def report(s: Scene, monday: date, **more: Any) -> None:
    """File one week."""
    body = {"patient_id": s.patient, "period": week(monday), "status": "active", "sessions": []} | more
    await must(await s.clinic.post("/v1/treatment-statuses", body), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_week_since_the_acceptance_is_due_until_it_is_reported(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        (this,) = await due(s)
        received = (await must(await s.clinic.get(f"/v1/referrals/{s.referral}")))["case_id"]
        assert this == {
            "patient_id": s.patient,
            "referral_id": s.referral,
            "case_id": received,
            "period": week(THIS),
            "due": (THIS + timedelta(days=7)).isoformat(),
            "overdue": False,
        }
        accepted_weeks_ago(s, 3)
        listed = await due(s)
        mondays = past_mondays(3)
        assert starts(listed) == [day.isoformat() for day in (*mondays, THIS)]
        overdue = [day + timedelta(days=7) < TODAY for day in (*mondays, THIS)]
        assert [item["overdue"] for item in listed] == overdue
        await report(s, mondays[1])
        assert starts(await due(s)) == [day.isoformat() for day in (mondays[0], mondays[2], THIS)]
        assert starts(await due(s, f"?until={THIS.isoformat()}")) == [day.isoformat() for day in mondays[::2]]
        later = await due(s, f"?until={THIS + timedelta(days=21)}")
        assert len(later) == 5 and [item["overdue"] for item in later[2:]] == [False] * 3


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_pages_are_the_list(kind: str) -> None:
    """Two patients, oldest first; a cursor serves its own list and client alone."""
    async with world(kind) as w:
        s = await scene(w)
        other = await steps.add_patient(s.clinic, MARIA)
        await steps.accept(s.clinic, await refer(s.judge, s.case_id), other)
        accepted_weeks_ago(s, 2)
        whole = await due(s)
        assert len(whole) == 6 and [item["due"] for item in whole] == sorted(item["due"] for item in whole)
        pages: list[dict[str, Any]] = []
        following: str | None = ""
        while following is not None:
            page = (await s.clinic.get(f"/v1/reports-due?limit=4{following}")).json()
            pages += page["items"]
            following = f"&after={page['next']}" if "next" in page else None
        assert pages == whole
        cursor = (await s.clinic.get("/v1/reports-due?limit=1")).json()["next"]
        wrong = [
            await s.clinic.get(f"/v1/reports-due?until=2035-01-01&after={cursor}"),
            await w.party("c-clinic-harbor-clinician").get(f"/v1/reports-due?after={cursor}"),
            await s.clinic.get("/v1/reports-due?after=00ff"),
        ]
        assert {answer.json()["errors"][0]["code"] for answer in wrong} == {"cursor_invalid"}
        for until in ("soon", str(date.today() + timedelta(days=54 * 7))):
            assert (await s.clinic.get(f"/v1/reports-due?until={until}")).json()["errors"][0]["code"] == (
                "parameter_invalid"
            )
        assert (await s.clinic.get(f"/v1/reports-due?until={date.today() + timedelta(days=370)}")).status_code == 200


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_ended_is_not_due(kind: str) -> None:
    """An ended treatment, until it begins again; a cancelled referral; a case that is over; a changed answer."""
    async with world(kind) as w:
        s = await scene(w)
        accepted_weeks_ago(s, 4)
        mondays = past_mondays(4)
        await report(s, mondays[0], status="ended", closure="left_early")
        assert await due(s) == []
        await report(s, mondays[2])
        assert starts(await due(s)) == [mondays[3].isoformat(), THIS.isoformat()]
        await must(await s.clinic.post(f"/v1/referrals/{s.referral}/response", {"decision": "declined"}), 201)
        assert await due(s) == []
        await must(await s.clinic.post(f"/v1/referrals/{s.referral}/response", {"decision": "accepted"}), 201)
        assert len(await due(s)) == 1
        now = datetime.now(UTC).isoformat()
        path = f"/v1/cases/{s.case_id}/events"
        await must(await s.judge.post(path, {"code": "assignment_ended", "occurred_at": now}), 202)
        assert len(await due(s)) == 1
        await must(await s.judge.post(path, {"code": "final_disposition", "occurred_at": now}), 202)
        assert await due(s) == []


@run
async def test_a_cancelled_referral_asks_for_nothing() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        assert len(await due(s)) == 1
        await must(await s.judge.post(f"/v1/referrals/{s.referral}/cancellation", None))
        assert await due(s) == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_cadence_and_end_date_are_the_referrals(kind: str) -> None:
    """Two weeks are one report, and half of it is none; nothing is due for windows after the condition's end."""
    async with world(kind) as w:
        asked = {"service_asked": "outpatient", "cadence": "P2W", "end_date": THIS.isoformat()}
        s = await scene(w, conditions=asked)
        (one,) = await due(s, f"?until={THIS + timedelta(days=90)}")
        assert one["period"] == {"start": THIS.isoformat(), "end": (THIS + timedelta(days=13)).isoformat()}
        await report(s, THIS)
        assert len(await due(s, f"?until={THIS + timedelta(days=90)}")) == 1
        period = {"start": (THIS + timedelta(days=7)).isoformat(), "end": (THIS + timedelta(days=13)).isoformat()}
        future = await s.clinic.post(
            "/v1/treatment-statuses", {"patient_id": s.patient, "period": period, "status": "active"}
        )
        assert future.status_code == 422


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_report_for_a_hearing_is_due_on_its_day(kind: str) -> None:
    """The whole weeks before it; without a hearing date nothing is due."""
    async with world(kind) as w:
        asked = {"service_asked": "outpatient", "cadence": "per_hearing"}
        hearing = THIS + timedelta(days=9)
        s = await scene(w, conditions=asked, court_appearance_date=hearing.isoformat())
        accepted_weeks_ago(s, 1)
        (one,) = await due(s, f"?until={hearing}")
        monday = past_mondays(1)[0]
        assert (one["due"], one["period"]["start"]) == (hearing.isoformat(), monday.isoformat())
        assert one["period"]["end"] == (THIS + timedelta(days=6)).isoformat()
        assert await due(s, f"?until={hearing - timedelta(days=1)}") == []
        await report(s, monday)
        assert len(await due(s, f"?until={hearing}")) == 1
        await report(s, THIS)
        assert await due(s, f"?until={hearing}") == []


@run
async def test_a_report_for_one_case_is_none_for_another() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        other_case = await steps.register_case(s.judge, "u-court-treatment", "docket", "CR-2026-0999")
        other = await refer(s.judge, other_case)
        await steps.accept(s.clinic, other, s.patient)
        own = (await must(await s.clinic.get(f"/v1/referrals/{s.referral}")))["case_id"]
        assert {item["referral_id"] for item in await due(s)} == {s.referral, other}
        await report(s, THIS, cases=[own])
        assert [item["referral_id"] for item in await due(s)] == [other]
        neighbour = w.party("c-clinic-hillside-clinic-staff")
        assert (await must(await neighbour.get("/v1/reports-due")))["items"] == []
