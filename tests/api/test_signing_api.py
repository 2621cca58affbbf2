"""Signing over HTTP: in what state, in whose words, before the end of the case; and one consent after another."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, update

from app.sandbox import steps
from app.sandbox.steps import must
from app.storage import tables as t
from app.storage.statement import Statement
from tests.api.contract import check
from tests.api.scene import COURT, PROBATION, Scene, refer, scene, signing
from tests.service import DATABASES, run, world

_FLOOR = Statement(update(t.clock_floor).values(at=bindparam("at_")))


async def _propose(s: Scene, form: dict[str, Any]) -> str:
    consent: str = (await must(await s.clinic.post("/v1/consents", form), 201))["id"]
    return consent


async def _sign(s: Scene, consent: str, body: dict[str, Any]) -> httpx.Response:
    answer = await s.clinic.post(f"/v1/consents/{consent}/signatures", body)
    check(answer, "POST", "/v1/consents/{consent_id}/signatures")
    return answer


def _at(hours: float = 0) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat()


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_who_was_found_unfit_is_asked_again_a_day_later(kind: str) -> None:
    """The finding is kept; what is dated within the profile's 24 hours after it does not count."""
    async with world(kind) as w:
        s = await scene(w)
        found = signing()["capacity"] | {"status": "intoxicated_or_withdrawal"}
        rested = await _propose(s, s.form())
        await must(await _sign(s, rested, {"capacity": found | {"at": _at(-25)}}), 201)
        assert (await must(await _sign(s, rested, signing()), 201))["state"] == "active"
        consent = await _propose(s, s.form(additional=True))
        for hours, missing in ((-30, 4), (-2, 4)):
            kept = await _sign(s, consent, {"capacity": found | {"at": _at(hours)}})
            assert len((await must(kept, 201))["still_missing"]) == missing
        early = await _sign(s, consent, signing())
        assert [(e["pointer"], e["code"]) for e in early.json()["errors"]] == [
            ("/capacity/at", "reoffer_too_early"),
            ("/signatures/0/signed_at", "reoffer_too_early"),
        ]


