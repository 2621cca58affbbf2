"""Reading at a court's scale: search of many cases, one case on one page; both say what the single read says."""

from typing import Any

import pytest

from app.identity.signer import verify
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must, report
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, PROBATION, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

SEARCH = "/v1/treatment-statuses/search"
UNKNOWN = "0" * 32


async def reported(w: World) -> Scene:
    """Two reported weeks that the judge may read as counts and whose assessment it may read too."""
    s = await scene(w)
    for monday in past_mondays(2):
        await report(s.clinic, s.patient, monday, ("attended", "missed"))
    await s.sign(elements=["enrolment.status", "attendance.summary"], records_from=past_mondays(2)[0].isoformat())
    return s


async def found(party: Party, cases: list[str], **more: Any) -> dict[str, Any]:
    """The answer of a search, held against the contract."""
    answer = await party.post(SEARCH, {"cases": cases, "purpose": MONITOR} | more)
    check(answer, "POST", SEARCH)
    return await must(answer)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_one_entry_for_each_case_in_the_order_asked(kind: str) -> None:
    """What it holds is what the single read gives; an unknown case is an entry as well."""
    async with world(kind) as w:
        s = await reported(w)
        empty = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0001")
        body = await found(s.judge, [UNKNOWN, s.case_id, empty])
        assert [one["case_id"] for one in body["results"]] == [UNKNOWN, s.case_id, empty]
        single = await must(await s.seen())
        assert body["results"][1]["items"] == single["items"]
        assert [len(one["items"]) for one in body["results"]] == [0, 3, 0]
        assert {tuple(sorted(one)) for one in body["results"]} == {("case_id", "items")}
        assert body["meaning"] == single["meaning"]
        newest = await found(s.judge, [s.case_id], windows=1)
        assert newest["results"][0]["items"] == single["items"][:2]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_search_is_one_consultation_and_every_item_a_disclosure(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        before = rows(w.settings.database_url, "SELECT count(*) FROM disclosure")[0][0]
        looked = rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0]
        await found(s.judge, [s.case_id, UNKNOWN])
        assert rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0] == looked + 1
        assert rows(w.settings.database_url, "SELECT count(*) FROM disclosure")[0][0] == before + 3
        await found(s.judge, [UNKNOWN])
        assert rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0] == looked + 2
        assert rows(w.settings.database_url, "SELECT count(*) FROM disclosure")[0][0] == before + 3


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_two_hundred_cases_and_no_more(kind: str) -> None:
    async with world(kind) as w:
        s = await reported(w)
        many = [s.case_id, *(f"{number:032x}" for number in range(199))]
        body = await found(s.judge, many)
        assert [len(one["items"]) for one in body["results"]] == [3] + [0] * 199
        for cases in ([], [*many, UNKNOWN + "0"], [s.case_id, s.case_id]):
            refused = await s.judge.post(SEARCH, {"cases": cases, "purpose": MONITOR})
            check(refused, "POST", SEARCH)
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/cases")
        wrong = await s.judge.post(SEARCH, {"cases": [s.case_id], "purpose": MONITOR, "windows": 21})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/windows")


