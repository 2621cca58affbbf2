"""An accounting that people can read: filters, pages, CSV, Spanish, and what was told on paper."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.exchange.accounting_csv import COLUMNS, safe
from app.exchange.sequencing import audit, sequence
from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import count, rows

PATH = "/v1/patients/{patient_id}/disclosures"


async def read_twice(w: World) -> Scene:
    """A judge reads two kinds of thing, the statuses twice, once as a named officer."""
    s = await scene(w)
    await s.sign(elements=["enrolment.status", "attendance.summary", "clinical.need_indicated"])
    for number, monday in enumerate(past_mondays(2)):
        await steps.report(s.clinic, s.patient, monday, ("attended", "missed" if number else "attended"))
    body = {"patient_id": s.patient, "assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment"}
    await must(await s.clinic.post("/v1/assessments", body | {"need_indicated": "yes"}), 201)
    for _ in range(2):
        await s.seen()
    await s.seen(kind="assessments")
    path = f"/v1/treatment-statuses?case={s.case_id}&purpose={MONITOR}"
    await must(await s.judge.get(path, Acting_User='"j-7"; name="R. Amaro"'))
    return s


async def listed(s: Scene, query: str = "") -> list[dict[str, Any]]:
    """The accounting's rows."""
    answer = await s.clinic.get(f"/v1/patients/{s.patient}/disclosures{query}")
    check(answer, "GET", PATH)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


