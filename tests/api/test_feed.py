"""The event feed by pull: news is what may newly be read, told once, and never that something ended."""

from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must, report
from app.sandbox.weeks import past_mondays
from app.vocabulary.calendar import DAY_US
from tests.api.contract import check
from tests.api.scene import COURT, MONITOR, PROBATION, Scene, scene
from tests.service import DATABASES, run, world
from tests.storage.direct import change, rows

UNKNOWN = "0" * 32


async def pull(party: Party, after: str | None = None, **query: str) -> dict[str, Any]:
    """One page of the feed, held against the contract."""
    asked = ([f"after={after}"] if after else []) + [f"{name}={value}" for name, value in query.items()]
    answer = await party.get("/v1/events" + ("?" + "&".join(asked) if asked else ""))
    check(answer, "GET", "/v1/events")
    return await must(answer)


def told(page: dict[str, Any]) -> list[tuple[str, str]]:
    """(kind, purpose) of each entry."""
    return [(entry["kind"], entry["purpose"]) for entry in page["items"]]


async def allow(s: Scene, **changes: Any) -> str:
    """A consent to the judge from two weeks back on."""
    return await s.sign(records_from=past_mondays(2)[0].isoformat(), **changes)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_news_is_told_once_and_leads_to_what_is_new(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        nothing = await pull(s.judge)
        assert nothing["items"] == []
        await allow(s, elements=["enrolment.status", "attendance.summary"])
        first = await pull(s.judge, nothing["next"])
        assert told(first) == [("treatment_status", MONITOR)]
        entry = first["items"][0]
        assert (entry["number"], entry["case_id"]) == (1, s.case_id)
        assert (await s.judge.get(entry["read"])).json()["items"] != []
        assert (await pull(s.judge, first["next"]))["items"] == []
        await report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "missed"))
        second = await pull(s.judge, first["next"])
        assert [(entry["number"], entry["kind"]) for entry in second["items"]] == [(2, "treatment_status")]
        assert (await pull(s.judge, second["next"]))["items"] == []
        replayed = await pull(s.judge)
        assert [entry["number"] for entry in replayed["items"]] == [2], "one entry a view: the newest"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_hidden_filings_make_no_news(kind: str) -> None:
    """What changes no byte of the view makes no entry and takes no number."""
    async with world(kind) as w:
        s = await scene(w)
        await allow(s, elements=["enrolment.status"])
        first = await pull(s.judge)
        for monday in past_mondays(2):
            await report(s.clinic, s.patient, monday, ("missed", "missed"))
        after = await pull(s.judge, first["next"])
        assert [e["kind"] for e in after["items"]] == ["treatment_status"], "planned became active"
        again = await pull(s.judge, after["next"])
        week = past_mondays(3)[0]
        await report(s.clinic, s.patient, week, ("missed", "missed"))
        assert (await pull(s.judge, again["next"])) == again


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_revocation_makes_no_entry_and_its_entries_vanish(kind: str) -> None:
    """Whole or in part; and a grant given again is news again."""
    async with world(kind) as w:
        s = await scene(w)
        await report(s.clinic, s.patient, past_mondays(1)[0], ("attended", "missed"))
        await allow(s, elements=["enrolment.status", "attendance.summary"])
        first = await pull(s.judge)
        assert told(first) == [("treatment_status", MONITOR)]
        part = {"recipients": [COURT], "elements": ["attendance.compliant"]}
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", part))
        assert (await pull(s.judge, first["next"]))["items"] == []
        assert told(await pull(s.judge)) == [("treatment_status", MONITOR)]
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"all": True}))
        assert (await pull(s.judge, first["next"]))["items"] == []
        assert (await pull(s.judge))["items"] == []
        await allow(s, elements=["enrolment.status"])
        renewed = await pull(s.judge, first["next"])
        assert [entry["number"] for entry in renewed["items"]] == [2], (
            "the number is new, the old one is not used again"
        )


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_pages_are_full_until_the_last(kind: str) -> None:
    """Entries of which nothing may be read today are passed over, not left as a gap."""
    async with world(kind) as w:
        s = await scene(w)
        cases = [s.case_id]
        referrals = [s.referral]
        for number in range(3):
            case_id = await steps.register_case(s.judge, COURT, "docket", f"CR-2026-1{number}")
            sent = await steps.refer(
                s.judge,
                "u-clinic-harbor",
                case_id,
                {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"},
            )
            await steps.accept(s.clinic, sent["id"], s.patient)
            cases.append(case_id)
            referrals.append(sent["id"])
        consents = [
            await steps.sign(s.clinic, s.form(referral_id=one, elements=["enrolment.status"])) for one in referrals
        ]
        whole = await pull(s.judge)
        assert sorted(entry["case_id"] for entry in whole["items"]) == sorted(cases)
        second = next(place for place, case in enumerate(cases) if case == whole["items"][1]["case_id"])
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/revocations", {"consents": [consents[second]]}))
        page = await pull(s.judge, limit="2")
        assert [e["case_id"] for e in page["items"]] == [whole["items"][0]["case_id"], whole["items"][2]["case_id"]]
        rest = await pull(s.judge, page["next"], limit="2")
        assert [e["case_id"] for e in rest["items"]] == [whole["items"][3]["case_id"]]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_told_is_in_the_accounting(kind: str) -> None:
    """Each entry told is a disclosure of its own, with no element; each pull is one consultation."""
    async with world(kind) as w:
        s = await scene(w)
        await allow(s, elements=["enrolment.status"])
        looked = rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0]
        page = await pull(s.judge)
        assert rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0] == looked + 1
        accounted = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/disclosures")))["items"]
        assert [(row["kind"], row["elements"]) for row in accounted] == [("event:treatment_status", [])]
        await pull(s.judge, page["next"])  # the look at the accounting was one as well
        assert rows(w.settings.database_url, "SELECT count(*) FROM consultation")[0][0] == looked + 3
        assert rows(w.settings.database_url, "SELECT count(*) FROM disclosure") == [(1,)]


