"""Faults that an attack on the other bases and the patients' rights found, each held by the test that showed it."""

from typing import Any, Final

import pytest

from app.errors import Conflict
from app.exchange.closings import set_profile
from app.exchange.erasure import erase_patient, erase_referral
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.orders import OFFICER, PROCEEDING, SECOND, approved, week_with_tests
from tests.api.scene import CLINIC, MARIA, Scene, scene
from tests.api.test_accounting import told
from tests.api.test_emergencies import NURSE, PATH, claim
from tests.service import DATABASES, World, run, world
from tests.storage.direct import count

EU: Final = "eu-gdpr-led@1"
HOLD: Final = {"case_ref": "C 12", "review_at": "2034-01-01T00:00:00Z"}


async def _assessed(s: Scene, *alerts: str) -> str:
    body = {"patient_id": s.patient, "assessed_on": past_mondays(1)[0].isoformat(), "purpose": "treatment"}
    body |= {"need_indicated": "yes"}
    filed: str = (await must(await s.clinic.post("/v1/assessments", body | {"safety_alert": list(alerts)}), 201))["id"]
    return filed


async def _asked(nurse: Party, key: str = '"e1"') -> dict[str, Any]:
    return await must(await nurse.post(PATH, claim(), Idempotency_Key=key), 201)


async def _judged(s: Scene, access: str, *, upheld: bool) -> None:
    items = (await must(await s.clinic.get("/v1/reviews")))["items"]
    (review,) = [one["id"] for one in items if one["subject_id"] == access]
    body = {"upheld": upheld, "note": "Looked at it."}
    await must(await s.clinic.post(f"/v1/reviews/{review}/decision", body, **SECOND), 201)


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_emergency_that_was_found_to_be_none_is_not_answered_again(kind: str) -> None:
    async with world(kind) as w:
        s, nurse = await scene(w), w.party(NURSE)
        await _assessed(s, "overdose")
        first = await _asked(nurse)
        assert first["items"]
        await _judged(s, first["id"], upheld=False)
        before = count(w.settings.database_url, "disclosure")
        again = await _asked(nurse)
        assert (again["id"], again["items"]) == (first["id"], [])
        assert count(w.settings.database_url, "disclosure") == before, "the incident lists all that left"


@run
async def test_an_emergency_that_was_found_to_be_one_is_answered_again_while_its_answer_may_be_lost() -> None:
    async with world("sqlite") as w:
        s, nurse = await scene(w), w.party(NURSE)
        await _assessed(s, "overdose")
        first = await _asked(nurse)
        await _judged(s, first["id"], upheld=True)
        assert await _asked(nurse) == first


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_what_was_told_in_an_emergency_and_was_wrong_is_drafted_for_a_person_to_tell(kind: str) -> None:
    async with world(kind) as w:
        s, nurse = await scene(w), w.party(NURSE)
        wrong = await _assessed(s, "overdose")
        assert (await _asked(nurse))["items"]
        path = f"/v1/assessments/{wrong}/retraction"
        await must(await s.clinic.post(path, {"reason": "entered_in_error"}))
        (draft,) = (await must(await s.clinic.get("/v1/incidents")))["items"]
        (one,) = draft["recipients"]
        assert (draft["kind"], one["recipient"]["org_unit"]) == ("told_outside", "u-prison-health")
        assert "clinical.safety_alert" in one["elements"]


async def _ordered(w: World) -> tuple[Scene, str]:
    """A clinic of the union; the judge has read what an order of national law opened."""
    s = await scene(w)
    await week_with_tests(s)
    await set_profile(w.hub, CLINIC, EU)
    order = await approved(s, type="national_law")
    assert (await must(await s.seen(purpose=PROCEEDING)))["items"]
    return s, order


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_restriction_withdraws_nothing_that_a_court_ordered(kind: str) -> None:
    """It does not bind an order (45 CFR 164.522(a)(1)(v)), and what still stands is not to be called withdrawn."""
    async with world(kind) as w:
        s, _ = await _ordered(w)
        before = (await s.seen(purpose=PROCEEDING)).content
        path = f"/v1/patients/{s.patient}/restrictions"
        asked = await must(await s.clinic.post(path, {"elements": ["testing.result_summary"]}), 201)
        await must(await s.clinic.post(f"{path}/{asked['id']}/decision", {"agreed": True}))
        assert count(w.settings.database_url, "withdrawal", "settled = 0") == 0
        assert (await s.seen(purpose=PROCEEDING)).content == before


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_under_an_order_about_somebody_else_what_was_told_is_withdrawn_where_the_law_says_so(kind: str) -> None:
    """LED 7(3): as of a consent that was entered in error, and as of a merge that was wrong."""
    async with world(kind) as w:
        s, order = await _ordered(w)
        vacating = {"ground": "wrong_subject"}
        await must(await s.clinic.post(f"/v1/court-orders/{order}/vacating", vacating, **SECOND), 201)
        body = await must(await s.seen(purpose=PROCEEDING))
        assert body["items"] == []
        assert count(w.settings.database_url, "withdrawal", "settled = 0") > 0


@run
async def test_an_order_that_was_only_vacated_withdraws_nothing() -> None:
    async with world("sqlite") as w:
        s, order = await _ordered(w)
        await must(await s.clinic.post(f"/v1/court-orders/{order}/vacating", {"ground": "vacated"}, **SECOND), 201)
        assert count(w.settings.database_url, "withdrawal", "settled = 0") == 0


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_legal_hold_keeps_the_referral_that_the_held_record_was_matched_to(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        path = f"/v1/patients/{s.patient}/holds"
        hold = await must(await s.clinic.post(path, HOLD), 201)
        with pytest.raises(Conflict, match="legal_hold"):
            await erase_referral(w.hub, s.referral)
        await must(await s.clinic.post(f"{path}/{hold['id']}/lifting", None))
        assert (await erase_referral(w.hub, s.referral))["referrals"] == 1


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_a_hold_on_two_records_of_one_person_stands_for_each_when_they_are_parted(kind: str) -> None:
    async with world(kind) as w:
        s = await scene(w)
        other = await steps.add_patient(s.clinic, MARIA)
        await must(await s.clinic.post(f"/v1/patients/{other}/merge", {"merged": s.patient}))
        await must(await s.clinic.post(f"/v1/patients/{other}/holds", HOLD), 201)
        await must(await s.clinic.post(f"/v1/patients/{other}/unmerge", {"merged": s.patient}))
        for record in (other, s.patient):
            with pytest.raises(Conflict, match="legal_hold"):
                await erase_patient(w.hub, record)


@run
async def test_an_erasure_names_who_had_a_letter_while_the_name_can_still_be_read() -> None:
    """GDPR 19: whoever answers has to tell them by hand, and afterwards nothing leads to them."""
    async with world("sqlite") as w:
        s, officer = await scene(w), w.party(OFFICER)
        await must(await s.clinic.post(f"/v1/patients/{s.patient}/disclosures", told()), 201)
        await steps.happened(s.judge, s.case_id, "final_disposition")
        await set_profile(w.hub, CLINIC, EU)
        path = f"/v1/patients/{s.patient}/requests"
        asked = {"kind": "erasure", "received_at": "2026-11-01T10:00:00Z", "channel": "letter"}
        one = await must(await officer.post(path, asked), 201)
        done = await must(await officer.post(f"{path}/{one['id']}/answer", {"outcome": "granted"}))
        assert done["recipients_to_tell"] == ["County Attorney"]
