"""What a form cannot be signed over: a finding that came with another form, and an end that came meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from app.sandbox import steps
from app.sandbox.steps import must
from tests.api.contract import check
from tests.api.scene import COURT, Scene, refer, scene, signing
from tests.api.test_merges_api import two
from tests.service import DATABASES, run, world


async def _propose(s: Scene, **changes: Any) -> str:
    return str((await must(await s.clinic.post("/v1/consents", s.form(additional=True, **changes)), 201))["id"])


async def _sign(s: Scene, consent: str, **changes: Any) -> httpx.Response:
    answer = await s.clinic.post(f"/v1/consents/{consent}/signatures", signing(**changes))
    check(answer, "POST", "/v1/consents/{consent_id}/signatures")
    return answer


async def _found_unfit(s: Scene, consent: str, hours: float) -> None:
    at = (datetime.now(UTC) - timedelta(hours=hours)).isoformat()
    found = {"status": "intoxicated_or_withdrawal", "assessed_by": "N. Reyes, LCSW", "at": at}
    path = f"/v1/consents/{consent}/signatures"
    await must(await s.clinic.post(path, {"capacity": found}), 201)


def _codes(answer: httpx.Response) -> set[tuple[str, str]]:
    return {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


EARLY = {("/capacity/at", "reoffer_too_early"), ("/signatures/0/signed_at", "reoffer_too_early")}


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_finding_holds_for_every_form_until_its_hours_are_over(kind: str) -> None:
    """Domain rules 5.2, case 44: of a form that was declined too, of one drawn up later too, of this patient alone."""
    async with world(kind) as w:
        s = await scene(w)
        first, second = await _propose(s), await _propose(s)
        await _found_unfit(s, first, hours=25)
        assert (await must(await _sign(s, second), 201))["state"] == "active"
        await _found_unfit(s, first, hours=23)
        await must(await s.clinic.post(f"/v1/consents/{first}/decline", {}))
        third = await _propose(s)
        assert _codes(await _sign(s, third)) == EARLY
        other = await steps.add_patient(s.clinic, {"given_name": "Ana", "sur_name": "Roe", "birth_date": "1990-01-01"})
        sent = await steps.refer(
            s.judge,
            "u-clinic-harbor",
            s.case_id,
            {"given_name": "Ana", "sur_name": "Roe", "birth_date": "1990-01-01"},
        )
        await steps.accept(s.clinic, sent["id"], other)
        about = {"patient_id": other, "referral_id": sent["id"], "subject": {"name_on_form": "Ana Roe"}}
        assert (await must(await _sign(s, await _propose(s, **about)), 201))["state"] == "active"


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_finding_on_a_record_that_was_merged_is_of_the_same_person(kind: str) -> None:
    async with world(kind) as w:
        t = await two(w)
        await _found_unfit(t.other, await _propose(t.other, subject={"name_on_form": "Maria Lopes"}), hours=1)
        own = await _propose(t.one)
        await must(await t.merge(t.one, t.other))
        assert _codes(await _sign(t.one, own)) == EARLY


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_end_that_comes_before_the_last_signature_is_told(kind: str) -> None:
    """Signed and over at once would be no consent: the answer says so and nothing is active. An event of another case
    ends nothing."""
    async with world(kind) as w:
        s = await scene(w)
        ends = {"expiry": {"event": "treatment_ended", "at": "2035-06-30"}}
        drawn_up, elsewhere = await _propose(s, **ends), await _propose(s, **ends)
        other = await steps.register_case(s.judge, COURT, "docket", "CR-2026-0999")
        await steps.happened(s.judge, other, "treatment_ended")
        assert (await must(await _sign(s, elsewhere), 201))["state"] == "active"
        await steps.happened(s.judge, s.case_id, "treatment_ended")
        late = await _sign(s, drawn_up)
        assert (late.status_code, late.json()["code"]) == (409, "action_ended")
        assert _codes(late) == {("/expiry/event", "expiry_event_past")}
        second = await refer(s.judge, s.case_id)
        await must(await s.clinic.call("PATCH", f"/v1/referrals/{second}/patient", {"patient_id": s.patient}))
        again = await s.clinic.post("/v1/consents", s.form(referral_id=second, additional=True, **ends))
        assert _codes(again) == {("/expiry/event", "expiry_event_past")}
        dated = await _propose(s, referral_id=second)
        assert (await must(await _sign(s, dated), 201))["state"] == "active"