@run
async def test_revoked_and_never_asked_give_the_same_search() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        never = await officer.post(SEARCH, {"cases": [own], "purpose": MONITOR})
        await steps.sign(s.clinic, s.form(recipients=[{"org_unit": PROBATION, "role": "probation_officer"}]))
        await report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "missed"))
        allowed = await officer.post(SEARCH, {"cases": [own], "purpose": MONITOR})
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        revoked = await officer.post(SEARCH, {"cases": [own], "purpose": MONITOR})
        assert allowed.content != never.content == revoked.content
        assert never.headers["etag"] == revoked.headers["etag"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_report_says_it_all_once(kind: str) -> None:
    """The items of every kind, without their obligations; these once, and a scope for each item to point at."""
    async with world(kind) as w:
        s = await reported(w)
        await s.sign(elements=["clinical.recommendation"], additional=True)
        advice = {"need_indicated": "yes", "recommendation": {"service": "outpatient"}}
        made = {"patient_id": s.patient, "assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment"}
        await must(await s.clinic.post("/v1/assessments", made | {"status": "completed"} | advice), 201)
        path = f"/v1/cases/{s.case_id}/report?purpose={MONITOR}"
        answer = await s.judge.get(path)
        check(answer, "GET", "/v1/cases/{case_id}/report")
        body = await must(answer)
        items = (await must(await s.seen()))["items"] + (await must(await s.seen(kind="assessments")))["items"]
        assert {item["id"] for item in body["items"]} == {item["id"] for item in items}
        for item in items:
            told = next(one for one in body["items"] if one["id"] == item["id"])
            assert told["elements"] == item["elements"]
            assert [body["obligations"]["scope"][place] for place in told["scope"]] == item["obligations"]["scope"]
        assert body["obligations"]["notices"] == [items[0]["obligations"]["notice"]]
        assert len(body["obligations"]["scope"]) == 2
        assert answer.text.count(body["obligations"]["notices"][0][:60]) == 1
        again = await s.judge.get(path, If_None_Match=answer.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")


@run
async def test_the_signature_of_a_report_is_over_its_other_members() -> None:
    """As a court would check it: canonical JSON of the body without ``signature``, the key from the JWK set."""
    import rfc8785  # noqa: PLC0415

    async with world("sqlite") as w:
        s = await reported(w)
        for answer in (
            await s.judge.get(f"/v1/cases/{s.case_id}/report?purpose={MONITOR}"),
            await s.judge.post(SEARCH, {"cases": [s.case_id], "purpose": MONITOR}),
        ):
            body = answer.json()
            signature = body.pop("signature")
            keys = (await w.http.get("/.well-known/jwks.json")).json()["keys"]
            key = next(one for one in keys if one["kid"] == signature["kid"])
            assert verify(key, rfc8785.dumps(body), signature)
            assert not verify(key, rfc8785.dumps(body | {"meaning": ""}), signature)


@run
async def test_the_printed_report_is_text_and_nothing_else() -> None:
    """What a clinic or a court wrote cannot become mark-up, and the page may load nothing but our style sheet."""
    async with world("sqlite") as w:
        s = await reported(w)
        named = await steps.register_case(s.judge, COURT, "docket", "<script>alert(1)</script>")
        sent = await steps.refer(
            s.judge, "u-clinic-harbor", named, {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
        )
        await steps.accept(s.clinic, sent["id"], s.patient)
        await steps.sign(s.clinic, s.form(referral_id=sent["id"]))
        page = await s.judge.get(f"/v1/cases/{named}/report?purpose={MONITOR}&format=html")
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        asked = await s.judge.get(
            f"/v1/cases/{named}/report?purpose={MONITOR}", Accept="text/html,application/xhtml+xml"
        )
        assert asked.content == page.content
        assert "script-src" not in page.headers["content-security-policy"]
        assert page.headers["content-security-policy"].startswith("default-src 'none'")
        assert "<script" not in page.text and "&lt;script&gt;alert(1)" in page.text
        assert "42 CFR part 2" in page.text and "must not be treated as non-compliance" in page.text
        assert (await w.http.get("/docs/assets/report.css")).status_code == 200
        unknown = await s.judge.get(f"/v1/cases/{UNKNOWN}/report?purpose={MONITOR}&format=html")
        assert unknown.status_code == 200 and "<table" not in unknown.text


@run
async def test_a_report_of_nothing_is_the_same_for_any_case() -> None:
    """Unknown, never asked and refused differ in nothing but the case_id that was asked."""
    async with world("sqlite") as w:
        s = await scene(w)
        empty = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0001")
        told = []
        for case_id in (s.case_id, empty, UNKNOWN):
            body = (await s.judge.get(f"/v1/cases/{case_id}/report?purpose={MONITOR}")).json()
            body.pop("signature")
            assert body.pop("case_id") == case_id
            told.append(body)
        assert told[0] == told[1] == told[2]
        assert told[0]["items"] == []
