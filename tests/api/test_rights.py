"""What patients may ask for: their own record, an export, answers in time, an erasure that says what became of each
store, a hold that stops it; and incidents that somebody weighs before the profile's clock runs out."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.errors import Conflict
from app.exchange.deadlines import RequestKind, due, extension, notify_by
from app.exchange.erasure import erase_patient
from app.instance import profiles
from app.routers.examples_rights import ACCOUNTING_SUSPENSION, LEGAL_HOLD
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from app.vocabulary.calendar import DAY_US
from tests.api.contract import check
from tests.api.handing import HILLSIDE
from tests.api.scene import COURT, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, count, key_of, rows

OFFICER = "c-privacy-privacy-officer"
NOW = "2026-11-02T10:00:00Z"
FACTORS: dict[str, Any] = {
    "nature_and_extent": "Attendance of two weeks.",
    "unauthorised_person": "A court bound by 42 CFR part 2.",
    "acquired_or_viewed": "Read once.",
    "mitigation": "Deleted, confirmed in writing.",
    "secured": False,
    "outcome": "low_probability",
}


async def treated(w: World) -> Scene:
    """A patient with an assessment that holds notes of counselling, a report, a consent, and a read by the judge."""
    s = await scene(w)
    notes = {"counselling_notes": "ZQ-NOTES"}
    await steps.assess(s.clinic, s.patient, past_mondays(2)[0], **notes)
    filed = await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended",))
    await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("missed",), supersedes=filed)
    await s.sign()
    assert (await s.seen()).status_code == 200
    return s


async def ask(w: World, s: Scene, kind: str, status: int = 201, by: str | None = None, **more: Any) -> dict[str, Any]:
    """Enter a request."""
    body = {"kind": kind, "received_at": NOW, "channel": "letter"} | more
    answer = await (w.party(by) if by else s.clinic).post(f"/v1/patients/{s.patient}/requests", body)
    check(answer, "POST", "/v1/patients/{patient_id}/requests")
    return await must(answer, status)


async def reply(
    w: World, s: Scene, request: str, verb: str = "answer", by: str | None = None, **body: Any
) -> httpx.Response:
    """The answer to an answer, or to an extension."""
    answer = await (w.party(by) if by else s.clinic).post(f"/v1/patients/{s.patient}/requests/{request}/{verb}", body)
    check(answer, "POST", f"/v1/patients/{{patient_id}}/requests/{{request_id}}/{verb}")
    return answer


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_patient_gets_all_that_was_filed_but_notes_that_the_law_keeps_apart(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        for party in (s.clinic, w.party(OFFICER)):
            answer = await party.get(f"/v1/patients/{s.patient}/record?on_behalf_of=patient")
            check(answer, "GET", "/v1/patients/{patient_id}/record")
            told = await must(answer)
            kinds = [one["kind"] for one in told["messages"]]
            assert kinds.count("treatment_status") == 3 and kinds.count("assessment") == kinds.count("referral") == 1
            assert sum("corrected_by" in one for one in told["messages"]) == 1
            assert told["records"][0]["sur_name"] == "Lopez" and len(told["consents"]) == len(told["referrals"]) == 1
            assert told["left_out"] == ["counselling_notes"] and "ZQ-NOTES" not in answer.text
            assert told["consents"][0]["form"]["subject"]["name_on_form"] == "Maria Lopez"
        change(w.settings.database_url, "UPDATE unit SET profile = 'eu-gdpr-led@1' WHERE id = 'u-clinic-harbor'")
        answer = await s.clinic.get(f"/v1/patients/{s.patient}/record")
        assert "ZQ-NOTES" in answer.text and answer.json()["left_out"] == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_export_is_for_machines_in_a_named_version_and_holds_no_words_of_the_court(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        answer = await s.clinic.get(f"/v1/patients/{s.patient}/export")
        check(answer, "GET", "/v1/patients/{patient_id}/export")
        told = await must(answer)
        assert told["format"] == "throughcare.export/1" and told["messages"] and told["consents"]
        assert "CR-2026-0417" not in json.dumps(told)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_nobody_else_gets_anything_and_each_look_is_recorded(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        before = count(w.settings.database_url, "consultation")
        paths = ("record", "export", "holds", "restrictions", "intermediary-disclosures", "accounting-suspensions")
        for name in paths:
            path = f"/v1/patients/{s.patient}/{name}"
            assert (await s.judge.get(path)).status_code == 403
            assert (await w.party(HILLSIDE).get(path)).status_code in (403, 404)
        assert count(w.settings.database_url, "consultation") == before
        for name in paths:
            assert (await w.party(OFFICER).get(f"/v1/patients/{s.patient}/{name}")).status_code == 200
        assert count(w.settings.database_url, "consultation") == before + len(paths)


def test_each_profile_has_its_own_days() -> None:
    us, eu, un = (profiles()[name] for name in ("us-42cfr2@1", "eu-gdpr-led@1", "unodc-generic@1"))
    days = {kind: [due(one, kind, 0) // DAY_US for one in (us, eu, un)] for kind in RequestKind}
    assert days[RequestKind.ACCOUNTING] == days[RequestKind.RECTIFICATION] == [60, 28, 30]
    assert days[RequestKind.ACCESS] == days[RequestKind.INTERMEDIARY_LIST] == days[RequestKind.ERASURE] == [30, 28, 30]
    assert [extension(one, RequestKind.ACCESS) // DAY_US for one in (us, eu, un)] == [30, 59, 0]
    assert {extension(one, RequestKind.INTERMEDIARY_LIST) for one in (us, eu, un)} == {0}
    assert [notify_by(one, 0) / DAY_US for one in (us, eu, un)] == [60, 3, 3]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_requests_are_registered_extended_once_and_answered_and_the_late_ones_show(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        one = await ask(w, s, "access", received_at="2026-01-05T09:00:00Z")
        assert (one["due_at"], one["overdue"], one["state"]) == ("2026-02-04T09:00:00Z", True, "open")
        assert (await reply(w, s, one["id"], "extension", reasons="x")).json()["code"] == "request_not_extensible"
        now = datetime.now(UTC).replace(microsecond=0)
        two = await ask(w, s, "rectification", received_at=now.isoformat())
        longer = await must(await reply(w, s, two["id"], "extension", reasons="The archive is closed."))
        assert longer["state"] == "extended" and longer["extension_reasons"] == "The archive is closed."
        assert datetime.fromisoformat(longer["due_at"]) == now + timedelta(days=90)
        assert (await reply(w, s, two["id"], "extension", reasons="x")).status_code == 409
        refused = await reply(w, s, one["id"], outcome="refused")
        assert [flaw["code"] for flaw in refused.json()["errors"]] == ["reasons_missing"]
        done = await must(await reply(w, s, one["id"], outcome="granted"))
        assert (done["state"], done["late"], done["outcome"]) == ("answered", True, "granted")
        assert (await reply(w, s, one["id"], outcome="granted")).json()["code"] == "request_answered"
        pages: list[dict[str, Any]] = []
        after = ""
        while True:
            answer = await w.party(OFFICER).get(f"/v1/subject-requests?limit=1{after}")
            check(answer, "GET", "/v1/subject-requests")
            pages += answer.json()["items"]
            if "next" not in answer.json():
                break
            after = f"&after={answer.json()['next']}"
        assert [row["id"] for row in pages] == [one["id"], two["id"]]
        assert (await w.party(HILLSIDE).get("/v1/subject-requests")).json()["items"] == []
        future = await s.clinic.post(
            f"/v1/patients/{s.patient}/requests",
            {"kind": "access", "received_at": "2035-01-01T00:00:00Z", "channel": "phone"},
        )
        assert [flaw["code"] for flaw in future.json()["errors"]] == ["received_in_future"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_first_accounting_in_a_year_is_free_and_the_second_may_not_be(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        told = [await ask(w, s, "accounting", received_at=f"20{year}-03-05T09:00:00Z") for year in (24, 25, 26)]
        again = await ask(w, s, "accounting", received_at="2026-04-05T09:00:00Z")
        assert [one["free"] for one in (*told, again)] == [True, True, True, False]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_rectification_names_who_was_told_that_something_was_wrong(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        filed = await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended",))
        await s.sign()
        await s.seen()
        one = await ask(w, s, "rectification")
        await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("missed",), supersedes=filed)
        done = await must(await reply(w, s, one["id"], outcome="granted"))
        assert done["recipients_told"] == [COURT]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_erasure_is_decided_by_the_officer_and_says_what_became_of_each_store(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        one = await ask(w, s, "erasure")
        assert (await reply(w, s, one["id"], outcome="granted")).json()["code"] == "kind_not_allowed"
        done = await must(await reply(w, s, one["id"], by=OFFICER, outcome="granted"))
        stores = {row["store"]: row for row in done["stores"]}
        assert {name for name, row in stores.items() if row["outcome"] == "erased"} == {
            *("patient", "messages", "consents", "transfers", "requests")
        }
        ledger = stores["disclosure_ledger"]
        assert ledger["outcome"] == "kept" and "17(3)" in ledger["ground"] and ledger["until"] > "2032"
        assert (stores["technical_log"]["retention"], stores["referrals"]["outcome"]) == ("6y", "kept")
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 404
        assert (await s.seen()).json()["items"] == []
        assert (await reply(w, s, one["id"], by=OFFICER, outcome="granted")).status_code == 404
        assert (await w.party(OFFICER).get("/v1/subject-requests")).json()["items"] == []
        sealed = rows(w.settings.database_url, "SELECT sealed FROM subject_request")
        assert [bytes(one) for (one,) in sealed] == [b""]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_legal_hold_stops_an_erasure_by_whatever_way_it_comes(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        path = f"/v1/patients/{s.patient}/holds"
        past = await s.clinic.post(path, {"case_ref": "C 1", "review_at": "2026-01-01T00:00:00Z"})
        assert [flaw["code"] for flaw in past.json()["errors"]] == ["review_in_past"]
        body = {"case_ref": "ZQ-CLAIM", "review_at": "2034-01-01T00:00:00Z"}
        hold = await must(await s.clinic.post(path, body), 201)
        other = await steps.add_patient(s.clinic, {"given_name": "M", "sur_name": "Lopez", "birth_date": "1991-04-12"})
        await must(await s.clinic.post(f"/v1/patients/{other}/merge", {"merged": s.patient}))
        for record in (s.patient, other):
            with pytest.raises(Conflict, match="legal_hold"):
                await erase_patient(w.hub, record)
        one = await ask(w, s, "erasure")
        done = await must(await reply(w, s, one["id"], by=OFFICER, outcome="granted"))
        assert {row["outcome"] for row in done["stores"] if row["store"] == "messages"} == {"held"}
        assert (await s.clinic.get(f"/v1/patients/{s.patient}")).status_code == 200
        change(w.settings.database_url, "UPDATE legal_hold SET review_at = 1")
        (listed,) = (await must(await w.party(OFFICER).get(path)))["items"]
        assert listed["review_due"] is True and listed["case_ref"] == "ZQ-CLAIM"
        lifted = await must(await w.party(OFFICER).post(f"{path}/{hold['id']}/lifting", None))
        assert await must(await w.party(OFFICER).post(f"{path}/{hold['id']}/lifting", None)) == lifted
        assert (await erase_patient(w.hub, other))["holds"] == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_while_a_case_is_live_the_gdpr_has_the_record_restricted_and_not_erased(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        change(w.settings.database_url, "UPDATE unit SET profile = 'eu-gdpr-led@1' WHERE id = 'u-clinic-harbor'")
        one = await ask(w, s, "erasure")
        done = await must(await reply(w, s, one["id"], by=OFFICER, outcome="granted"))
        kept = next(row for row in done["stores"] if row["store"] == "messages")
        assert kept["outcome"] == "restricted" and "18" in kept["ground"]
        (standing,) = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/restrictions")))["items"]
        assert standing["state"] == "agreed" and "enrolment.status" in standing["elements"]
        assert count(w.settings.database_url, "withdrawal") > 0, "who holds it hears that it is withdrawn (GDPR 19)"
        await steps.happened(s.judge, s.case_id, "final_disposition")
        two = await ask(w, s, "erasure")
        done = await must(await reply(w, s, two["id"], by=OFFICER, outcome="granted"))
        assert next(row for row in done["stores"] if row["store"] == "messages")["outcome"] == "erased"
        assert done["recipients_to_tell"] == [COURT]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_is_written_of_a_right_is_sealed_under_the_patients_key_and_erased_with_it(kind: str) -> None:
    async with world(kind) as w:
        s, url = await treated(w), w.settings.database_url
        post, path = s.clinic.post, f"/v1/patients/{s.patient}"
        await must(await post(f"{path}/restrictions", {"elements": ["enrolment.status"], "note": "n"}), 201)
        await must(await post(f"{path}/accounting-suspensions", ACCOUNTING_SUSPENSION), 201)
        await ask(w, s, "access")
        hold = await must(await post(f"{path}/holds", LEGAL_HOLD), 201)
        await must(await post(f"{path}/holds/{hold['id']}/lifting", None))
        tables = ("restriction", "accounting_suspension", "subject_request", "legal_hold")
        stored = {table: bytes(rows(url, f"SELECT sealed FROM {table}")[0][0]) for table in tables}
        assert {sealed[:1] for sealed in stored.values()} == {b"\x02"}
        front = key_of(url, s.patient)
        for table, sealed in stored.items():
            identifier = rows(url, f"SELECT id FROM {table}")[0][0]
            assert w.hub.vault.open(front + sealed, table, identifier)
        await erase_patient(w.hub, s.patient)
        for table in tables:
            assert {bytes(sealed) for (sealed,) in rows(url, f"SELECT sealed FROM {table}")} == {b""}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_incident_names_its_day_and_a_person_weighs_it(kind: str) -> None:
    async with world(kind) as w:
        s = await treated(w)
        other = await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended",))
        await must(await s.clinic.post(f"/v1/treatment-statuses/{other}/retraction", {"reason": "wrong_patient"}))
        (draft,) = (await must(await s.clinic.get("/v1/incidents")))["items"]
        found, by = (datetime.fromisoformat(draft[name]) for name in ("discovered_at", "notify_by"))
        assert by - found == timedelta(days=60) and "assessment" not in draft
        path = f"/v1/incidents/{draft['id']}/assessment"
        assert (await s.judge.post(path, FACTORS)).status_code == 403
        assert (await w.party(HILLSIDE).post(path, FACTORS)).status_code == 404
        answer = await s.clinic.post(path, FACTORS)
        check(answer, "POST", "/v1/incidents/{incident_id}/assessment")
        assert (await must(answer, 201))["outcome"] == "low_probability"
        await must(await w.party(OFFICER).post(path, FACTORS | {"outcome": "breach"}), 201)
        (draft,) = (await must(await s.clinic.get("/v1/incidents")))["items"]
        assert draft["assessment"]["outcome"] == "breach"
        change(w.settings.database_url, "UPDATE unit SET profile = 'eu-gdpr-led@1' WHERE id = 'u-clinic-harbor'")
        (draft,) = (await must(await s.clinic.get("/v1/incidents")))["items"]
        found, by = (datetime.fromisoformat(draft[name]) for name in ("discovered_at", "notify_by"))
        assert by - found == timedelta(hours=72)