@run
async def test_a_cursor_too_old_says_how_to_begin_again() -> None:
    """News is kept for 30 days; whoever comes later is told so, and that is all that it is told."""
    async with world("sqlite") as w:
        s = await scene(w)
        await allow(s, elements=["enrolment.status"])
        page = await pull(s.judge)
        change(w.settings.database_url, f"UPDATE feed_view SET created_at = created_at - {31 * DAY_US}")
        assert (await pull(s.judge))["items"] == [], "what is older than 30 days is not told any more"
        change(
            w.settings.database_url, f"UPDATE clock_floor SET at = (SELECT max(at) FROM consultation) + {31 * DAY_US}"
        )
        gone = await s.judge.get(f"/v1/events?after={page['next']}")
        check(gone, "GET", "/v1/events")
        assert (gone.status_code, gone.json()["code"]) == (410, "cursor_too_old")
        assert "without after" in gone.json()["detail"]
        assert (await s.judge.get("/v1/events")).status_code == 200


@run
async def test_a_cursor_is_its_clients_own() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        page = await pull(s.judge)
        team = w.party("c-court-treatment-court-team")
        altered = page["next"][:-2] + ("01" if page["next"].endswith("00") else "00")
        for party, after in ((team, page["next"]), (s.judge, "00ff"), (s.judge, altered)):
            refused = await party.get(f"/v1/events?after={after}")
            check(refused, "GET", "/v1/events")
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "cursor_invalid")


@run
async def test_each_role_and_unit_has_its_own_feed() -> None:
    """Numbers count what this reader was told, and nothing else."""
    async with world("sqlite") as w:
        s = await scene(w)
        officer = w.party("c-probation-adult-probation-officer")
        await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        await allow(s, elements=["enrolment.status"])
        await pull(s.judge)
        recipients = [{"org_unit": PROBATION, "role": "probation_officer"}]
        await steps.sign(s.clinic, s.form(recipients=recipients, elements=["enrolment.engaged"]))
        assert [entry["number"] for entry in (await pull(officer))["items"]] == [1]
        assert (await pull(w.party("c-court-treatment-court-team")))["items"] == []
