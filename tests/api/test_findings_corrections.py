"""Faults found in corrections and merges. Each docstring says which law or truth is broken while it fails."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from app.sandbox import steps
from app.sandbox.cluster import as_role
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import END, MARIA, scene, signing
from tests.api.test_batches import sent, status
from tests.api.test_corrections_api import file, incidents, revoke, withdrawn
from tests.api.test_merges_api import JUDGE, NAMED, Two, sign_other, two
from tests.api.test_reports_due import due
from tests.service import DATABASES, run, world
from tests.storage.direct import change, rows

IN_2028, IN_2031 = 1_841_000_000_000_000, 1_941_000_000_000_000
BOTH = ["enrolment.status", "attendance.summary"]
FORTNIGHTLY = {"service_asked": "outpatient", "cadence": "P2W", "attendance_threshold": 2}


def later(t: Two, instant: int) -> None:
    """Put the clock of the instance forward."""
    change(t.w.settings.database_url, f"UPDATE clock_floor SET at = {instant}")


@pytest.mark.parametrize("hidden", [False, True])
@run
async def test_a_newer_report_that_a_unit_may_not_read_hides_no_stub(hidden: bool) -> None:
    """Non-interference; GDPR 19, LED 7(3). The court read ``paused`` of week 1, then the consent was revoked. Week 1 is
    corrected. A report of week 2, filed after the revocation and never to be seen, decides whether the stub comes."""
    async with world("sqlite") as w:
        s = await scene(w)
        first, second = past_mondays(2)
        filed = await file(s, first, ("missed",), status="paused")
        await s.sign(elements=["enrolment.status"])
        ((_, read),) = await s.values()
        assert read["enrolment.status"] == "paused"
        await revoke(s)
        if hidden:
            await file(s, second, ("attended",))
        await file(s, first, ("missed",), supersedes=filed)
        assert len(await withdrawn(s)) == 1


@pytest.mark.parametrize("hidden", [False, True])
@run
async def test_a_later_week_of_the_same_window_hides_no_stub(hidden: bool) -> None:
    """The same of a window of two weeks: what was read came of its first week alone, and that was wrong."""
    async with world("sqlite") as w:
        s = await scene(w, conditions=FORTNIGHTLY)
        await s.sign(elements=["progress.engagement"], records_from=past_mondays(6)[0].isoformat())
        start = date.fromisoformat((await s.values())[0][0])
        filed = await file(s, start, ("missed",), engagement="low")
        assert (await s.values())[0][1] == {"progress.engagement": "low"}
        await revoke(s)
        if hidden:
            await file(s, start + timedelta(days=7), ("attended",), engagement="good")
        await file(s, start, ("missed",), engagement="moderate", supersedes=filed)
        assert len(await withdrawn(s)) == 1


@run
async def test_a_stub_does_not_depend_on_the_length_of_the_page() -> None:
    """D2: two people in one case, a value of the second is taken out. Whoever reads in short pages is never told: on
    the first page the item is taken for readable without its value being looked at, and no later page has stubs."""
    async with world("sqlite") as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.dates", "attendance.summary"])
        await sign_other(t, elements=["enrolment.dates", "attendance.summary"])
        monday, begun = past_mondays(2)[0], {"start": "2026-01-05"}
        for s in (t.one, t.other):
            text = "SELECT id FROM message WHERE kind = 'treatment_status' AND first_day > 0 AND superseded_by IS NULL"
            ((first,),) = rows(w.settings.database_url, f"{text} AND patient_id = '{s.patient}'")
            body = status(s.patient, monday, supersedes=first, dates=begun)
            with_dates = (await must(await s.clinic.post("/v1/treatment-statuses", body), 201))["id"]
            await t.one.seen()
            body = status(s.patient, monday, supersedes=with_dates)
            await must(await s.clinic.post("/v1/treatment-statuses", body), 201)
        whole, paged, place = await withdrawn(t.one), list[str](), {"limit": "1"}
        while True:
            page = await must(await t.one.seen(None, **place))
            paged += [one["id"] for one in page.get("withdrawn", ())]
            if "next" not in page:
                break
            place["after"] = page["next"]
        assert len(whole) == 2 and sorted(paged) == sorted(whole)


@run
async def test_a_read_that_came_before_the_gate_of_a_batch_settles_nothing() -> None:
    """LED 7(3): wrong bytes and no stub. An item's clock stands still, so its withdrawal is stamped with an instant
    before the gate; a read in between, of the value that is then corrected, counts as one that showed it put right."""
    async with world("postgresql") as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        first = await file(s, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary"])
        await s.seen()
        second = await file(s, monday, ("attended", "attended"), supersedes=first)
        with psycopg.connect(as_role(w.settings.database_url)) as held:
            held.execute("SELECT * FROM feed_mark FOR UPDATE")  # the item waits here, with its clock read
            filing = asyncio.create_task(sent(s.clinic, [status(s.patient, monday, supersedes=second)]))
            await asyncio.sleep(0.5)
            assert dict(await s.values())[monday.isoformat()]["attendance.summary"]["attended"] == 2
            held.rollback()
        assert [result["status"] for result in await filing] == [201]
        await revoke(s)
        assert len(await withdrawn(s)) == 1


@run
async def test_an_unmerge_below_the_top_leaves_nothing_in_the_other_case() -> None:
    """Domain rules, case 48: B was merged into A and A into C. When B is taken out again, C's reports must leave the
    case of B's referral; only A's do, and the draft of the incident names nobody who read C's."""
    async with world("sqlite") as w:
        t = await two(w)
        top = replace(t.one, patient=await steps.add_patient(t.one.clinic, MARIA))
        await steps.report(top.clinic, top.patient, past_mondays(2)[0], ("attended", "attended"))
        await must(await t.merge(t.one, t.other))
        await must(await t.merge(top, t.one))
        signed = replace(t.other, patient=top.patient)
        await signed.sign(elements=BOTH, records_from=past_mondays(2)[0].isoformat())
        assert await t.one.values()
        await must(await t.merge(t.one, t.other, "unmerge"))
        assert {str(values) for _, values in await t.one.values()} <= {"{'attendance.summary': 'insufficient_data'}"}
        (draft,) = await incidents(t.one.clinic)
        assert [told["recipient"] for told in draft["recipients"]] == [JUDGE]


