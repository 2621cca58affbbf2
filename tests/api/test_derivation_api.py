"""What a court reads of what a clinic filed: windows, counts, compliance, corrections, episodes, bounds."""

from datetime import timedelta
from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.scene import COURT, Scene, refer, scene
from tests.service import DATABASES, run, world

WEEKS = past_mondays(8)
NONE = "insufficient_data"


def _days(*numbers: int) -> list[str]:
    return [WEEKS[number].isoformat() for number in numbers]


async def _file(s: Scene, number: int, *, answer: int = 201, **more: Any) -> dict[str, Any]:
    """A status of the week of that number, active unless told otherwise."""
    body = {"patient_id": s.patient, "period": week(WEEKS[number]), "status": "active"} | more
    return await must(await s.clinic.post("/v1/treatment-statuses", body), answer)


def _sessions(number: int, *outcomes: str) -> list[dict[str, str]]:
    return [
        {"date": (WEEKS[number] + timedelta(days=day % 7)).isoformat(), "outcome": outcome}
        for day, outcome in enumerate(outcomes)
    ]


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize(("cadence", "weeks"), [("P1W", 1), ("P2W", 2), ("P4W", 4)])
@run
async def test_a_window_is_the_sum_of_its_weeks(kind: str, cadence: str, weeks: int) -> None:
    """Counted from the referral's week, newest first; one that lacks a week is insufficient, not smaller."""
    async with world(kind) as w:
        s = await scene(w, conditions={"service_asked": "outpatient", "cadence": cadence, "attendance_threshold": 3})
        for number in range(7):  # the last week is not reported
            await _file(s, number, sessions=_sessions(number, "attended", "excused", "missed"))
        await s.sign(elements=["attendance.summary"], records_from=WEEKS[0].isoformat())
        read = await s.values()
        starts = _days(*range(0, 8, weeks))[::-1]
        assert [start for start, _ in read] == starts
        counts = {"offered": 3 * weeks, "attended": weeks, "excused": weeks, "missed": weeks}
        assert [elements["attendance.summary"] for _, elements in read] == [NONE, *[counts] * (len(starts) - 1)]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_compliance_by_the_threshold_of_the_referral(kind: str) -> None:
    """Attended and excused count; a week without a report, or a referral without a threshold, says nothing."""
    async with world(kind) as w:
        s = await scene(w)  # two sessions a week
        await _file(s, 4, sessions=_sessions(4, "attended", "excused"))
        await _file(s, 5, sessions=_sessions(5, "attended", "missed", "missed"))
        await _file(s, 7, attendance={"offered": 3, "attended": 2, "excused": 0, "missed": 1})
        await s.sign(elements=["attendance.compliant"], records_from=WEEKS[4].isoformat())
        assert [elements["attendance.compliant"] for _, elements in await s.values()] == ["yes", NONE, "no", "yes"]
        other = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0418")
        without = await refer(s.judge, other, conditions={"service_asked": "outpatient"})
        await steps.accept(s.clinic, without, s.patient)
        await s.sign(referral_id=without, elements=["attendance.compliant"], records_from=WEEKS[4].isoformat())
        assert [elements["attendance.compliant"] for _, elements in await s.values(case=other)] == [NONE] * 4


