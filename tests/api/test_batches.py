"""Up to 500 statuses in one request: each has its own result, and none spoils another."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest

from app.exchange.batches import CHUNK
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import MARIA, Scene, scene
from tests.service import DATABASES, run, world
from tests.storage.direct import change, count, key_of, rows

PATH = "/v1/treatment-statuses/batch"
REPORTS = "kind = 'treatment_status' AND first_day > 0"


def status(patient: str, monday: date, **more: Any) -> dict[str, Any]:
    """The status of one week: two sessions, the second missed."""
    sessions = [
        {"date": monday.isoformat(), "outcome": "attended"},
        {"date": (monday + timedelta(days=2)).isoformat(), "outcome": "missed"},
    ]
    return {"patient_id": patient, "period": week(monday), "status": "active", "sessions": sessions} | more


async def sent(clinic: Party, items: list[Any], **headers: str) -> list[dict[str, Any]]:
    """The results of a batch, as the contract describes them."""
    answer = await clinic.post(PATH, {"items": items}, **headers)
    assert answer.status_code == 200, answer.text
    check(answer, "POST", PATH)
    results: list[dict[str, Any]] = answer.json()["results"]
    assert [result["index"] for result in results] == list(range(len(items)))
    return results


async def patients(clinic: Party, number: int) -> list[str]:
    """So many patients of one clinic."""
    return [await steps.add_patient(clinic, MARIA | {"sur_name": f"Lopez {n}"}) for n in range(number)]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_each_item_has_its_own_result(kind: str) -> None:
    """Sound ones are filed whatever stands beside them; flaws of all kinds are told with pointers into the batch."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign(elements=["attendance.summary"], records_from=past_mondays(3)[0].isoformat())
        first, second, third = past_mondays(3)
        results = await sent(
            s.clinic,
            [
                status(s.patient, first),
                status(s.patient, second) | {"status": 5, "period": None},
                status("0" * 32, second),
                status(s.patient, first),
                "nothing",
                status(s.patient, second, cases=["0" * 32], note="x"),
                status(s.patient, second, cases=["0" * 32]),
                status(s.patient, third),
            ],
        )
        assert [result["status"] for result in results] == [201, 422, 422, 422, 422, 422, 422, 201]
        told = [{(e["pointer"], e["code"]) for e in result.get("problem", {}).get("errors", ())} for result in results]
        assert told[1] == {("/items/1/period", "null_refused"), ("/items/1/status", "code_unknown")}
        assert told[2] == {("/items/2/patient_id", "patient_unknown")}
        assert told[3] == {("/items/3/period", "period_already_reported")}
        assert told[4] == {("/items/4", "type_wrong")}
        assert told[5] == {("/items/5/note", "field_unknown")}
        assert told[6] == {("/items/6/cases/0", "case_not_of_patient")}
        assert count(w.settings.database_url, "message", REPORTS) == 2
        read = {start: value["attendance.summary"] for start, value in await s.values()}
        assert read[first.isoformat()]["missed"] == read[third.isoformat()]["missed"] == 1
        assert read[second.isoformat()] == "insufficient_data"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_batch_files_what_single_requests_file(kind: str) -> None:
    """Same rows by element, opened, for one patient's weeks in a batch and for another's one by one."""
    async with world(kind) as w:
        s = await scene(w)
        other = await steps.add_patient(s.clinic, MARIA)
        sent_too = await steps.refer(
            s.judge, "u-clinic-harbor", s.case_id, MARIA, conditions={"service_asked": "outpatient"}, stage="trial"
        )
        await steps.accept(s.clinic, sent_too["id"], other)
        change(w.settings.database_url, "UPDATE referral SET scope = replace(scope, '/0/', '/2/')")
        weeks = [
            {"status": "ended", "closure": "left_early"},
            {"status": "active", "plan_change": "adjust"},
            {"status": "paused"},
        ]
        mondays = past_mondays(3)
        for monday, more in zip(mondays, weeks, strict=True):
            await must(await s.clinic.post("/v1/treatment-statuses", status(other, monday, **more)), 201)
        items = [status(s.patient, monday, **more) for monday, more in zip(mondays, weeks, strict=True)]
        assert {result["status"] for result in await sent(s.clinic, items)} == {201}
        assert opened(w, s.patient) == opened(w, other) != []


