"""A patient dies: it ends nothing, opens nothing, and of what they died nothing is kept (42 CFR 2.15(b))."""

from datetime import UTC, datetime, timedelta

import pytest

from app.routers.examples import PAPER_DISCLOSURE
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from app.vocabulary import Element
from tests.api.contract import check
from tests.api.scene import scene
from tests.service import DATABASES, run, world
from tests.storage.direct import rows

DAY = "2026-11-19"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_death_is_sealed_with_the_patient_and_changes_no_byte_for_justice(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        path = f"/v1/patients/{s.patient}"
        closed = (await s.seen()).content
        died = await s.clinic.call("PATCH", path, {"deceased_on": DAY})
        check(died, "PATCH", "/v1/patients/{patient_id}")
        assert (await must(died))["deceased_on"] == (await must(await s.clinic.get(path)))["deceased_on"] == DAY
        assert (await s.seen()).content == closed, "nobody is told of a death that no consent covers"
        stored = rows(w.settings.database_url, "SELECT sealed FROM patient")
        assert all(DAY.encode() not in bytes(sealed) for (sealed,) in stored)
        assert "deceased_on" not in await must(
            await s.clinic.call("PATCH", path, {"deceased_on": DAY, "entered_in_error": True})
        )


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_death_by_itself_ends_no_consent(kind: str) -> None:
    """Case 46: what the patient allowed goes on; whatever else is asked is answered as if there were nothing."""
    async with world(kind) as w:
        s = await scene(w)
        await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))
        consent = await s.sign()
        before = (await s.seen()).content
        await must(await s.clinic.call("PATCH", f"/v1/patients/{s.patient}", {"deceased_on": DAY}))
        assert (await s.seen()).content == before
        assert (await must(await s.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        assert await s.values() == []


@run
async def test_of_what_a_patient_died_there_is_no_place() -> None:
    """Neither with the patient nor in a report, and no element of the vocabulary could carry it."""
    async with world("sqlite") as w:
        s = await scene(w)
        body = {"deceased_on": DAY, "cause_of_death": "overdose"}
        refused = await s.clinic.call("PATCH", f"/v1/patients/{s.patient}", body)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "field_unknown")
        status = {"patient_id": s.patient, "period": week(past_mondays(1)[0]), "status": "ended"}
        filed = await s.clinic.post("/v1/treatment-statuses", status | {"cause_of_death": "overdose"})
        assert "field_unknown" in {flaw["code"] for flaw in filed.json()["errors"]}
        assert not [element for element in Element if "death" in element or "cause" in element]


@run
async def test_a_day_of_death_lies_between_birth_and_today() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        later = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
        for day in ("1991-04-11", later):
            refused = await s.clinic.call("PATCH", f"/v1/patients/{s.patient}", {"deceased_on": day})
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "deceased_on_out_of_range")
        empty = await s.clinic.call("PATCH", f"/v1/patients/{s.patient}", {})
        assert empty.json()["errors"][0]["code"] == "field_missing"


@run
async def test_only_the_patients_own_clinic_says_that_they_died() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        path, body = f"/v1/patients/{s.patient}", {"deceased_on": DAY}
        assert (await w.party("c-clinic-hillside-clinic-staff").call("PATCH", path, body)).status_code == 404
        for party in (s.judge, w.party("c-privacy-privacy-officer")):
            assert (await party.call("PATCH", path, body)).status_code == 403


@run
async def test_what_a_coroner_is_told_on_paper_stands_in_the_accounting_with_its_basis() -> None:
    """Case 47: the discloser answers an inquiry under vital-statistics law outside this service (42 CFR 2.15(b)(1))."""
    async with world("sqlite") as w:
        s = await scene(w)
        told = PAPER_DISCLOSURE | {"recipient": {"name": "County Coroner"}, "basis": "vital_statistics"}
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", told), 201)
        (row,) = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert (row["basis"], row["recipient"]["name"]) == ("vital_statistics", "County Coroner")