@run
async def test_counts_never_stand_in_for_sessions() -> None:
    """Of the attendance ladder only the finest granted step leaves, insufficient where only counts were filed."""
    async with world("sqlite") as w:
        s = await scene(w)
        sessions = _sessions(6, "attended", "missed")
        await _file(s, 6, sessions=sessions)
        await _file(s, 7, attendance={"offered": 2, "attended": 2, "excused": 0, "missed": 0})
        await s.sign(elements=["attendance.sessions", "attendance.summary"], records_from=WEEKS[6].isoformat())
        assert await s.values() == [
            (*_days(7), {"attendance.sessions": NONE}),
            (*_days(6), {"attendance.sessions": sessions}),
        ]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_late_correction(kind: str) -> None:
    """An overlapping week is refused; a correction changes the value under the same item id, once."""
    async with world(kind) as w:
        s = await scene(w)
        first = await _file(s, 7, sessions=_sessions(7, "missed", "missed"))
        await s.sign(elements=["attendance.summary"], records_from=WEEKS[7].isoformat())
        before = (await s.seen()).json()["items"]
        again = await _file(s, 7, answer=422, sessions=_sessions(7, "attended"))
        assert [(e["pointer"], e["code"]) for e in again["errors"]] == [("/period", "period_already_reported")]
        right = {"supersedes": first["id"], "sessions": _sessions(7, "attended", "attended")}
        await _file(s, 7, **right)
        after = (await s.seen()).json()["items"]
        assert [item["id"] for item in after] == [item["id"] for item in before]
        assert after[0]["elements"]["attendance.summary"]["value"]["attended"] == 2
        stale = await _file(s, 7, answer=422, **right)
        assert [(e["pointer"], e["code"]) for e in stale["errors"]] == [("/supersedes", "supersedes_unknown")]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_status_of_one_case_is_invisible_in_another(kind: str) -> None:
    """Two cases of one patient at one court: what the clinic restricted to the first is not in the second."""
    async with world(kind) as w:
        s = await scene(w)
        other = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0418")
        second = await refer(s.judge, other)
        await steps.accept(s.clinic, second, s.patient)
        for referral in (s.referral, second):
            await s.sign(referral_id=referral, records_from=WEEKS[7].isoformat())
        mine = (await must(await s.clinic.get(f"/v1/referrals/{s.referral}")))["case_id"]
        await _file(s, 7, cases=[mine], sessions=_sessions(7, "attended", "attended"))
        current, window = await s.values()
        assert current[1]["enrolment.status"] == "active"
        assert window[1]["attendance.summary"]["attended"] == 2
        current, window = await s.values(case=other)
        assert (current[1]["enrolment.status"], window[1]["attendance.summary"]) == ("planned", NONE)
        foreign = await _file(s, 6, answer=422, cases=[s.case_id, "0" * 32])
        assert [(e["pointer"], e["code"]) for e in foreign["errors"]] == [
            ("/cases/0", "case_not_of_patient"),
            ("/cases/1", "case_not_of_patient"),
        ]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_new_episode_after_one_that_ended(kind: str) -> None:
    """The end is shown while it is the latest; the closure of the old episode never stands beside the new one."""
    async with world(kind) as w:
        s = await scene(w)
        dates = {"start": WEEKS[2].isoformat()}
        await _file(s, 3, dates=dates)
        await s.sign(elements=["enrolment.closure", "enrolment.dates"], records_from=WEEKS[0].isoformat())
        assert (await s.values())[0][1] == {
            "enrolment.dates": dates,
            "enrolment.engaged": True,
            "enrolment.status": "active",
        }
        ended = dates | {"end": WEEKS[5].isoformat()}
        await _file(s, 5, status="ended", closure="left_early", dates=ended)
        assert (await s.values())[0][1] == {
            "enrolment.closure": "left_early",
            "enrolment.dates": ended,
            "enrolment.engaged": False,
            "enrolment.status": "ended",
        }
        await _file(s, 7)
        assert (await s.values())[0][1] == {"enrolment.engaged": True, "enrolment.status": "active"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_records_from_bounds_what_is_read(kind: str) -> None:
    """Windows that begin before it, episodes that ended and assessments made before it stay closed."""
    async with world(kind) as w:
        s = await scene(w)
        for number in (2, 6, 7):
            await _file(s, number, sessions=_sessions(number, "attended"))
        for number in (2, 6):
            body = {
                "patient_id": s.patient,
                "assessed_on": WEEKS[number].isoformat(),
                "purpose": "treatment",
                "need_indicated": "yes",
                "recommendation": {"service": "outpatient" if number == 6 else "residential"},
            }
            await must(await s.clinic.post("/v1/assessments", body), 201)
        elements = ["attendance.summary", "clinical.recommendation", "enrolment.status"]
        consent = await s.sign(elements=elements, records_from=WEEKS[6].isoformat())
        assert [start for start, _ in await s.values()] == ["current", *_days(7, 6)]
        (assessed,) = await s.values(kind="assessments")
        assert assessed[1] == {"clinical.recommendation": {"service": "outpatient"}}
        later = (WEEKS[6] + timedelta(days=1)).isoformat()
        await s.sign(elements=elements, records_from=later, supersedes=[consent])
        assert [start for start, _ in await s.values()] == ["current", *_days(7)]
        assert await s.values(kind="assessments") == []


@run
async def test_twenty_thresholds_do_not_read_a_count() -> None:
    """One consent froze one threshold: beside it, nineteen referrals with others give not one more bit."""
    async with world("sqlite") as w:
        s = await scene(w)
        for threshold in range(1, 21):
            asked = {"service_asked": "outpatient", "attendance_threshold": threshold}
            referral = await refer(s.judge, s.case_id, conditions=asked)
            await steps.accept(s.clinic, referral, s.patient)
        sent = (await must(await s.judge.get("/v1/referrals")))["items"]
        (fifth,) = [one["id"] for one in sent if one["conditions"]["attendance_threshold"] == 5]
        assert len(sent) == 21
        await _file(s, 7, attendance={"offered": 9, "attended": 7, "excused": 0, "missed": 2})
        await s.sign(referral_id=fifth, elements=["attendance.compliant"], records_from=WEEKS[7].isoformat())
        assert await s.values() == [(*_days(7), {"attendance.compliant": "yes"})]
        for referral in sent:
            found = await s.values(referral=referral["id"])
            expected = [(*_days(7), {"attendance.compliant": "yes"})] if referral["id"] == fifth else []
            assert found == expected
