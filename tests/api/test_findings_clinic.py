"""Faults found in a clinic's daily use. Each docstring says which law or truth is broken while it fails."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.sandbox import steps
from app.sandbox.cluster import as_role
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import COURT, END, MARIA, Scene, scene, signing
from tests.api.test_accounting import listed, told
from tests.api.test_batches import sent, status
from tests.api.test_corrections_api import file, incidents, retract
from tests.api.test_reports_due import accepted_weeks_ago, due
from tests.service import DATABASES, ROOT, run, world
from tests.storage.direct import rows

BOTH = ["enrolment.status", "attendance.summary"]


async def tell(s: Scene, consent: str, **changes: Any) -> None:
    """Record that something was told on paper just now, under a consent."""
    body = told(basis="consent", consent_id=consent, at=datetime.now(UTC).isoformat(), **changes)
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", body), 201)


@pytest.mark.parametrize("act", ["correct", "retract", "batch"])
@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_also_told_on_paper_can_be_put_right(kind: str, act: str) -> None:
    """GDPR 16 and 19, LED 7(3): one letter in the accounting, and each correction or retraction of what it told is a
    500 and rolled back. The court goes on reading what the clinic knows is wrong; a batch with it is poisoned whole."""
    async with world(kind) as w:
        s = await scene(w)
        first, second = past_mondays(2)
        filed = await file(s, first, ("missed", "missed"), status="paused")
        await tell(s, await s.sign(elements=BOTH), elements=BOTH)
        right = status(s.patient, first, supersedes=filed)
        if act == "retract":
            await must(await retract(s, "treatment-statuses", filed, "wrong_patient"))
            assert dict(await s.values())[first.isoformat()] == {"attendance.summary": "insufficient_data"}
        elif act == "correct":
            await must(await s.clinic.post("/v1/treatment-statuses", right), 201)
        else:
            results = await sent(s.clinic, [right, status(s.patient, second)])
            assert [result["status"] for result in results] == [201, 201]


@run
async def test_what_was_told_on_paper_after_the_revocation_came_in_is_an_incident() -> None:
    """42 CFR 2.16; domain rules 1.10: a disclosure under a consent that was revoked is a candidate, whatever its way.
    The letter's role is empty, so ``late_revocations._is_to`` never matches it."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await s.sign(elements=BOTH)
        received = datetime.now(UTC).isoformat()
        await asyncio.sleep(0.01)
        await tell(s, consent, recipient={"unit_id": COURT})
        path = f"/v1/patients/{s.patient}/revocations"
        await must(await s.clinic.post(path, {"all": True, "received_at": received}))
        assert [draft["kind"] for draft in await incidents(s.clinic)] == ["late_revocation"]


@run
async def test_who_already_received_it_is_told_by_name() -> None:
    """GDPR 19, design 5: who already received what. Of a letter to an office the answer says ``outside``, which is
    neither a unit nor a name; two such offices become one."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await s.sign(elements=BOTH)
        for name in ("County Attorney", "Housing Office"):
            await tell(s, consent, recipient={"name": name})
        answer = await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True})
        for name in ("County Attorney", "Housing Office"):
            assert name in answer.text
        assert '"outside"' not in answer.text


@run
async def test_a_letter_of_long_ago_stands_in_the_accounting() -> None:
    """42 CFR 2.25: ledger rows are accounting rows. It was acknowledged with 201, and no list ever shows it."""
    async with world("sqlite") as w:
        s = await scene(w)
        body = told(at="1969-11-24T09:00:00Z")
        answer = await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", body)
        shown = [row["first_at"] for row in await listed(s)]
        assert answer.status_code == 422 or shown == ["1969-11-24T09:00:00Z"]


@pytest.mark.parametrize("language", ["en", "es"])
@run
async def test_a_row_of_the_feed_is_a_sentence(language: str) -> None:
    """42 CFR 2.25, 45 CFR 164.528(b): a brief description of what was disclosed. The patient reads "read: , in"."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(elements=BOTH)
        await file(s, past_mondays(2)[0], ("attended",))
        assert (await must(await s.judge.get("/v1/events")))["items"]
        found = await listed(s, f"?lang={language}")
        assert found
        for row in found:
            assert ": ," not in row["sentence"], row["sentence"]


