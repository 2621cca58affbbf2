"""A clinic's own identifier of what it files, and the Idempotency-Key's thirty days."""

import asyncio
from typing import Any, Final

import pytest

from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import scene
from tests.service import DATABASES, run, world
from tests.storage.direct import change, count

DAY_US: Final = 86_400_000_000
NAMED: Final = {"identifier": {"system": "urn:ehr:harbor", "value": "A-1"}}


def body(kind: str, patient: str) -> dict[str, Any]:
    """An assessment, or the status of a week."""
    monday = past_mondays(1)[0]
    if kind == "assessments":
        made = {"assessed_on": monday.isoformat(), "purpose": "treatment", "need_indicated": "yes"}
        return {"patient_id": patient} | made
    return {"patient_id": patient, "period": week(monday), "status": "active", "sessions": []}


@pytest.mark.parametrize("noun", ["assessments", "treatment-statuses"])
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_identifier_names_one_message_for_ever(kind: str, noun: str) -> None:
    """The same words, in whatever order and with defaults written out, give the first answer; others a conflict."""
    async with world(kind) as w:
        s = await scene(w)
        sent = body(noun, s.patient) | NAMED
        path = f"/v1/{noun}"
        first = await must(await s.clinic.post(path, sent), 201)
        again = dict(reversed(list(sent.items()))) | {"cases": []}
        assert await must(await s.clinic.post(path, again, Idempotency_Key="k1"), 201) == first
        other = await s.clinic.post(path, sent | {"supersedes": first["id"]})
        check(other, "POST", path)
        assert (other.status_code, other.json()["code"]) == (409, "identifier_in_use")
        wanted = "assessment" if noun == "assessments" else "treatment_status"
        assert count(w.settings.database_url, "message", f"kind = '{wanted}' AND first_day > 0") == 1
        await must(await s.clinic.post(path, sent | {"supersedes": first["id"]} | other_name("A-2")), 201)
        assert await must(await s.clinic.post(path, sent), 201) == first


def other_name(value: str) -> dict[str, Any]:
    """Another identifier of the same system."""
    return {"identifier": {"system": "urn:ehr:harbor", "value": value}}


@run
async def test_an_identifier_is_taken_to_the_letter_and_of_one_clinic() -> None:
    """Another kind of message is other words; case counts; another clinic's same identifier is its own."""
    async with world("sqlite") as w:
        s = await scene(w)
        await must(await s.clinic.post("/v1/assessments", body("assessments", s.patient) | NAMED), 201)
        status = body("treatment-statuses", s.patient)
        clash = await s.clinic.post("/v1/treatment-statuses", status | NAMED)
        assert (clash.status_code, clash.json()["code"]) == (409, "identifier_in_use")
        await must(await s.clinic.post("/v1/treatment-statuses", status | other_name("a-1")), 201)
        neighbour = w.party("c-clinic-hillside-clinic-staff")
        person = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
        own = (await must(await neighbour.post("/v1/patients", person), 201))["id"]
        await must(await neighbour.post("/v1/assessments", body("assessments", own) | NAMED), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_same_message_twice_at_once_is_filed_once(kind: str) -> None:
    """Whoever comes while the first runs is told so, or gets its answer."""
    async with world(kind) as w:
        s = await scene(w)
        sent = body("treatment-statuses", s.patient) | NAMED
        await s.clinic.token()
        answers = await asyncio.gather(*(s.clinic.post("/v1/treatment-statuses", sent) for _ in range(8)))
        filed = {answer.json()["id"] for answer in answers if answer.status_code == 201}
        assert len(filed) == 1
        assert {a.json()["code"] for a in answers if a.status_code != 201} <= {"idempotency_in_flight"}
        assert count(w.settings.database_url, "message", "kind = 'treatment_status' AND first_day > 0") == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_idempotency_key_is_kept_thirty_days(kind: str) -> None:
    """On the 29th day the first answer, on the 31st a new request; nothing but the stored instant was moved."""
    async with world(kind) as w:
        clinic, url = w.party("c-clinic-harbor-clinic-staff"), w.settings.database_url
        person = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
        first = await must(await clinic.post("/v1/patients", person, Idempotency_Key="once"), 201)
        change(url, f"UPDATE idempotency SET created_at = created_at - {29 * DAY_US}")
        assert await must(await clinic.post("/v1/patients", person, Idempotency_Key="once"), 201) == first
        change(url, f"UPDATE idempotency SET created_at = created_at - {2 * DAY_US}")
        assert await must(await clinic.post("/v1/patients", person, Idempotency_Key="once"), 201) != first
        assert count(url, "patient") == 2


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_identifier_outlives_the_idempotency_key(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        sent = body("treatment-statuses", s.patient) | NAMED
        first = await must(await s.clinic.post("/v1/treatment-statuses", sent, Idempotency_Key="k"), 201)
        change(w.settings.database_url, f"UPDATE idempotency SET created_at = created_at - {31 * DAY_US}")
        assert await must(await s.clinic.post("/v1/treatment-statuses", sent, Idempotency_Key="k"), 201) == first
