"""What law enforcement asked to keep from the patient for a time is nowhere on the patient's side until that time."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, PROBATION, Scene, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import change, count, rows

OFFICER = "c-privacy-privacy-officer"
OTHER = "c-probation-adult-probation-officer"


async def both_read(w: World) -> tuple[Scene, Party]:
    """The judge and a probation officer read a status, each in a case_id of its own."""
    s = await scene(w)
    await steps.report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "attended"))
    await s.sign(**{"kind": "cjs_2_35"} | {k: v for k, v in s.cjs().items() if k not in ("patient_id", "kind")})
    officer = w.party(OTHER)
    case_id = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
    await s.seen()
    for _ in range(2):
        assert (await s.seen(officer, case=case_id)).json()["items"]
    return s, officer


async def suspend(by: Party, s: Scene, **more: Any) -> httpx.Response:
    """The answer to a suspension towards adult probation."""
    until = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0).isoformat()
    body = {
        "recipient_unit": PROBATION,
        "statement": "oral",
        "until": until,
        "official": "Chief Officer ZQ",
        "impedes": "An inquiry would become known.",
    } | more
    answer = await by.post(f"/v1/patients/{s.patient}/accounting-suspensions", body)
    check(answer, "POST", "/v1/patients/{patient_id}/accounting-suspensions")
    return answer


async def told(by: Party, s: Scene, query: str = "") -> list[dict[str, Any]]:
    """Rows of the accounting."""
    answer = await by.get(f"/v1/patients/{s.patient}/disclosures{query}")
    check(answer, "GET", "/v1/patients/{patient_id}/disclosures")
    items: list[dict[str, Any]] = (await must(answer))["items"]
    return items


def units(found: list[dict[str, Any]]) -> set[str]:
    """Whom the rows name."""
    return {row["recipient"]["unit_id"] for row in found}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_every_row_of_the_ledger_is_a_row_of_the_accounting(kind: str) -> None:
    async with world(kind) as w:
        s, _ = await both_read(w)
        found = await told(s.clinic, s)
        assert units(found) == {COURT, PROBATION}
        assert sum(row["times"] for row in found) == count(w.settings.database_url, "disclosure") > 4


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_suspended_row_is_absent_from_list_pages_csv_and_revocation_and_present_after_the_date(
    kind: str,
) -> None:
    async with world(kind) as w:
        s, _ = await both_read(w)
        officer, url = w.party(OFFICER), w.settings.database_url
        before, logged = await told(s.clinic, s), count(url, "consultation")
        made = await must(await suspend(s.clinic, s), 201)
        assert made["statement"] == "oral" and count(url, "consultation") == logged + 1
        entry = rows(url, "SELECT entry FROM consultation ORDER BY at DESC, id LIMIT 1")[0][0]
        assert b"accounting_suspended" in bytes(entry)
        hidden = await told(s.clinic, s)
        assert hidden == [row for row in before if row["recipient"]["unit_id"] == COURT]
        assert await told(officer, s, "?on_behalf_of=patient") == hidden
        assert await told(s.clinic, s, f"?recipient={PROBATION}") == []
        paged: list[dict[str, Any]] = []
        following: str | None = ""
        while following is not None:
            page = (await s.clinic.get(f"/v1/patients/{s.patient}/disclosures?limit=1{following}")).json()
            paged += page["items"]
            following = f"&after={page['next']}" if "next" in page else None
        assert paged == hidden
        for party in (s.clinic, officer):
            for path in ("disclosures?format=csv", "intermediary-disclosures", "record"):
                answer = await party.get(f"/v1/patients/{s.patient}/{path}")
                assert answer.status_code == 200 and "Ellery Probation" not in answer.text, path
        seen = await told(officer, s)
        marked = [row for row in seen if "suspended_until" in row]
        assert units(seen) == {COURT, PROBATION} and units(marked) == {PROBATION}
        (listed,) = (await must(await officer.get(f"/v1/patients/{s.patient}/accounting-suspensions")))["items"]
        assert listed["official"] == "Chief Officer ZQ"
        assert (await s.clinic.get(f"/v1/patients/{s.patient}/accounting-suspensions")).status_code == 403
        taken = await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}), 202)
        received = {one["recipient"] for consent in taken["consents"] for one in consent["already_received"]}
        assert received == {COURT}
        change(url, f"UPDATE accounting_suspension SET until_at = {int(datetime.now(UTC).timestamp() * 1e6)}")
        assert await told(s.clinic, s) == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_only_law_enforcement_or_oversight_may_ask_and_by_word_of_mouth_for_thirty_days(kind: str) -> None:
    async with world(kind) as w:
        s, officer = await both_read(w)
        later = (datetime.now(UTC) + timedelta(days=31)).isoformat()
        for more, code in (
            ({"recipient_unit": COURT}, "suspension_not_for_unit"),
            ({"recipient_unit": "u-defence"}, "suspension_not_for_unit"),
            ({"recipient_unit": "u-nobody"}, "unit_unknown"),
            ({"until": later}, "suspension_too_long"),
            ({"until": "2026-01-01T00:00:00Z"}, "suspension_over"),
        ):
            refused = await suspend(s.clinic, s, **more)
            assert [flaw["code"] for flaw in refused.json()["errors"]] == [code]
        assert (await suspend(officer, s)).status_code == 403
        assert (await suspend(s.clinic, s, until=later, statement="written")).status_code == 201


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_intermediary_list_names_entity_date_and_what_in_few_words(kind: str) -> None:
    async with world(kind) as w:
        s, _ = await both_read(w)
        answer = await s.clinic.get(f"/v1/patients/{s.patient}/intermediary-disclosures?on_behalf_of=patient&lang=es")
        check(answer, "GET", "/v1/patients/{patient_id}/intermediary-disclosures")
        lines = (await must(answer))["items"]
        assert {line["recipient"]["unit_id"] for line in lines} == {COURT, PROBATION}
        assert {line["date"] for line in lines} == {datetime.now(UTC).date().isoformat()}
        assert all("leyó" in line["description"] or "avisó" in line["description"] for line in lines)
        assert MONITOR not in answer.text.replace(f'"{MONITOR}"', "")
