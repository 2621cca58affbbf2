"""Staff assigned to a case narrow what their own unit reads there, and nothing else (domain rules, cases 3, 85)."""

from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, Scene, scene
from tests.service import DATABASES, World, run, world

UNKNOWN = "0" * 32
DEFENCE = "c-defence-defence-counsel"


async def _say(party: Party, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = await party.post(path, body)
    check(answer, "POST", path.replace(path.split("/")[3], "{case_id}"))
    return await must(answer, 202)


async def assign(party: Party, case_id: str, staff: str) -> dict[str, Any]:
    return await _say(party, f"/v1/cases/{case_id}/assignments", {"staff_id": staff})


async def end(party: Party, case_id: str, staff: str | None = None) -> dict[str, Any]:
    body = {} if staff is None else {"staff_id": staff}
    return await _say(party, f"/v1/cases/{case_id}/assignments/ending", body)


async def reads(s: Scene, person: str | None, party: Party | None = None, case_id: str | None = None) -> bool:
    """Whether anything is read in the case by this member of staff."""
    path = steps.reading("treatment-statuses", case_id or s.case_id, MONITOR)
    headers = {"Acting_User": f'"{person}"'} if person is not None else {}
    return bool((await must(await (party or s.judge).get(path, **headers)))["items"])


async def reported(w: World, **form: Any) -> Scene:
    """A consent to the judge's unit and role, and a week to read."""
    s = await scene(w)
    await s.sign(**form)
    await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended", "attended"))
    return s


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_once_somebody_is_assigned_nobody_else_of_the_unit_reads_in_the_case(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        assert await reads(s, None)
        assert await reads(s, "jdg-1")
        assert await assign(s.judge, s.case_id, "jdg-1") == {"status": "received"}
        assert await reads(s, "jdg-1")
        assert not await reads(s, "jdg-2")
        assert not await reads(s, None)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_successor_reads_under_a_consent_to_unit_and_role_once_assigned_and_the_predecessor_no_more(
    kind: str,
) -> None:
    async with world(kind) as w:
        s = await reported(w)
        await assign(s.judge, s.case_id, "jdg-1")
        await assign(s.judge, s.case_id, "jdg-2")
        await assign(s.judge, s.case_id, "jdg-2")
        await end(s.judge, s.case_id, "jdg-1")
        assert await reads(s, "jdg-2")
        assert not await reads(s, "jdg-1")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_successor_does_not_read_under_a_consent_that_names_the_predecessor(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w, recipients=[{"org_unit": COURT, "role": "judge", "person": "jdg-1"}])
        assert await reads(s, "jdg-1")
        await assign(s.judge, s.case_id, "jdg-2")
        await end(s.judge, s.case_id, "jdg-1")
        assert not await reads(s, "jdg-1")
        assert not await reads(s, "jdg-2")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_unit_that_left_the_case_reads_nothing_there_and_may_come_back_by_naming_somebody(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        await end(s.judge, s.case_id)
        assert not await reads(s, None)
        assert not await reads(s, "jdg-1")
        await assign(s.judge, s.case_id, "jdg-1")
        await assign(s.judge, s.case_id, "jdg-2")
        assert await reads(s, "jdg-1")
        await end(s.judge, s.case_id)
        assert not await reads(s, "jdg-1")
        assert not await reads(s, "jdg-2")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_login_of_counsel_who_withdrew_reads_nothing_though_nobody_was_ever_assigned(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        counsel = w.party(DEFENCE)
        own = await steps.register_case(counsel, COURT, "docket", "CR-2026-0417")
        to_counsel = {"recipients": [{"org_unit": counsel.unit, "role": "defence_counsel"}]}
        await s.sign(**to_counsel, purposes=["defence_preparation"])
        await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))

        async def read(person: str) -> bool:
            path = steps.reading("treatment-statuses", own, "defence_preparation")
            return bool((await must(await counsel.get(path, Acting_User=f'"{person}"')))["items"])

        assert await read("adv-1")
        await end(counsel, own, "adv-1")
        assert not await read("adv-1")
        await assign(counsel, own, "adv-2")
        assert await read("adv-2")
        await steps.happened(counsel, own, "assignment_ended")
        assert not await read("adv-2")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_assignment_ended_ends_that_of_the_unit_that_says_so_and_of_no_other(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        theirs = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        both = [{"org_unit": COURT, "role": "judge"}, {"org_unit": officer.unit, "role": "probation_officer"}]
        await s.sign(recipients=both)
        await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))
        assert await reads(s, "ofc-1", officer, theirs)
        await steps.happened(officer, theirs, "assignment_ended")
        assert not await reads(s, "ofc-1", officer, theirs)
        assert await reads(s, "jdg-1")
        await assign(s.judge, s.case_id, "jdg-1")
        await steps.happened(s.judge, s.case_id, "assignment_ended")
        assert not await reads(s, "jdg-1")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_answer_is_the_same_for_an_own_case_an_unknown_one_and_one_of_others(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        stranger = w.party("c-police-diversion-police-diversion")
        for case_id, party in ((s.case_id, stranger), (UNKNOWN, s.judge), (s.case_id, s.judge)):
            for answer in (
                await party.post(f"/v1/cases/{case_id}/assignments", {"staff_id": "jdg-1"}),
                await party.post(f"/v1/cases/{case_id}/assignments/ending", {}),
            ):
                assert (answer.status_code, answer.json()) == (202, {"status": "received"})
        assert not await reads(s, "jdg-1")
        await assign(stranger, s.case_id, "pol-1")
        assert not await reads(s, "pol-1"), "what another unit says of its staff assigns nobody here"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_feed_of_a_successor_tells_what_there_was_before_they_were_assigned(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        await assign(s.judge, s.case_id, "jdg-1")

        async def news(person: str) -> list[str]:
            page = await must(await s.judge.get("/v1/events", Acting_User=f'"{person}"'))
            return [entry["case_id"] for entry in page["items"]]

        assert s.case_id in await news("jdg-1")
        assert await news("jdg-2") == []
        await assign(s.judge, s.case_id, "jdg-2")
        assert s.case_id in await news("jdg-2")
        await end(s.judge, s.case_id, "jdg-1")
        assert await news("jdg-1") == []


@run
async def test_a_staff_id_is_one_that_the_acting_user_could_say() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        for staff in ("", "n 1", 'n"1', "x" * 65):
            answer = await s.judge.post(f"/v1/cases/{s.case_id}/assignments", {"staff_id": staff})
            assert answer.status_code == 422
            assert [flaw["code"] for flaw in answer.json()["errors"]] == ["staff_id_malformed"]
        kept = await s.clinic.post(f"/v1/cases/{s.case_id}/assignments", {"staff_id": "n-1"})
        assert (kept.status_code, kept.json()["code"]) == (403, "insufficient_scope")


@run
async def test_a_staff_id_is_nowhere_in_the_database_in_clear() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        await assign(s.judge, s.case_id, "jdg-canary-77")
        stored = b"".join(path.read_bytes() for path in w.folder.glob("throughcare.db*"))
        assert b"case_assignment" in stored
        assert b"jdg-canary-77" not in stored
