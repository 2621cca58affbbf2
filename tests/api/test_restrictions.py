"""Restrictions that were agreed bind at once, whatever a consent says; how they end decides what flows again."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import pytest

from app.exchange.erasure import erase_patient
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.handing import CONTENT, HILLSIDE, NURSE, allow, handed
from tests.api.scene import COURT, PROBATION, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, count, rows

BASE = "/v1/patients/{patient_id}/restrictions"
OFFICER = "c-privacy-privacy-officer"
SUMMARY, STATUS = "attendance.summary", "enrolment.status"


async def ask(s: Scene, *elements: str, **more: Any) -> str:
    """Write a restriction down; its id."""
    body = {"elements": list(elements), **more}
    answer = await s.clinic.post(f"/v1/patients/{s.patient}/restrictions", body)
    check(answer, "POST", BASE)
    return str((await must(answer, 201))["id"])


async def step(s: Scene, restriction: str, verb: str, **body: Any) -> httpx.Response:
    """The answer to a decision or an ending."""
    answer = await s.clinic.post(f"/v1/patients/{s.patient}/restrictions/{restriction}/{verb}", body)
    check(answer, "POST", f"{BASE}/{{restriction_id}}/{verb}")
    return answer


async def agreed(s: Scene, *elements: str, **more: Any) -> str:
    """A restriction that is in force; its id."""
    one = await ask(s, *elements, **more)
    assert (await must(await step(s, one, "decision", agreed=True)))["state"] == "agreed"
    return one


async def reported(w: World, weeks: int = 3, sign: Sequence[str] = (STATUS, SUMMARY)) -> Scene:
    """The judge reads status and attendance of some weeks, or what else is signed."""
    s = await scene(w)
    for monday in past_mondays(weeks):
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"))
    await s.sign(elements=list(sign))
    return s


async def seen(s: Scene, **query: Any) -> dict[str, set[str]]:
    """First day of a window or "current" -> the elements read."""
    return {start: set(values) for start, values in await s.values(**query)}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_is_agreed_is_absent_and_what_is_only_asked_for_or_declined_is_not(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        before = await seen(s)
        one = await ask(s, SUMMARY)
        assert await seen(s) == before and all(SUMMARY in told for start, told in before.items() if start != "current")
        assert (await must(await step(s, one, "decision", agreed=False)))["state"] == "declined"
        assert await seen(s) == before
        assert (await step(s, one, "decision", agreed=True)).json()["code"] == "restriction_decided"
        two = await agreed(s, SUMMARY)
        # attendance.compliant is a coarser step that the consent covers as well: it is not what was restricted
        told = await seen(s)
        assert told != before and not any(SUMMARY in elements for elements in told.values())
        assert STATUS in told["current"]
        assert (await must(await step(s, two, "decision", agreed=True)))["state"] == "agreed"
        listed = await must(await s.clinic.get(f"/v1/patients/{s.patient}/restrictions"))
        assert [(row["id"], row["state"]) for row in listed["items"]] == [(one, "declined"), (two, "agreed")]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_restriction_of_a_coarser_step_takes_every_finer_one_with_it(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        await agreed(s, "attendance.compliant")
        assert set(await seen(s)) == {"current"}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_towards_one_recipient_it_takes_nothing_from_another(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        before = await seen(s)
        await agreed(s, STATUS, SUMMARY, recipient_unit=PROBATION)
        assert await seen(s) == before
        await agreed(s, STATUS, "enrolment.engaged", recipient_unit=COURT)
        assert "current" not in await seen(s)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_ended_with_the_patient_everything_flows_again(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        before = (await s.seen()).content
        one = await agreed(s, SUMMARY)
        assert (await s.seen()).content != before
        assert (await must(await step(s, one, "ending", how="oral_documented")))["state"] == "ended"
        assert (await s.seen()).content == before
        assert (await step(s, one, "ending", how="notice")).json()["code"] == "restriction_not_in_force"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_ended_by_notice_only_what_is_of_later_days_flows(kind: str) -> None:
    """The notice is moved back in the database, since no test waits for weeks to pass."""
    async with world(kind) as w:
        s = await reported(w)
        whole = await seen(s)
        one = await agreed(s, SUMMARY, STATUS, "enrolment.engaged")
        assert await seen(s) != whole
        ended = await must(await step(s, one, "ending", how="notice"))
        assert ended["state"] == "terminated" and "covers_until" in ended
        told = await seen(s)
        assert "current" not in told and not any(SUMMARY in elements for elements in told.values())
        url, mondays = w.settings.database_url, past_mondays(3)
        day = mondays[-1] - timedelta(days=3)  # before the newest week, after the one before it
        change(url, f"UPDATE restriction SET lifted_day = {day.toordinal()}")
        told = await seen(s)
        assert {start for start, elements in told.items() if SUMMARY in elements} == {mondays[-1].isoformat()}
        assert told["current"] == whole["current"], "the newest report speaks of a later week and was filed after it"
        change(url, f"UPDATE restriction SET lifted_day = {mondays[-1].toordinal()}")
        assert "current" not in await seen(s), "the newest report speaks of the very day"
        assert (await must(await step(s, one, "ending", how="patient_written")))["state"] == "ended"
        assert await seen(s) == whole


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_after_a_notice_a_correction_brings_nothing_old_out(kind: str) -> None:
    """It stands in the place of what it corrects: filed for the first time before the notice, as its week was."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(1)[0]
        filed = await steps.report(s.clinic, s.patient, monday, ("attended",))
        await s.sign(elements=[STATUS])
        one = await agreed(s, "enrolment.engaged")
        await must(await step(s, one, "ending", how="notice"))
        await steps.report(s.clinic, s.patient, monday, ("missed",), supersedes=filed)
        assert await seen(s) == {}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_assessment_of_before_the_notice_stays_covered_and_a_later_one_flows(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        old, new = past_mondays(3)[0], past_mondays(3)[2]
        await steps.assess(s.clinic, s.patient, old)
        await s.sign(elements=["clinical.need_indicated"])
        one = await agreed(s, "clinical.need_indicated")
        await must(await step(s, one, "ending", how="notice"))
        change(w.settings.database_url, f"UPDATE restriction SET lifted_day = {new.toordinal() - 1}")
        assert await s.values(kind="assessments") == []
        await steps.assess(s.clinic, s.patient, new)
        assert len(await s.values(kind="assessments")) == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_paid_for_in_full_is_agreed_to_and_ends_by_the_patients_word_alone(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, 1)
        one = await ask(s, STATUS, paid_in_full=True)
        refused = await step(s, one, "decision", agreed=False)
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["restriction_must_be_agreed"]
        await must(await step(s, one, "decision", agreed=True))
        refused = await step(s, one, "ending", how="notice")
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["restriction_paid_in_full"]
        assert (await must(await step(s, one, "ending", how="patient_written")))["state"] == "ended"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_transfer_carries_nothing_restricted_and_one_of_before_the_notice_never_will(kind: str) -> None:
    async with world(kind) as w:
        s, nurse = await scene(w), w.party(NURSE)
        await allow(s.clinic, s.patient)
        transfer = await handed(s.clinic, s.patient)
        whole = await must(await nurse.get(f"/v1/transfers/{transfer}"))
        assert set(CONTENT) & whole.keys()
        one = await agreed(s, "clinical.medication")
        told = await must(await nurse.get(f"/v1/transfers/{transfer}"))
        assert "medication" in whole and "medication" not in told and told.keys() < whole.keys()
        await must(await step(s, one, "ending", how="notice"))
        assert "medication" not in await must(await nurse.get(f"/v1/transfers/{transfer}"))
        await must(await step(s, one, "ending", how="oral_documented"))
        assert await must(await nurse.get(f"/v1/transfers/{transfer}")) == whole


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_it_binds_for_every_record_of_the_person(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, 1)
        other = await steps.add_patient(s.clinic, {"given_name": "M", "sur_name": "Lopez", "birth_date": "1991-04-12"})
        one = await agreed(s, STATUS, "enrolment.engaged", SUMMARY, "attendance.compliant")
        assert await seen(s) == {}
        await must(await s.clinic.post(f"/v1/patients/{other}/merge", {"merged": s.patient}))
        url = w.settings.database_url
        assert {of for (of,) in rows(url, "SELECT patient_id FROM restriction")} == {s.patient, other}
        listed = await must(await s.clinic.get(f"/v1/patients/{other}/restrictions"))
        assert [row["id"] for row in listed["items"]] == [one]
        path = f"/v1/patients/{other}/restrictions/{one}/ending"
        assert (await must(await s.clinic.post(path, {"how": "patient_written"})))["state"] == "ended"
        assert count(url, "restriction", "state = 'ended'") == 2


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_gdpr_asks_to_tell_the_patient_first_and_the_recipients_after(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, 1)
        held = [item["id"] for item in (await s.seen()).json()["items"] if "period" not in item]
        change(w.settings.database_url, "UPDATE unit SET profile = 'eu-gdpr-led@1' WHERE id = 'u-clinic-harbor'")
        one = await agreed(s, STATUS)
        assert held and count(w.settings.database_url, "withdrawal") > 0
        refused = await step(s, one, "ending", how="notice")
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["told_first"]
        refused = await step(s, one, "ending", how="notice", told_at="2035-01-01T00:00:00Z")
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["told_in_future"]
        ended = await must(await step(s, one, "ending", how="notice", told_at="2026-11-01T10:00:00Z"))
        assert (ended["state"], ended["told_at"]) == ("terminated", "2026-11-01T10:00:00Z")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_no_justice_unit_and_no_other_clinic_comes_near_it_and_an_erasure_leaves_nothing(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, 1)
        one = await agreed(s, STATUS, note="ZQ-NOTE")
        path = f"/v1/patients/{s.patient}/restrictions"
        for party, status in ((s.judge, 403), (w.party(HILLSIDE), 404), (w.party(OFFICER), 200)):
            assert (await party.get(path)).status_code == status
            body = {"how": "patient_written"}
            assert (await party.post(f"{path}/{one}/ending", body)).status_code == status
        await erase_patient(w.hub, s.patient)
        assert [bytes(sealed) for (sealed,) in rows(w.settings.database_url, "SELECT sealed FROM restriction")] == [b""]
        assert (await s.clinic.get(path)).status_code == 404
