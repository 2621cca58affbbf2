"""Default deny where something is broken: an unreadable instrument, bytes that do not open, an unnamed recipient."""

from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.start import CLINIC, COURT, PERSON, seed
from app.sandbox.steps import must, reading
from tests.service import DATABASES, World, run, world

BROKEN = (
    "update consent set facts = replace(facts, '\"signed_at\":', '\"unsigned_at\":')",
    "update consent set facts = replace(facts, '\"judge\"', '\"jester\"')",
    "update consent set facts = 'no document'",
)


async def execute(w: World, statement: str) -> None:
    """Change stored rows behind the service's back, as a bad import would."""
    database: Any = w.hub.database
    if database.dialect == "sqlite":
        database._writer.execute(statement)
    else:
        async with database.pools.serving.acquire() as connection:
            await connection.execute(statement)


async def judge_reads(w: World, case_id: str) -> tuple[int, Any]:
    """Status and items of the judge's read."""
    judge = w.party("c-court-treatment-judge")
    answer = await judge.get(reading("treatment-statuses", case_id, "condition_monitoring"))
    return answer.status_code, answer.json().get("items")


async def seeded(w: World) -> str:
    """The seeds, once read."""
    case_id = await seed(w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff"))
    status, items = await judge_reads(w, case_id)
    assert (status, len(items)) == (200, 5)
    return case_id


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("statement", BROKEN)
@run
async def test_an_instrument_that_cannot_be_read_forbids(kind: str, statement: str, capfd: Any) -> None:
    async with world(kind) as w:
        case_id = await seeded(w)
        await execute(w, statement)
        assert await judge_reads(w, case_id) == (200, [])
    assert "rule_error" in capfd.readouterr().err


@run
async def test_a_consent_whose_stored_form_lacks_its_signature_date_is_deficient() -> None:
    async with world("sqlite") as w:
        case_id = await seeded(w)
        await execute(w, "update consent set facts = json_set(facts, '$.signed_at', 0)")
        assert await judge_reads(w, case_id) == (200, [])


@run
async def test_content_that_does_not_open_is_unavailable_and_not_an_empty_list() -> None:
    async with world("sqlite") as w:
        case_id = await seeded(w)
        await execute(w, "update element_row set sealed = zeroblob(40)")
        assert await judge_reads(w, case_id) == (503, None)


@run
async def test_a_recipient_who_is_neither_sender_nor_supervisor_gets_a_reference_when_first_named() -> None:
    async with world("sqlite") as w:
        judge, clinic, counsel = (
            w.party(name)
            for name in ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff", "c-defence-defence-counsel")
        )
        case_id = await steps.register_case(judge, COURT, "docket", "CR-7")
        referral = (await steps.refer(judge, CLINIC, case_id, PERSON))["id"]
        patient = await steps.add_patient(clinic, PERSON)
        await steps.accept(clinic, referral, patient)
        own = await steps.register_case(counsel, COURT, "docket", "cr-7")
        path = reading("treatment-statuses", own, "defence_preparation")
        assert (await must(await counsel.get(path)))["items"] == []
        proposal = {
            "patient_id": patient,
            "kind": "named_disclosure",
            "referral_id": referral,
            "subject": {"name_on_form": "Sam Avery"},
            "disclosers": [CLINIC],
            "recipients": [{"org_unit": "u-defence", "role": "defence_counsel"}],
            "purposes": ["defence_preparation"],
            "elements": ["enrolment.status"],
            "expiry": {"at": "2035-01-01"},
            "statements": {"revocation": True},
        }
        await steps.sign(clinic, proposal)
        (item,) = (await must(await counsel.get(path)))["items"]
        assert item["elements"]["enrolment.status"]["value"] == "planned"
        assert item["case"]["value"] == "cr-7"
