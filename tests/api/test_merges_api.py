"""Two records of one person, merged and apart again: no consent moves, and what is left is what both allow."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays, week
from tests.api.contract import check
from tests.api.scene import COURT, END, MARIA, PROBATION, Scene, refer, scene, signing
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change

LOPES: Final = MARIA | {"sur_name": "Lopes"}
JUDGE: Final = {"org_unit": COURT, "role": "judge"}
NAMED: Final = {"name_on_form": "Maria Lopes"}


@dataclass
class Two:
    """The scene of Maria Lopez and that of Maria Lopes, who is the same person under a misspelt name."""

    w: World
    one: Scene
    other: Scene

    async def merge(self, survivor: Scene, merged: Scene, act: str = "merge") -> httpx.Response:
        """Merge (or unmerge) the second record into the first; held against the contract."""
        path = f"/v1/patients/{survivor.patient}/{act}"
        answer = await survivor.clinic.post(path, {"merged": merged.patient})
        check(answer, "POST", f"/v1/patients/{{patient_id}}/{act}")
        return answer

    async def elements(self) -> list[set[str]]:
        """Elements of the current and windowed items that the judge reads, for each subject reference."""
        found: dict[str, set[str]] = {}
        for item in (await must(await self.one.seen()))["items"]:
            found.setdefault(item["subject_ref"], set()).update(item["elements"])
        return sorted(found.values(), key=sorted)


async def two(w: World) -> Two:
    """Both referred in one case, accepted, with a week reported."""
    one = await scene(w)
    sent = await steps.refer(
        one.judge,
        "u-clinic-harbor",
        one.case_id,
        LOPES,
        stage="trial",
        conditions={"service_asked": "outpatient"},
        condition_imposed=True,
        supervising_units=[PROBATION],
        final_disposition_due=END,
    )
    patient = await steps.add_patient(one.clinic, LOPES)
    await steps.accept(one.clinic, sent["id"], patient)
    other = replace(one, referral=sent["id"], patient=patient)
    for each in (one, other):
        await steps.report(each.clinic, each.patient, past_mondays(2)[0], ("attended", "attended"))
    return Two(w, one, other)


async def sign_other(t: Two, **changes: Any) -> str:
    """A consent of the second record."""
    return await t.other.sign(subject=NAMED, **changes)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_both_allow_goes_on_and_the_rest_is_taken_back(kind: str) -> None:
    """Domain rules, case 49."""
    async with world(kind) as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status", "attendance.summary"])
        await sign_other(t, elements=["enrolment.status", "enrolment.dates", "attendance.compliant"])
        before = (await must(await t.one.seen()))["items"]
        assert len({item["subject_ref"] for item in before}) == 2
        told = await must(await t.merge(t.one, t.other))
        assert told == {"patient_id": t.one.patient, "merged": t.other.patient}
        # The summary was not allowed by both, and with it goes what only it covered; the step that was named stays.
        state = {"enrolment.engaged", "enrolment.status"}
        assert await t.elements() == [state | {"attendance.compliant"}, state]
        after = (await must(await t.one.seen()))["items"]
        assert {item["subject_ref"] for item in after} == {item["subject_ref"] for item in before}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_recipient_of_one_record_only_gets_nothing(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        both = [JUDGE, {"org_unit": PROBATION, "role": "probation_officer"}]
        await t.one.sign(recipients=both, elements=["enrolment.status"])
        await sign_other(t, recipients=[JUDGE], elements=["enrolment.status"])
        assert await t.one.values(officer, case=own)
        judge = (await t.one.seen()).content
        await must(await t.merge(t.one, t.other))
        assert await t.one.values(officer, case=own) == []
        assert (await t.one.seen()).content == judge, "what both allow does not change by a byte"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_record_without_a_live_consent_takes_nothing(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status", "attendance.summary"])
        gone = await sign_other(t, elements=["enrolment.engaged"])
        path = f"/v1/patients/{t.other.patient}/revocations"
        await must(await t.other.clinic.post(path, {"consents": [gone]}))
        before = await t.one.seen()
        await must(await t.merge(t.one, t.other))
        after = await t.one.seen()
        assert (after.content, after.headers["etag"]) == (before.content, before.headers["etag"])


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_2_35_consent_that_cannot_be_revoked_yet_is_narrowed_at_once(kind: str) -> None:
    """What a merge takes was never given for both records: it does not wait as a revocation would."""
    async with world(kind) as w:
        t = await two(w)
        made = t.one.cjs(elements=["enrolment.status", "attendance.summary"])
        consent = await steps.sign(t.one.clinic, made)
        await sign_other(t, elements=["enrolment.status"])
        await must(await t.merge(t.one, t.other))
        state = {"enrolment.engaged", "enrolment.status"}
        assert await t.elements() == [state, state]
        assert (await must(await t.one.clinic.get(f"/v1/consents/{consent}")))["state"] == "active"


@run
async def test_the_earlier_end_is_the_end_of_both() -> None:
    async with world("sqlite") as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status"])
        await sign_other(t, elements=["enrolment.status"], expiry={"at": "2031-06-30"})
        await must(await t.merge(t.one, t.other))
        assert len(await t.elements()) == 2
        change(w.settings.database_url, "UPDATE clock_floor SET at = 1941000000000000")
        assert await t.elements() == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_merged_record_takes_nothing_new(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        waiting = await must(await t.other.clinic.post("/v1/consents", t.other.form(subject=NAMED)), 201)
        await must(await t.merge(t.one, t.other))
        clinic, patient = t.one.clinic, t.other.patient
        sent = await refer(t.one.judge, t.one.case_id)
        status = {"period": week(past_mondays(1)[0]), "status": "active"}
        made = {"assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment", "need_indicated": "yes"}
        refused = [
            await clinic.post("/v1/treatment-statuses", {"patient_id": patient} | status),
            await clinic.post("/v1/assessments", {"patient_id": patient} | made),
            await clinic.post("/v1/consents", t.other.form(subject=NAMED)),
            await clinic.post(f"/v1/consents/{waiting['id']}/signatures", _signed()),
            await clinic.call("PATCH", f"/v1/referrals/{sent}/patient", {"patient_id": patient}),
            await t.merge(t.one, t.other),
            await t.merge(t.other, t.one),
        ]
        for answer in refused:
            assert (answer.status_code, answer.json()["code"]) == (409, "patient_merged")
            assert t.one.patient in answer.json()["detail"]
        assert (await must(await clinic.get(f"/v1/patients/{patient}")))["merged_into"] == t.one.patient
        assert "merged_into" not in await must(await clinic.get(f"/v1/patients/{t.one.patient}"))
        found = (await must(await clinic.post("/v1/patients/search", LOPES)))["items"]
        assert [one["merged_into"] for one in found] == [t.one.patient]


def _signed() -> dict[str, Any]:
    body = signing()
    body["signatures"] = [one | {"name": "Maria Lopes"} for one in body["signatures"]]
    return body


@run
async def test_what_is_refused() -> None:
    async with world("sqlite") as w:
        t = await two(w)
        unknown = await t.one.clinic.post(f"/v1/patients/{t.one.patient}/merge", {"merged": "0" * 32})
        assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "patient_unknown")
        itself = await t.merge(t.one, t.one)
        assert (itself.status_code, itself.json()["errors"][0]["code"]) == (422, "merge_of_itself")
        apart = await t.merge(t.one, t.other, "unmerge")
        assert (apart.status_code, apart.json()["code"]) == (409, "patients_not_merged")
        stranger = w.party("c-clinic-hillside-clinic-staff")
        for act in ("merge", "unmerge"):
            path = f"/v1/patients/{t.one.patient}/{act}"
            assert (await stranger.post(path, {"merged": t.other.patient})).status_code == 404
            assert (await t.one.judge.post(path, {"merged": t.other.patient})).status_code == 403


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_wrong_merge_is_undone_and_somebody_looks(kind: str) -> None:
    """Domain rules, case 48: what it took stays taken, who read meanwhile is named, what was filed is listed."""
    async with world(kind) as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status", "attendance.summary"])
        await sign_other(t, elements=["enrolment.status"])
        await must(await t.merge(t.one, t.other))
        filed = await steps.report(t.one.clinic, t.one.patient, past_mondays(1)[0], ("missed", "missed"))
        await t.one.seen()
        shown = await must(await t.merge(t.one, t.other, "unmerge"))
        assert [(one["id"], one["kind"]) for one in shown["to_review"]] == [(filed, "treatment_status")]
        (draft,) = (await must(await t.one.clinic.get("/v1/incidents")))["items"]
        assert (draft["kind"], draft["patient_id"], draft["merged"]) == ("wrong_merge", t.one.patient, t.other.patient)
        assert [told["recipient"] for told in draft["recipients"]] == [JUDGE]
        state = {"enrolment.engaged", "enrolment.status"}
        assert await t.elements() == [state, state], "only the patient gives it again"
        assert "merged_into" not in await must(await t.one.clinic.get(f"/v1/patients/{t.other.patient}"))
        await steps.report(t.other.clinic, t.other.patient, past_mondays(1)[0], ("attended", "attended"))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_revocation_reaches_the_consents_of_both_records(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await t.one.sign(elements=["enrolment.status"])
        await sign_other(t, elements=["enrolment.status"])
        await must(await t.merge(t.one, t.other))
        assert len(await t.elements()) == 2
        path = f"/v1/patients/{t.one.patient}/revocations"
        told = await must(await t.one.clinic.post(path, {"all": True}))
        assert [one["state"] for one in told["consents"]] == ["revoked", "revoked"]
        assert await t.elements() == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_record_that_goes_on_is_signed_for_the_merged_ones_referral(kind: str) -> None:
    """Its reports, of before and after the merge, are read in that case once the patient has signed for it."""
    async with world(kind) as w:
        t = await two(w)
        await must(await t.merge(t.one, t.other))
        first, second = past_mondays(2)
        await steps.report(t.one.clinic, t.one.patient, second, ("attended", "attended"))
        again = replace(t.other, patient=t.one.patient)
        await again.sign(elements=["enrolment.status", "attendance.summary"], records_from=first.isoformat())
        shown = dict(await t.one.values())
        assert shown["current"]["enrolment.status"] == "active"
        assert shown[first.isoformat()]["attendance.summary"]["attended"] == 2
        assert shown[second.isoformat()]["attendance.summary"]["attended"] == 2
        await must(await t.merge(t.one, t.other, "unmerge"))
        assert await t.one.values() == [], "what was signed for a referral of somebody else carries nothing"
        assert len((await must(await t.one.seen()))["withdrawn"]) == 3


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_merged_ones_referral_is_answered_for_the_record_that_goes_on(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await must(await t.merge(t.one, t.other))
        path = f"/v1/referrals/{t.other.referral}"
        await must(await t.one.clinic.post(f"{path}/response", {"decision": "declined"}), 201)
        again = replace(t.other, patient=t.one.patient)
        await again.sign(elements=["referral.decision"], purposes=["referral_coordination"])
        assert (await must(await t.one.judge.get(path)))["decision"]["value"]["decision"] == "declined"


@pytest.mark.parametrize("entered_before", [True, False])
@run
async def test_a_form_signed_before_a_merge_is_signed_again(entered_before: bool) -> None:
    """Domain rules, case 49: whenever the signature was entered. Once the patient has signed again, it is active."""
    async with world("sqlite") as w:
        t = await two(w)
        consent = (await must(await t.one.clinic.post("/v1/consents", t.one.form()), 201))["id"]
        path = f"/v1/consents/{consent}/signatures"
        earlier = (datetime.now(UTC) - timedelta(minutes=5)).isoformat()
        signed = signing(copy_given_at=None)
        signed["signatures"] = [signed["signatures"][0] | ({} if entered_before else {"signed_at": earlier})]
        if entered_before:
            await must(await t.one.clinic.post(path, signed), 201)
        await sign_other(t, elements=["enrolment.status"])
        await must(await t.merge(t.one, t.other))
        copy = {"copy_given_at": signing()["copy_given_at"]}
        refused = await t.one.clinic.post(path, copy if entered_before else signed | copy)
        check(refused, "POST", "/v1/consents/{consent_id}/signatures")
        assert (refused.status_code, refused.json()["code"]) == (409, "signed_before_merge")
        again = await must(await t.one.clinic.post(path, signing()), 201)
        assert again["state"] == "active"


@run
async def test_a_report_of_a_merged_record_is_retracted_and_filed_anew() -> None:
    """The refusal of a correction says so, and it works: what the merged record said is gone, the new one stands."""
    async with world("sqlite") as w:
        t = await two(w)
        monday = past_mondays(1)[0]
        wrong = await steps.report(t.other.clinic, t.other.patient, monday, ("missed",))
        await must(await t.merge(t.one, t.other))
        right = {"patient_id": t.one.patient, "period": week(monday), "status": "active"}
        refused = await t.one.clinic.post("/v1/treatment-statuses", right | {"supersedes": wrong})
        (flaw,) = refused.json()["errors"]
        assert flaw["code"] == "supersedes_unknown" and "retract it" in flaw["detail"]
        path = f"/v1/treatment-statuses/{wrong}/retraction"
        await must(await t.one.clinic.post(path, {"reason": "entered_in_error"}))
        await must(await t.one.clinic.post("/v1/treatment-statuses", right), 201)
