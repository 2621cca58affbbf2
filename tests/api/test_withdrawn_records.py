"""Stubs, letters and late revocations: whom they reach, what is recorded of them, what a person still has to do."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.exchange.sequencing import audit, sequence
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import COURT, MONITOR, scene, signing
from tests.api.test_accounting import listed, told
from tests.api.test_corrections_api import file, incidents, retract, revoke, rows, withdrawn
from tests.api.test_feed import pull
from tests.api.test_feed import told as entries
from tests.api.test_findings_scale_incidents import _received
from tests.service import DATABASES, run, world
from tests.storage.direct import count


def _ago(minutes: float) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).replace(microsecond=0).isoformat()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_letter_that_told_what_was_wrong_is_put_right_by_hand(kind: str) -> None:
    """One draft names its recipient; a letter that told nothing of what changed is in none."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        path = f"/v1/patients/{s.patient}/disclosures"
        now = datetime.now(UTC).isoformat()
        await must(await s.clinic.post(path, told(at=now)), 201)
        wrong = told(at=now, elements=["attendance.summary"], channel="phone", recipient={"unit_id": COURT})
        await must(await s.clinic.post(path, wrong), 201)
        second = await file(s, monday, ("attended", "missed"), supersedes=filed)
        (draft,) = await incidents(s.clinic)
        assert (draft["kind"], draft["message_id"]) == ("told_outside", filed)
        (row,) = draft["recipients"]
        assert (row["recipient"], row["channel"], row["elements"]) == (
            {"org_unit": COURT},
            "phone",
            ["attendance.summary"],
        )
        assert rows(w) == 0, "nothing is withdrawn of which nothing was read"
        await must(await s.clinic.post(path, told(elements=["attendance.summary"])), 201)
        await must(await retract(s, "treatment-statuses", second, "wrong_patient"))
        _, apart = await incidents(s.clinic)
        assert apart["kind"] == "wrong_patient"
        named = [one["recipient"] for one in apart["recipients"]]
        assert {"org_unit": COURT} in named


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_person_who_was_named_hears_it_and_settles_it(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        named = [{"org_unit": COURT, "role": "judge", "person": "jdg-8"}]
        await s.sign(recipients=named, elements=["attendance.summary"])
        path = f"/v1/treatment-statuses?case={s.case_id}&purpose={MONITOR}"

        async def seen(person: str) -> dict[str, Any]:
            return await must(await s.judge.get(path, Acting_User=f'"{person}"'))

        await seen("jdg-8")
        second = await file(s, monday, ("attended", "attended"), supersedes=filed)
        await seen("jdg-9")
        assert count(w.settings.database_url, "withdrawal", "settled = 1") == 0
        await seen("jdg-8")
        await seen("jdg-8")
        assert count(w.settings.database_url, "withdrawal", "settled = 1") == 1
        await file(s, monday, ("attended", "missed"), supersedes=second)
        await revoke(s)
        assert len((await seen("jdg-8"))["withdrawn"]) == 1
        assert "withdrawn" not in await seen("jdg-9") and await withdrawn(s) == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_accounting_says_that_an_item_was_taken_back(kind: str) -> None:
    """A row of its own with a plain sentence in each language and in the table; the log stays whole."""
    async with world(kind) as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        await s.seen()
        await revoke(s)
        await file(s, monday, ("attended", "attended"), supersedes=filed)
        (item,) = await withdrawn(s)
        await s.seen()
        (row,) = await listed(s, "?kind=withdrawn")
        assert (row["basis"], row["elements"], row["times"]) == ("correction", [], 2)
        assert "consent_id" not in row and "obligations" not in row and item not in str(row)
        assert "no longer to rely on something that was read, in case docket CR-2026-0417" in row["sentence"]
        (spanish,) = await listed(s, "?kind=withdrawn&lang=es")
        assert "ya no se fíe" in spanish["sentence"]
        table = (await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?format=csv&kind=withdrawn")).text
        (line,) = csv.DictReader(io.StringIO(table, newline=""))
        assert (line["basis"], line["sentence"]) == ("correction", row["sentence"])
        assert await sequence(w.hub) == count(w.settings.database_url, "disclosure")
        assert (await audit(w.hub)).lie is None


@run
async def test_an_entry_about_a_stub_alone_is_recorded() -> None:
    """Of an assessment that was retracted whole the feed says only that there is something to read: a disclosure."""
    async with world("sqlite") as w:
        s = await scene(w)
        made = {"patient_id": s.patient, "assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment"}
        filed = await must(await s.clinic.post("/v1/assessments", made | {"need_indicated": "yes"}), 201)
        await s.sign(elements=["clinical.need_indicated"])
        await s.seen(kind="assessments")
        first = await pull(s.judge)
        await must(await retract(s, "assessments", filed["id"]))
        before = len(await listed(s))
        assert entries(await pull(s.judge, first["next"])) == [("assessment", MONITOR)]
        told_of = await listed(s, "?kind=event:assessment")
        assert len(await listed(s)) == before + 1
        assert [row["basis"] for row in told_of] == ["consent", "correction"]
        assert all("an assessment of you" in row["sentence"] for row in told_of)


@run
async def test_a_late_revocation_counts_what_was_taken_in_part_meanwhile() -> None:
    """What the desk took in part since then is in the draft as well; what another consent allowed then is not."""
    async with world("sqlite") as w:
        s = await scene(w)
        await file(s, past_mondays(1)[0], ("attended", "missed"))
        taken = await s.sign(elements=["enrolment.status", "attendance.summary"])
        other = await s.sign(elements=["enrolment.status"], additional=True)
        received = await _received()
        await s.values()
        revocations = f"/v1/patients/{s.patient}/revocations"
        await must(await s.clinic.post(revocations, {"consents": [taken], "elements": ["attendance.summary"]}))
        await must(await s.clinic.post(revocations, {"consents": [other]}))
        late = {"consents": [taken], "received_at": received, "channel": "written"}
        answer = await must(await s.clinic.post(revocations, late))
        assert [one["consent_id"] for one in answer["consents"]] == [taken]
        (draft,) = await incidents(s.clinic)
        assert draft["id"] == answer["incident_id"]
        elements = {element for one in draft["recipients"] for element in one["elements"]}
        assert elements == {"attendance.summary"}
        again = await must(await s.clinic.post(revocations, late))
        assert again["consents"] == [] and "incident_id" not in again


@run
async def test_a_form_that_was_signed_before_the_letter_is_taken_whatever_start_it_states() -> None:
    """The start on the form is no signature: a letter between the two is the later word."""
    async with world("sqlite") as w:
        s = await scene(w)
        form = s.form(effective_from=_ago(10))
        consent = (await must(await s.clinic.post("/v1/consents", form), 201))["id"]
        given = signing()
        given["signatures"][0]["signed_at"] = given["capacity"]["at"] = given["notice_given"]["at"] = _ago(30)
        signed = await must(await s.clinic.post(f"/v1/consents/{consent}/signatures", given), 201)
        assert signed["state"] == "active"
        path = f"/v1/patients/{s.patient}/revocations"
        assert (await must(await s.clinic.post(path, {"all": True, "received_at": _ago(40)})))["consents"] == []
        taken = await must(await s.clinic.post(path, {"all": True, "received_at": _ago(20)}))
        assert [one["consent_id"] for one in taken["consents"]] == [consent]
        assert (await must(await s.seen()))["items"] == []