@run
async def test_what_the_feed_told_is_found_by_its_kind() -> None:
    """The accounting of treatment statuses leaves out that the court was told of them; its kind cannot be asked for."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(elements=BOTH)
        await file(s, past_mondays(2)[0], ("attended",))
        await s.judge.get("/v1/events")
        kinds = {row["kind"] for row in await listed(s)}
        assert kinds
        for kind in kinds:
            answer = await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?kind={kind}")
            assert answer.status_code == 200 and answer.json()["items"], kind


@run
async def test_a_refusal_for_the_moment_is_not_kept_for_a_month() -> None:
    """An item that met another request about its identifier is told to be repeated shortly. The other request failed,
    the batch is repeated under its key, and the report is never filed: the 409 is replayed for 30 days."""
    async with world("postgresql") as w:
        s = await scene(w)
        other = await steps.add_patient(s.clinic, MARIA)
        good = status(s.patient, past_mondays(1)[0], identifier={"system": "urn:ehr", "value": "w-1"})
        bad = good | {"patient_id": other, "sessions": [{"date": "2020-01-01", "outcome": "missed"}]}
        with psycopg.connect(as_role(w.settings.database_url)) as held:
            # The first request waits here, with its identifier held; a batch takes its own patients before identifiers.
            held.execute("SELECT * FROM patient WHERE id = %s FOR UPDATE", (other,))
            first = asyncio.create_task(s.clinic.post("/v1/treatment-statuses", bad))
            await asyncio.sleep(0.5)
            (met,) = await sent(s.clinic, [good], Idempotency_Key='"k-1"')
            held.rollback()
        assert ((await first).status_code, met["problem"]["code"]) == (422, "idempotency_in_flight")
        (again,) = await sent(s.clinic, [good], Idempotency_Key='"k-1"')
        assert again["status"] == 201


@run
async def test_what_is_overdue_stays_due_when_the_appointment_moves() -> None:
    """Issue 4, item 6: three weeks are overdue. The clinic corrects the appointment in its answer, still accepted, and
    they are gone: the grid of what is due begins with the latest answer."""
    async with world("sqlite") as w:
        s = await scene(w)
        accepted_weeks_ago(s, 3)
        before = await due(s)
        text = "SELECT message_id FROM element_row WHERE element = 'referral.decision' AND live = 1"
        ((first,),) = rows(w.settings.database_url, text)
        start = (datetime.now(UTC) + timedelta(days=9)).replace(microsecond=0).isoformat()
        body = {"decision": "accepted", "appointment": {"start": start, "site": "Site 2"}, "supersedes": first}
        await must(await s.clinic.post(f"/v1/referrals/{s.referral}/response", body), 201)
        assert await due(s) == before


async def amended_before_signature(s: Scene, form: dict[str, Any], change_: dict[str, Any]) -> int:
    """The status of a signature that comes after the court amended its referral."""
    consent = (await must(await s.clinic.post("/v1/consents", form), 201))["id"]
    await must(await s.judge.post(f"/v1/referrals/{s.referral}/amendments", change_), 201)
    return (await s.clinic.post(f"/v1/consents/{consent}/signatures", signing())).status_code


@run
async def test_a_unit_that_no_longer_supervises_gets_no_2_35_consent() -> None:
    """42 CFR 2.35(a), design 5 (supervisors are copied in at signature): adult probation was taken off before the
    patient signed, a new form would be refused (``role_outside_2_35``), and this one makes it read."""
    async with world("sqlite") as w:
        s = await scene(w)
        await amended_before_signature(s, s.cjs(elements=["enrolment.status"]), {"supervising_units": []})
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        assert await s.values(officer, case=own) == []


@run
async def test_a_consent_cannot_become_irrevocable_beyond_the_final_disposition() -> None:
    """42 CFR 2.35(c): the disposition was moved to 2027 before the patient signed; the consent binds her until 2035."""
    async with world("sqlite") as w:
        s = await scene(w)
        form = s.cjs(elements=["enrolment.status"]) | {"revocable_from": {"at": END}, "expiry": {"at": END}}
        assert await amended_before_signature(s, form, {"final_disposition_due": "2027-01-31"}) in (409, 422)


def test_both_pages_can_be_followed_in_one_checkout(tmp_path: Path) -> None:
    """A first hour: the court's page sends its reader to the clinic's, which begins with a key that is there already.
    The very first command ends with a traceback; it should say in a line that the key is kept, or what to do."""
    command = [sys.executable, str(ROOT / "examples" / "make_key.py"), "clinic"]
    subprocess.run(command, cwd=tmp_path, check=True)
    again = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True, text=True)
    assert "Traceback" not in again.stderr
