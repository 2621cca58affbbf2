"""Findings: what the feed, the search and the report tell too little, too much, or the wrong patient of."""

import asyncio
from typing import Any, Final

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.scene import CLINIC, COURT, MARIA, MONITOR, Scene, refer, scene
from tests.api.test_feed import pull, told
from tests.service import run, world
from tests.storage.direct import change

HILLSIDE: Final = "u-clinic-hillside"


async def _elsewhere(s: Scene) -> Scene:
    """The same person is treated at another clinic as well, referred there in the same case."""
    clinic = s.w.party("c-clinic-hillside-clinic-staff")
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    sent = await steps.refer(s.judge, HILLSIDE, s.case_id, MARIA, stage="trial", conditions=asked)
    patient = await steps.add_patient(clinic, MARIA)
    await steps.accept(clinic, sent["id"], patient)
    return Scene(s.w, s.judge, clinic, s.case_id, sent["id"], patient)


async def _both_sign(s: Scene, weeks: int) -> tuple[Scene, str, str]:
    """The scene at the other clinic, and a consent at each to the last ``weeks`` weeks."""
    other, since = await _elsewhere(s), past_mondays(weeks)[0].isoformat()
    return other, await s.sign(records_from=since), await other.sign(records_from=since, disclosers=[HILLSIDE])


async def _revoke(s: Scene, **body: Any) -> None:
    await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", body or {"all": True}))


@run
async def test_a_case_with_two_clinics_is_told_of_both() -> None:
    """Design 5: the report is the whole case on one page, a search entry the newest windows of the single read.

    The limit on windows is spent on the first clinic; of the second not even the current item is there, and no cursor
    says so: a court takes the patient's second treatment, allowed in writing, for none.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await _both_sign(s, 25)
        report = await must(await s.judge.get(f"/v1/cases/{s.case_id}/report?purpose={MONITOR}"))
        asked = {"cases": [s.case_id], "purpose": MONITOR}
        found = await must(await s.judge.post("/v1/treatment-statuses/search", asked))
        for items in ((await must(await s.seen()))["items"], found["results"][0]["items"], report["items"]):
            assert len({item["discloser"] for item in items if "period" not in item}) == 2


@run
async def test_the_end_of_one_consent_is_no_news_of_another() -> None:
    """Design 6: revocations make no entry. The feed looks at 60 windows of a case, whosever they are: when the consent
    that stood first is revoked, what stood behind it comes into sight and takes a number.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        other, _, _ = await _both_sign(s, 65)
        first = await pull(s.judge)
        ahead = (await must(await s.seen()))["items"][0]["discloser"]
        await _revoke(s if ahead == "Treatment provider A" else other)
        assert told(await pull(s.judge, first["next"])) == []


@run
async def test_a_coarser_step_that_is_left_is_no_news() -> None:
    """Design 6: grants make entries, revocations make none. The counts are taken back, and the yes or no, allowed all
    the while by another consent, leaves in their place: nothing new is said, and yet there is an entry with a number.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"))
        fine = await s.sign(elements=["attendance.summary"])
        await s.sign(elements=["attendance.compliant"], additional=True)
        first = await pull(s.judge)
        await _revoke(s, consents=[fine])
        assert told(await pull(s.judge, first["next"])) == []


@run
async def test_a_stub_that_a_revocation_brings_is_no_news() -> None:
    """Design 6, D2: never for a revocation alone. The stub of what was corrected before first shows when a part of the
    consent is taken back; the feed counts it as news and so tells of the revocation.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        filed = await steps.report(s.clinic, s.patient, monday, ("missed", "missed"))
        await s.sign(elements=["attendance.summary", "enrolment.status"])
        await s.seen()
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"), supersedes=filed)
        first = await pull(s.judge)
        await _revoke(s, elements=["attendance.summary", "attendance.compliant"])
        assert told(await pull(s.judge, first["next"])) == []


@run
async def test_a_stub_is_news_of_its_own_kind() -> None:
    """Design 6: an entry is due iff the digest of that view differs. The stub of a status is counted in every kind."""
    async with world("sqlite") as w:
        s = await scene(w)
        monday = past_mondays(2)[0]
        await steps.assess(s.clinic, s.patient, past_mondays(1)[0])
        filed = await steps.report(s.clinic, s.patient, monday, ("missed", "missed"))
        old = await s.sign(elements=["attendance.summary"])
        await s.sign(elements=["clinical.need_indicated"], additional=True)
        await s.seen()
        await _revoke(s, consents=[old])
        first, assessed = await pull(s.judge), await must(await s.seen(kind="assessments"))
        await steps.report(s.clinic, s.patient, monday, ("attended", "attended"), supersedes=filed)
        assert await must(await s.seen(kind="assessments")) == assessed
        assert told(await pull(s.judge, first["next"])) == []


@run
async def test_a_retraction_is_news_to_who_may_still_read() -> None:
    """GDPR 19, LED 7(3), case 48: a correction reaches the recipients still entitled. A nightly sync reads only cases
    with news: of an assessment of the wrong patient, retracted whole, it is never told, though the consent stands.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        made = {"patient_id": s.patient, "assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment"}
        filed = await must(await s.clinic.post("/v1/assessments", made | {"need_indicated": "yes"}), 201)
        await s.sign(elements=["clinical.need_indicated"])
        await s.seen(kind="assessments")
        first = await pull(s.judge)
        path = f"/v1/assessments/{filed['id']}/retraction"
        await must(await s.clinic.post(path, {"reason": "wrong_patient"}))
        assert told(await pull(s.judge, first["next"])) == [("assessment", MONITOR)]


@run
async def test_an_entry_is_accounted_to_the_patient_it_is_about() -> None:
    """42 CFR 2.25, 2.13(c): each disclosure stands in its own patient's accounting. An entry about two records is put
    down to the first: its clinic reads the other clinic's consent_id, whose own accounting has no row.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        other, here, there = await _both_sign(s, 2)
        await pull(s.judge)
        for one, consent in ((s, here), (other, there)):
            account = (await must(await one.clinic.get(f"/v1/patients/{one.patient}/disclosures")))["items"]
            assert [row["consent_id"] for row in account] == [consent]