def opened(w: Any, patient: str) -> list[tuple[Any, ...]]:
    """What can be read of a patient, without ids."""
    text = "SELECT kind, element, sort_key, message_id, sealed FROM element_row WHERE live = 1 AND patient_id = "
    found = rows(w.settings.database_url, f"{text}'{patient}' AND kind = 'treatment_status'")
    behind = key_of(w.settings.database_url, patient)
    return sorted(
        (kind, element, key, repr(w.hub.vault.open(behind + bytes(sealed), patient, message, element)))
        for kind, element, key, message, sealed in found
    )


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_reports_of_one_patient_keep_the_order_sent(kind: str) -> None:
    """The order filed is read from the clock, which may stand still between two items of one batch."""
    async with world(kind) as w:
        s = await scene(w)
        mondays = past_mondays(CHUNK + 5)
        results = await sent(s.clinic, [status(s.patient, monday) for monday in reversed(mondays)])
        placed = rows(w.settings.database_url, f"SELECT position, id FROM message WHERE {REPORTS}")
        assert [one for _, one in sorted(placed)] == [result["id"] for result in results]
        assert len({position for position, _ in placed}) == len(mondays)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_batch_sent_again_gives_the_same_results(kind: str) -> None:
    """Refusals too; another body under the key is refused whole."""
    async with world(kind) as w:
        s = await scene(w)
        some = await patients(s.clinic, CHUNK + 3)
        items = [status(patient, past_mondays(1)[0]) for patient in some] + [status("0" * 32, past_mondays(1)[0]), 7]
        results = await sent(s.clinic, items, Idempotency_Key='"b-1"')
        assert [result["status"] for result in results] == [201] * len(some) + [422, 422]
        assert await sent(s.clinic, items, Idempotency_Key='"b-1"') == results
        other = await s.clinic.post(PATH, {"items": items[1:]}, Idempotency_Key='"b-1"')
        assert (other.status_code, other.json()["errors"][0]["code"]) == (422, "idempotency_key_reused")
        again = await sent(s.clinic, items[:2])
        assert {result["status"] for result in again} == {422}
        assert count(w.settings.database_url, "message", REPORTS) == len(some)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_committed_before_a_failure_is_not_filed_twice(kind: str) -> None:
    """The database fails for one patient: 503. Sent again under its key, the batch is whole, each item once."""
    async with world(kind) as w:
        s = await scene(w)
        some = sorted(await patients(s.clinic, 3 * CHUNK))
        refuse(w.settings.database_url, some[-1])
        items = [status(patient, past_mondays(1)[0]) for patient in some]
        failed = await s.clinic.post(PATH, {"items": items}, Idempotency_Key='"b-2"')
        assert (failed.status_code, failed.json()["code"]) == (503, "unavailable")
        before = {one for (one,) in rows(w.settings.database_url, f"SELECT id FROM message WHERE {REPORTS}")}
        assert 0 < len(before) < len(items)
        allow(w.settings.database_url)
        results = await sent(s.clinic, items, Idempotency_Key='"b-2"')
        assert {result["status"] for result in results} == {201}
        assert before < {result["id"] for result in results}
        assert count(w.settings.database_url, "message", REPORTS) == len(items)


def refuse(url: str, patient: str) -> None:
    """Let the database refuse messages about this patient."""
    if url.startswith("sqlite"):
        begin = f"BEFORE INSERT ON message WHEN NEW.patient_id = '{patient}'"
        change(url, f"CREATE TRIGGER refused {begin} BEGIN SELECT RAISE(ABORT, 'refused'); END")
    else:
        change(url, f"ALTER TABLE message ADD CONSTRAINT refused CHECK (patient_id <> '{patient}') NOT VALID")


