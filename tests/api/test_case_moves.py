"""Joinders and transfers: no consent follows a case; whose events count does (domain rules, cases 5 and 6)."""

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from app.exchange import case_move_reviews
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api import orders
from tests.api.contract import check
from tests.api.scene import COURT, END, PROBATION, Scene, refer, scene
from tests.service import DATABASES, World, run, world
from tests.storage.direct import rows

FAMILY = "u-court-family"
RECEIVED = {"status": "received"}
REVIEWS = "SELECT patient_id, unit_id FROM review WHERE kind = 'case_moved' ORDER BY patient_id"


async def say(party: Party, case_id: str, code: str, **named: Any) -> httpx.Response:
    """Report it as having happened just now."""
    at = datetime.now(UTC).replace(microsecond=0).isoformat()
    body = {"code": code, "occurred_at": at} | {name.strip("_"): value for name, value in named.items()}
    answer = await party.post(f"/v1/cases/{case_id}/events", body)
    check(answer, "POST", "/v1/cases/{case_id}/events")
    return answer


async def received(party: Party, case_id: str, code: str, **named: Any) -> None:
    assert await must(await say(party, case_id, code, **named), 202) == RECEIVED


async def flowing(w: World, **form: Any) -> Scene:
    """A consent to the judge that ends with the final disposition, and a week to read."""
    s = await scene(w)
    await s.sign(expiry={"event": "final_disposition", "at": END}, **form)
    await steps.report(s.clinic, s.patient, past_mondays(2)[0], ("attended", "attended"))
    return s


async def reviews(w: World) -> list[tuple[Any, ...]]:
    """The reviews that moves opened, once the worker has looked: of which patient, at which clinic."""
    await case_move_reviews.judge(w.hub)
    return rows(w.settings.database_url, REVIEWS)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_after_a_joinder_nothing_is_read_in_the_other_case_until_the_patient_amends(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        other = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0999")
        await received(s.judge, s.case_id, "joined", with_=other)
        assert await s.values()
        assert await s.values(case=other) == []
        assert await reviews(w) == [(s.patient, s.clinic.unit)]
        assert await reviews(w) == [(s.patient, s.clinic.unit)], (
            "one review a move and patient, however often the worker looks"
        )
        referral = await refer(s.judge, other)
        await steps.accept(s.clinic, referral, s.patient)
        await s.sign(referral_id=referral)
        assert await s.values(case=other)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_from_a_transfer_on_the_new_units_events_count_and_the_old_ones_no_more(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        family = w.party("c-court-family-judge")
        theirs = await steps.register_case(family, COURT, "docket", "CR-2026-0417")
        await received(family, theirs, "final_disposition")
        assert await s.values(), "before the transfer the other unit's events say nothing"
        await received(s.judge, s.case_id, "transferred", to_unit=FAMILY)
        await received(s.judge, s.case_id, "final_disposition")
        assert await s.values(), "the unit that handed the case over ends nothing in it any more"
        await received(family, theirs, "final_disposition")
        assert await s.values() == []


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_transfer_gives_the_new_unit_nothing_and_leaves_the_old_units_consent_as_it_was(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        family = w.party("c-court-family-judge")
        theirs = await steps.register_case(family, COURT, "docket", "CR-2026-0417")
        before = (await s.seen()).headers["etag"]
        await received(s.judge, s.case_id, "transferred", to_unit=FAMILY)
        assert (await s.seen()).headers["etag"] == before
        assert await s.values(family, case=theirs) == []
        (listed,) = (await must(await s.clinic.get("/v1/reviews")))["items"]
        assert (listed["kind"], listed["patient_id"]) == ("case_moved", s.patient), "whoever lists them looks first"
        assert await reviews(w) == [(s.patient, s.clinic.unit)]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_any_other_unit_reports_of_a_move_has_no_effect_and_the_same_answer(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        officer = w.party("c-probation-adult-probation-officer")
        theirs = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        own = await steps.register_case(officer, PROBATION, "supervision", "S-1")
        await received(officer, theirs, "transferred", to_unit=PROBATION)
        await received(officer, theirs, "joined", with_=own)
        await received(officer, theirs, "final_disposition")
        assert await s.values()
        assert await reviews(w) == []
        await received(s.judge, s.case_id, "final_disposition")
        assert await s.values() == [], "the imposing unit is still the one that it was"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_handed_a_case_over_adds_no_alias_to_it_by_registering_it_again(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        await received(s.judge, s.case_id, "transferred", to_unit=FAMILY)
        named = [{"type": "docket", "value": "CR-2026-0417"}, {"type": "tracking", "value": "T-MINE"}]
        again = await must(await s.judge.post("/v1/cases", {"imposing_unit": COURT, "identifiers": named}))
        assert again["case_id"] == s.case_id
        alias = {"type": "tracking", "value": "T-ALSO"}
        assert await must(await s.judge.post(f"/v1/cases/{s.case_id}/identifiers", alias), 202) == RECEIVED
        assert rows(w.settings.database_url, "SELECT count(*) FROM case_identifier") == [(1,)]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_condition_counts_from_the_unit_that_imposes_the_case_now(kind: str) -> None:
    async with world(kind) as w:
        s = await flowing(w)
        family = w.party("c-court-family-judge")
        theirs = await steps.register_case(family, COURT, "docket", "CR-2026-0417")
        await received(s.judge, s.case_id, "transferred", to_unit=FAMILY)
        body = {"recipients": [{"org_unit": FAMILY, "role": "judge"}]}
        new, old = await refer(family, theirs), await refer(s.judge, s.case_id)
        for referral in (new, old):
            await steps.accept(s.clinic, referral, s.patient)
        accepted = await s.clinic.post("/v1/consents", s.cjs(referral_id=new, **body))
        assert accepted.status_code == 201
        refused = await s.clinic.post("/v1/consents", s.cjs(referral_id=old, **body))
        assert refused.status_code == 422


@run
async def test_a_move_names_what_its_code_asks_for_and_nothing_else() -> None:
    async with world("sqlite") as w:
        s = await scene(w)
        for code, named in (
            ("joined", {}),
            ("joined", {"with_": s.case_id, "to_unit": FAMILY}),
            ("transferred", {}),
            ("transferred", {"with_": s.case_id, "to_unit": FAMILY}),
            ("final_disposition", {"with_": s.case_id}),
            ("treatment_ended", {"to_unit": FAMILY}),
        ):
            answer = await say(s.judge, s.case_id, code, **named)
            assert [flaw["code"] for flaw in (await must(answer, 422))["errors"]] == ["case_move_malformed"], code
        unknown = await must(await say(s.judge, s.case_id, "joined", with_="0" * 32), 422)
        assert [(one["pointer"], one["code"]) for one in unknown["errors"]] == [("/with", "case_unknown")]
        for unit in ("u-nobody", "u-clinic-harbor"):
            refused = await must(await say(s.judge, s.case_id, "transferred", to_unit=unit), 422)
            assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/to_unit", "unit_unknown")]
        strange = await must(await say(s.judge, s.case_id, "lost"), 422)
        assert [one["pointer"] for one in strange["errors"]] == ["/code"]
        assert (await say(s.judge, "0" * 32, "transferred", to_unit=FAMILY)).status_code == 404


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_order_of_the_court_is_no_consent_to_amend_when_its_case_moves(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        await orders.approved(s)
        await received(s.judge, s.case_id, "transferred", to_unit=FAMILY)
        assert await reviews(w) == []