@run
async def test_everything_that_is_declared_is_kept_and_asked_for() -> None:
    """A mark needs a witness and the form read aloud, an interpreter their language; names are names."""
    async with world("sqlite") as w:
        s = await scene(w)
        consent = await _propose(s, s.form())
        (patient,) = signing()["signatures"]
        odd = signing(
            signatures=[patient | {"name": "Maria \u202eLopez"}, patient | {"role": "witness", "name": " "}],
            capacity=signing()["capacity"] | {"assessed_by": "123"},
            interpreter="\u0007",
        )
        refused = await _sign(s, consent, odd)
        assert {(e["pointer"], e["code"]) for e in refused.json()["errors"]} == {
            ("/signatures/0/name", "name_malformed"),
            ("/signatures/1/name", "name_missing"),
            ("/capacity/assessed_by", "name_malformed"),
            ("/interpreter", "name_malformed"),
        }
        pressed = {"treatment_not_dependent": False, "legal_advice_offered": True}
        refused = await _sign(s, consent, signing(pressure_declaration=pressed))
        assert [e["code"] for e in refused.json()["errors"]] == ["consent_not_voluntary"]
        marked = signing(signatures=[patient | {"method": "mark"}], interpreter="Ana Ruiz")
        asked = await must(await _sign(s, consent, marked), 201)
        assert asked["still_missing"] == ["witness", "read_aloud", "interpreter_language"]
        rest: dict[str, Any] = {
            "read_aloud": True,
            "interpreter_language": "es",
            "explanation_given": ["who sees what"],
        }
        rest["signatures"] = [patient | {"role": "witness", "name": "N. Reyes", "unit": "u-clinic-harbor"}]
        rest["pressure_declaration"] = pressed | {"treatment_not_dependent": True}
        assert (await must(await _sign(s, consent, rest), 201))["state"] == "active"
        control = await s.clinic.post("/v1/consents", s.form(subject={"name_on_form": "Maria \u202eLopez"}))
        assert ("/subject/name_on_form", "name_malformed") in {
            (e["pointer"], e["code"]) for e in control.json()["errors"]
        }


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("code", ["final_disposition", "case_dismissed", "release_ended", "sentence_completed"])
@run
async def test_nothing_is_bound_to_a_case_that_is_over(kind: str, code: str) -> None:
    """42 CFR 2.35(c): neither drawn up nor signed any more; a named disclosure is, and 2.35 for a new referral."""
    async with world(kind) as w:
        s = await scene(w)
        drawn_up = await _propose(s, s.cjs())
        yesterday = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0).isoformat()
        path, form = f"/v1/cases/{s.case_id}/events", s.cjs(expiry={"at": "2035-01-01"})
        await must(await s.judge.post(path, {"code": "treatment_ended", "occurred_at": yesterday}), 202)
        await must(await s.clinic.post("/v1/consents", form), 201)
        await must(await s.judge.post(path, {"code": code, "occurred_at": yesterday}), 202)
        again = await s.clinic.post("/v1/consents", form)
        assert [(e["pointer"], e["code"]) for e in again.json()["errors"]] == [("/referral_id", "action_ended")]
        late = await _sign(s, drawn_up, signing())
        assert (late.status_code, late.json()["code"]) == (409, "action_ended")
        assert await s.values() == []
        await s.sign()
        referral = await refer(s.judge, s.case_id)
        await must(await s.clinic.call("PATCH", f"/v1/referrals/{referral}/patient", {"patient_id": s.patient}))
        form = s.cjs(referral_id=referral, expiry={"at": "2035-01-01"}, additional=True)
        assert (await must(await _sign(s, await _propose(s, form), signing()), 201))["state"] == "active"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_old_one_until_then_and_the_new_one_from_then_on(kind: str) -> None:
    """A consent that begins later: up to that instant the old one is read, from it on the new one, and never both."""
    async with world(kind) as w:
        s = await scene(w)
        both = [{"org_unit": COURT, "role": "judge"}, {"org_unit": PROBATION, "role": "probation_officer"}]
        officer = w.party("c-probation-adult-probation-officer")
        own = await steps.register_case(officer, COURT, "docket", "CR-2026-0417")
        old = await s.sign(recipients=both, elements=["enrolment.status"])
        starts = (datetime.now(UTC) + timedelta(minutes=30)).replace(microsecond=0)
        later = {"effective_from": starts.isoformat(), "supersedes": [old], "elements": ["enrolment.engaged"]}
        new = await s.sign(**later)
        instant = int(starts.timestamp()) * 1_000_000

        async def states() -> dict[str, str]:
            listed = (await must(await s.clinic.get(f"/v1/patients/{s.patient}/consents")))["items"]
            return {one["id"]: one["state"] for one in listed}

        assert await states() == {old: "active", new: "active"}
        for at, seen, told in (
            (instant - 1000, {"enrolment.status", "enrolment.engaged"}, {old: "active", new: "active"}),
            (instant, {"enrolment.engaged"}, {old: "superseded", new: "active"}),
        ):
            async with w.hub.database.write() as transaction:
                await transaction.run(_FLOOR, at_=at)
            assert [set(elements) for _, elements in await s.values()] == [seen]
            assert len(await s.values(officer, case=own)) == (1 if at < instant else 0)
            assert await states() == told


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_the_earliest_of_two_successors_ends_the_old_one(kind: str) -> None:
    """One that begins at once after one that begins later: the broad old one must not go on beside the narrow new."""
    async with world(kind) as w:
        s = await scene(w)
        old = await s.sign(elements=["enrolment.status"])
        starts = (datetime.now(UTC) + timedelta(days=30)).isoformat()
        later = await s.sign(effective_from=starts, supersedes=[old], elements=["enrolment.status"])
        await s.sign(supersedes=[old, later], elements=["enrolment.engaged"])
        assert [set(elements) for _, elements in await s.values()] == [{"enrolment.engaged"}]