def allow(url: str) -> None:
    """Undo ``refuse``."""
    change(url, "DROP TRIGGER refused" if url.startswith("sqlite") else "ALTER TABLE message DROP CONSTRAINT refused")


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_batches_about_the_same_patients_at_once(kind: str) -> None:
    """No deadlock, and each week is filed once: in one batch or in the other, whatever their order."""
    async with world(kind) as w:
        s = await scene(w)
        await s.sign(elements=["attendance.summary"])
        some = [s.patient, *await patients(s.clinic, 40)]
        monday = past_mondays(1)[0]
        items = [status(patient, monday) for patient in some]
        one, other = await asyncio.gather(sent(s.clinic, items), sent(s.clinic, items[::-1]))
        for mine, theirs in zip(one, other[::-1], strict=True):
            assert sorted((mine["status"], theirs["status"])) == [201, 422]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_correction_in_a_batch_is_seen_at_once(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        first, second = past_mondays(2)
        await s.sign(elements=["attendance.summary"], records_from=first.isoformat())
        filed = await sent(s.clinic, [status(s.patient, first)])
        assert (await s.values())[-1][1]["attendance.summary"]["attended"] == 1
        corrected = status(s.patient, first, sessions=[], supersedes=filed[0]["id"])
        results = await sent(s.clinic, [status(s.patient, second), corrected, corrected])
        assert [result["status"] for result in results] == [201, 201, 422]
        assert results[2]["problem"]["errors"][0]["code"] == "supersedes_unknown"
        assert (await s.values())[-1][1]["attendance.summary"]["offered"] == 0


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_identifiers_guard_each_item(kind: str) -> None:
    """The same words give the first answer, in one batch and in a later one; other words a conflict of their own."""
    async with world(kind) as w:
        s = await scene(w)
        first, second = past_mondays(2)
        named = status(s.patient, first, identifier={"system": "urn:ehr", "value": "w-1"})
        results = await sent(s.clinic, [named, named, named | {"period": week(second), "sessions": []}])
        assert [result["status"] for result in results] == [201, 201, 409]
        assert results[0]["id"] == results[1]["id"]
        assert results[2]["problem"]["code"] == "identifier_in_use"
        assert (await sent(s.clinic, [named]))[0]["id"] == results[0]["id"]
        single = await must(await s.clinic.post("/v1/treatment-statuses", named), 201)
        assert single["id"] == results[0]["id"]


@run
async def test_what_is_around_the_items_is_checked_whole() -> None:
    """Then no item is looked at."""
    async with world("sqlite") as w:
        clinic = w.party("c-clinic-harbor-clinic-staff")
        bodies: list[tuple[Any, str, str]] = [
            ({}, "/items", "field_missing"),
            ({"items": []}, "/items", "value_out_of_range"),
            ({"items": {}}, "/items", "type_wrong"),
            ({"items": None}, "/items", "type_wrong"),
            ({"items": [1], "more": 1}, "/more", "field_unknown"),
            ({"items": [1] * 501}, "/items", "array_too_long"),
            ([1], "", "type_wrong"),
        ]
        for body, pointer, code in bodies:
            answer = await clinic.post(PATH, body)
            check(answer, "POST", PATH)
            (error,) = answer.json()["errors"]
            assert (answer.status_code, error["pointer"], error["code"]) == (422, pointer, code)


@run
async def test_a_batch_may_be_larger_than_other_bodies_and_no_larger() -> None:
    async with world("sqlite") as w:
        clinic = w.party("c-clinic-harbor-clinic-staff")
        large = await clinic.post(PATH, {"items": ["x" * 3900] * 500})
        assert large.status_code == 200 and {r["status"] for r in large.json()["results"]} == {422}
        larger = await clinic.post(PATH, {"items": [["x" * 3900] * 3] * 500})
        assert (larger.status_code, larger.json()["code"]) == (413, "body_too_large")


@run
async def test_another_clinics_patient_is_nobody() -> None:
    async with world("sqlite") as w:
        s: Scene = await scene(w)
        stranger = w.party("c-clinic-hillside-clinic-staff")
        monday = past_mondays(1)[0]
        theirs, nobody = await sent(stranger, [status(s.patient, monday), status("0" * 32, monday)])
        told = [one["problem"]["errors"][0] | {"pointer": ""} for one in (theirs, nobody)]
        assert told[0] == told[1] and told[0]["code"] == "patient_unknown"