def told(**changes: Any) -> dict[str, Any]:
    """A letter to a county office under a court order, an hour ago."""
    at = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
    body = {
        "recipient": {"name": "County Attorney"},
        "at": at.isoformat(),
        "kind": "treatment_status",
        "elements": ["enrolment.status"],
        "purpose": MONITOR,
        "basis": "court_order",
        "channel": "paper",
        "made_by": "N. Reyes, LCSW",
    } | changes
    return {name: value for name, value in body.items() if value is not None}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_rows_are_grouped_filtered_and_paged(kind: str) -> None:
    async with world(kind) as w:
        s = await read_twice(w)
        whole = await listed(s)
        assert {row["times"] for row in whole if "acting_user" not in row} == {1, 2}
        assert [row["first_at"] for row in whole] == sorted(row["first_at"] for row in whole)
        named = [row for row in whole if "acting_user" in row]
        assert named and {row["acting_user"]["name"] for row in named} == {"R. Amaro"}
        for row in whole:
            assert row["obligations"] == {
                "profile": "us-42cfr2@1",
                "notice_version": "42cfr2.32-statement-1",
                "redisclosure": "same_action_official_duty_only",
            }
            assert (row["consent_version"], row["channel"], row["basis"]) == ("1", "service", "consent")
        assessed = [row for row in whole if row["kind"] == "assessment"]
        assert await listed(s, "?kind=assessment") == assessed != []
        assert await listed(s, f"?purpose={MONITOR}&recipient={COURT}") == whole
        assert await listed(s, "?purpose=proceeding") == await listed(s, "?recipient=u-probation-adult") == []
        assert await listed(s, "?to=2020-01-01") == []
        pages: list[dict[str, Any]] = []
        following: str | None = ""
        while following is not None:
            page = (await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?limit=2{following}")).json()
            pages += page["items"]
            following = f"&after={page['next']}" if "next" in page else None
        assert pages == whole
        for query in ("?purpose=curiosity", "?kind=rumour", "?format=xml", "?lang=de", "?limit=0", "?after=00ff"):
            assert (await s.clinic.get(f"/v1/patients/{s.patient}/disclosures{query}")).status_code == 422, query


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_sentences_are_plain_in_two_languages(kind: str) -> None:
    async with world(kind) as w:
        s = await read_twice(w)
        window = next(row for row in await listed(s) if row["times"] == 2 and "period" in row)
        start, _, end = window["period"].partition("/")
        assert window["sentence"].startswith(
            "Ellery Superior Court, Treatment Court Part (judge) read: how many sessions"
        )
        assert f"about {start} to {end}, in case docket CR-2026-0417, to follow whether" in window["sentence"]
        assert ", 2 times from " in window["sentence"]
        spanish = [row["sentence"] for row in await listed(s, "?lang=es")]
        assert any("(juez) leyó: a cuántas sesiones se le citó" in one and ", 2 veces, del " in one for one in spanish)
        assert all("attendance" not in row["sentence"] and "_" not in row["sentence"] for row in await listed(s))


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_csv_is_whole_and_harmless(kind: str) -> None:
    """RFC 4180 with a header, every row whatever the limit, no cell that a spreadsheet would run."""
    async with world(kind) as w:
        s = await read_twice(w)
        path = f"/v1/patients/{s.patient}/disclosures"
        wild = told(recipient={"name": '=HYPERLINK("//a"),x'}, made_by="+Reyes, N.", channel="phone")
        await must(await s.clinic.post(path, wild), 201)
        asked = await s.clinic.get(path, Accept="text/csv")
        assert asked.headers["content-type"] == "text/csv; charset=utf-8; header=present"
        assert asked.headers["content-disposition"] == 'attachment; filename="accounting-of-disclosures.csv"'
        same = await s.clinic.get(f"{path}?format=csv&lang=en")
        assert same.content == asked.content
        lines = asked.content.decode()
        assert lines.endswith("\r\n") and lines.count("\n") == lines.count("\r\n") == len(await listed(s)) + 1
        header, *table = csv.reader(io.StringIO(lines, newline=""))
        assert tuple(header) == COLUMNS and {len(row) for row in table} == {len(COLUMNS)}
        written = dict(zip(header, table[0], strict=True))
        assert written["recipient"] == '\'=HYPERLINK("//a"),x' and written["made_by"] == "'+Reyes, N."
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in table for cell in row)
        assert {row["sentence"] for row in await listed(s)} == {row[-1] for row in table}
        assert (await s.clinic.get(f"{path}?format=json", Accept="text/csv")).headers[
            "content-type"
        ] == "application/json"
        assert (await s.clinic.get(path, Accept="*/*")).headers["content-type"] == "application/json"


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\xa0=1", "＝1", "－1"])
def test_cells_that_begin_a_formula_are_quoted(cell: str) -> None:
    assert safe(cell) == f"'{cell}"
    assert safe("a=1") == "a=1" and safe("") == "" and safe("docket CR-1") == "docket CR-1"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_told_on_paper_stands_in_the_same_log(kind: str) -> None:
    """Its own sentence, who recorded it, the tree, and who already received what of a consent that is taken back."""
    async with world(kind) as w:
        s = await scene(w)
        consent = await s.sign()
        path = f"/v1/patients/{s.patient}/disclosures"
        own_case = (await must(await s.clinic.get(f"/v1/referrals/{s.referral}")))["case_id"]
        under = {"basis": "consent", "consent_id": consent, "case": own_case, "recipient": {"unit_id": COURT}}
        first = await s.clinic.post(path, told(**under), Idempotency_Key="p-1", Acting_User='"n-1"; name="N. Reyes"')
        check(first, "POST", PATH)
        assert first.status_code == 201
        assert (await s.clinic.post(path, told(**under), Idempotency_Key="p-1")).status_code in (201, 422)
        office = w.party("c-privacy-privacy-officer")
        await must(await office.post(path, told(channel="phone")), 201)
        by_letter, by_phone = sorted(await listed(s), key=lambda row: row["channel"] == "phone")
        assert by_letter["sentence"] == (
            "Harbor Clinic told Ellery Superior Court, Treatment Court Part on paper: where your treatment stands "
            "(planned, active, paused or ended), in case docket CR-2026-0417, to follow whether the condition of "
            f"treatment in this case is kept, on {by_letter['first_at'][:10]} {by_letter['first_at'][11:16]} UTC. "
            "N. Reyes, LCSW did so; you had consented."
        )
        assert by_letter["consent_id"] == consent and by_letter["acting_user"] == {"id": "n-1", "name": "N. Reyes"}
        assert "obligations" not in by_letter and "role" not in by_letter["recipient"]
        assert by_phone["recipient"] == {"name": "County Attorney"} and "by phone" in by_phone["sentence"]
        spanish = {row["channel"]: row["sentence"] for row in await listed(s, "?lang=es")}
        assert "comunicó a County Attorney por teléfono" in spanish["phone"]
        assert await sequence(w.hub) == 2
        verdict = await audit(w.hub)
        assert (verdict.size, verdict.lie) == (2, None)
        taken = await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"consents": [consent]}))
        (received,) = taken["consents"][0]["already_received"]
        assert (received["recipient"], received["times"]) == (COURT, 1)
        texts = rows(w.settings.database_url, "SELECT entry, opening FROM disclosure")
        assert not any(b"Reyes" in bytes(part) or b"Attorney" in bytes(part) for row in texts for part in row)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_every_flaw_of_a_paper_disclosure_is_told(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        path, url = f"/v1/patients/{s.patient}/disclosures", w.settings.database_url
        later = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
        wrong: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
            ({"recipient": {}}, {("/recipient", "recipient_unclear")}),
            ({"recipient": {"unit_id": COURT, "name": "Court"}}, {("/recipient", "recipient_unclear")}),
            ({"recipient": {"unit_id": "u-nobody"}}, {("/recipient/unit_id", "unit_unknown")}),
            ({"recipient": {"name": "\u202eCourt"}}, {("/recipient/name", "name_malformed")}),
            ({"made_by": " ", "at": later}, {("/made_by", "name_missing"), ("/at", "disclosed_in_future")}),
            ({"elements": ["clinical.diagnosis"]}, {("/elements/0", "element_of_other_kind")}),
            ({"elements": []}, {("/elements", "value_out_of_range")}),
            ({"basis": "consent"}, {("/consent_id", "basis_and_consent")}),
            ({"basis": "consent", "consent_id": "0" * 32}, {("/consent_id", "consent_unknown")}),
            ({"case": s.case_id[::-1]}, {("/case", "case_not_of_patient")}),
            ({"channel": "telepathy"}, {("/channel", "code_unknown")}),
        ]
        for changes, flaws in wrong:
            answer = await s.clinic.post(path, told(**changes))
            check(answer, "POST", PATH)
            assert answer.status_code == 422, changes
            assert {(one["pointer"], one["code"]) for one in answer.json()["errors"]} == flaws
        assert count(url, "disclosure") == 0


@run
async def test_only_who_keeps_the_accounting_adds_to_it() -> None:
    """Another clinic and an unknown patient get one answer; a court cannot write at all."""
    async with world("sqlite") as w:
        s = await scene(w)
        path, nobody = f"/v1/patients/{s.patient}/disclosures", f"/v1/patients/{'0' * 32}/disclosures"
        neighbour = w.party("c-clinic-hillside-clinic-staff")
        answers = [await neighbour.post(path, told()), await neighbour.post(nobody, told())]
        answers += [await w.party("c-prison-health-prison-clinician").post(path, told())]
        assert {(one.status_code, one.content) for one in answers} == {(404, answers[0].content)}
        assert (await s.judge.post(path, told())).json()["code"] == "insufficient_scope"
        assert count(w.settings.database_url, "disclosure") == 0
        before = count(w.settings.database_url, "consultation")
        await listed(s)
        assert count(w.settings.database_url, "consultation") == before + 1