@run
async def test_an_entry_is_a_plain_sentence() -> None:
    """Design 5: the accounting has a plain sentence a row. The patient reads "(judge) read: , in case docket …"."""
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign()
        await pull(s.judge)
        (row,) = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert "read: ," not in row["sentence"]


@run
async def test_a_cursor_is_of_one_person() -> None:
    """Design 6: due is what differs from what was released. A reader is a unit, a role and a person, each with its own
    numbers; the cursor forgets the person, so with another Acting-User it stands past news that this reader was
    never told.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        await s.sign(elements=["enrolment.status"])
        first = await pull(s.judge)
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"))
        answer = await s.judge.get(f"/v1/events?after={first['next']}", Acting_User='"jdg-8"')
        assert answer.status_code == 422 or answer.json()["items"] != []


@run
async def test_an_entry_passed_over_is_told_once_it_may_be_read_again() -> None:
    """Design 6: due is what differs from what was released. An answer is lost on the way; on the next try an entry is
    passed over, its consent being revoked, while its digest stands: signed again, it counts as told and never is.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        cases = {s.case_id: s.referral}
        for number in range(2):
            case_id = await steps.register_case(s.judge, COURT, "docket", f"CR-{number}")
            cases[case_id] = await refer(s.judge, case_id)
            await steps.accept(s.clinic, cases[case_id], s.patient)
        first, second, _ = sorted(cases)
        signed = {one: await s.sign(referral_id=cases[one], elements=["enrolment.status"]) for one in cases}
        assert len((await pull(s.judge))["items"]) == 3, "this answer is lost"
        page = await pull(s.judge, limit="1")
        await _revoke(s, consents=[signed[second]])
        await steps.assess(s.clinic, s.patient, past_mondays(1)[0])
        await s.sign(referral_id=cases[first], elements=["clinical.need_indicated"], additional=True)
        page = await pull(s.judge, page["next"], limit="1")
        await s.sign(referral_id=cases[second], elements=["enrolment.status"])
        assert second in {entry["case_id"] for entry in (await pull(s.judge, page["next"]))["items"]}


@run
async def test_the_report_has_every_answer() -> None:
    """Design 5: all kinds of the case on one page. Of two referrals to one clinic, each with its consent, one answer is
    shown, whichever consent has the smaller id; the other one makes no news either.
    """
    async with world("sqlite") as w:
        s = await scene(w)
        second = await refer(s.judge, s.case_id)
        await steps.match(s.clinic, second, s.patient)
        await must(await s.clinic.post(f"/v1/referrals/{second}/response", {"decision": "not_reached"}), 201)
        for one in (s.referral, second):
            await s.sign(elements=["referral.decision"], referral_id=one, additional=True)
        report = await must(await s.judge.get(f"/v1/cases/{s.case_id}/report?purpose={MONITOR}"))
        shown = {item["elements"]["referral.decision"]["value"]["decision"] for item in report["items"]}
        assert shown == {"accepted", "not_reached"}


@run
async def test_a_pull_of_many_cases_gets_somewhere_while_one_is_corrected() -> None:
    """Design 3: unrelated writes cause no endless retry, and a status never tells that somebody's record is changing.
    A pull decides every case that is due in one transaction: on a Monday it is undone whole by one correction,
    unseen by the court, of anybody in it, four times over, and is 503; the attempt under the exclusive lock reads
    before it locks.
    """
    async with world("postgresql") as w:
        s = await scene(w)
        for number in range(60):
            name = {"type": "docket", "value": f"ALIAS-{number}"}
            await must(await s.judge.post(f"/v1/cases/{s.case_id}/identifiers", name), 202)
            await steps.register_case(s.judge, COURT, "docket", name["value"])
        await s.sign(records_from=past_mondays(60)[0].isoformat())
        other = await steps.register_case(s.judge, COURT, "docket", "OTHER")
        ruth = await steps.add_patient(s.clinic, MARIA | {"given_name": "Ruth"})
        sent = await steps.refer(s.judge, CLINIC, other, MARIA | {"given_name": "Ruth"})
        await steps.accept(s.clinic, sent["id"], ruth)
        await steps.sign(s.clinic, s.form(patient_id=ruth, referral_id=sent["id"], elements=["enrolment.status"]))
        after = (await pull(s.judge, limit="200"))["next"]
        change(w.settings.database_url, "UPDATE feed_seen SET due_at = 0")

        async def correct() -> None:
            filed = await steps.report(s.clinic, ruth, past_mondays(1)[0], ())
            while True:
                change_of_plan = {"period": week(past_mondays(1)[0]), "supersedes": filed, "plan_change": "adjust"}
                filed = await steps.report(s.clinic, ruth, past_mondays(1)[0], (), **change_of_plan)
                await asyncio.sleep(0.04)

        correcting = asyncio.create_task(correct())
        answers = [(await s.judge.get(f"/v1/events?after={after}")).status_code for _ in range(3)]
        correcting.cancel()
        assert answers != [503] * 3