@run
async def test_what_was_read_of_the_wrong_person_is_withdrawn_when_a_merge_is_undone() -> None:
    """Domain rules, case 48 (GDPR 19, LED 7(3)): the court holds A's enrolment as B's. It is told nothing at all."""
    async with world("sqlite") as w:
        t = await two(w)
        await must(await t.merge(t.one, t.other))
        signed = replace(t.other, patient=t.one.patient)
        await signed.sign(elements=["enrolment.status"])
        (item,) = (await must(await t.one.seen()))["items"]
        await must(await t.merge(t.one, t.other, "unmerge"))
        assert item["id"] in await withdrawn(t.one)


@run
async def test_an_answer_given_while_merged_does_not_outlive_the_merge() -> None:
    """Accuracy (LED 7(2)): after the merge is undone the clinic declines the referral, and the court still reads
    ``accepted``: the answer stayed with the other record, where nothing can correct it. Reports stay due as well."""
    async with world("sqlite") as w:
        t = await two(w)
        await must(await t.merge(t.one, t.other))
        path = f"/v1/referrals/{t.other.referral}"
        await must(await t.one.clinic.post(f"{path}/response", {"decision": "accepted"}), 201)
        signed = replace(t.other, patient=t.one.patient)
        await signed.sign(elements=["referral.decision"], purposes=["referral_coordination"])
        await must(await t.merge(t.one, t.other, "unmerge"))
        await must(await t.one.clinic.post(f"{path}/response", {"decision": "declined"}), 201)
        read = (await must(await t.one.judge.get(path))).get("decision", {}).get("value", {}).get("decision")
        owed = [one for one in await due(t.one) if one["referral_id"] == t.other.referral]
        assert (read in (None, "declined"), owed) == (True, [])


@run
async def test_a_pending_revocation_of_one_record_ends_both() -> None:
    """Domain rules, case 49: a date that ends one of two consents ends both. A revocation that takes effect on a date
    (42 CFR 2.35(c)) is one; the other record's consent goes on for years."""
    async with world("sqlite") as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status"])
        made = t.other.cjs(elements=["enrolment.status"], subject=NAMED, recipients=[JUDGE])
        await steps.sign(t.other.clinic, made | {"revocable_from": {"at": "2031-06-30"}, "expiry": {"at": END}})
        path = f"/v1/patients/{t.other.patient}/revocations"
        await must(await t.other.clinic.post(path, {"all": True}), 202)
        await must(await t.merge(t.one, t.other))
        later(t, IN_2031)
        assert await t.elements() == []


@run
async def test_a_consent_that_is_to_be_superseded_counts_until_then() -> None:
    """Domain rules, case 49: from 2027 on the second record's consent allows the status alone, the first one more."""
    async with world("sqlite") as w:
        t = await two(w)
        await t.one.sign(elements=BOTH)
        old = await sign_other(t, elements=BOTH)
        await sign_other(t, elements=["enrolment.status"], supersedes=[old], effective_from="2027-06-30")
        await must(await t.merge(t.one, t.other))
        later(t, IN_2028)
        assert all("attendance.summary" not in read for read in await t.elements())


@run
async def test_a_form_signed_before_the_merge_is_not_signed_again() -> None:
    """Domain rules, case 49: effective is the intersection until re-signed. A form that the patient signed before the
    merge, completed by the clerk after it, gives what the other record's consent does not."""
    async with world("sqlite") as w:
        t = await two(w)
        consent = (await must(await t.one.clinic.post("/v1/consents", t.one.form(elements=BOTH)), 201))["id"]
        path = f"/v1/consents/{consent}/signatures"
        await must(await t.one.clinic.post(path, signing(copy_given_at=None)), 201)
        await sign_other(t, elements=["enrolment.status"])
        await must(await t.merge(t.one, t.other))
        await t.one.clinic.post(path, {"copy_given_at": datetime.now(UTC).isoformat()})
        assert all("attendance.summary" not in read for read in await t.elements())


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_late_event_that_brings_a_revocation_into_force_is_an_incident(kind: str) -> None:
    """42 CFR 2.35(c), 2.16: final disposition brings a pending revocation into force when it occurred. What left from
    then until it was entered is drafted only where the event also ends the consent."""
    async with world(kind) as w:
        s = await scene(w)
        await file(s, past_mondays(2)[0], ("attended",))
        await steps.sign(s.clinic, s.cjs(elements=["enrolment.status"]) | {"expiry": {"at": END}})
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}), 202)
        event = {"code": "final_disposition", "occurred_at": datetime.now(UTC).isoformat()}
        await asyncio.sleep(0.01)
        assert await s.values()
        await must(await s.judge.post(f"/v1/cases/{s.case_id}/events", event), 202)
        assert await s.values() == []
        assert [draft["kind"] for draft in await incidents(s.clinic)] == ["late_case_event"]
