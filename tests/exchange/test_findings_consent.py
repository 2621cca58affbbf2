"""A patient's "no" stands: against a signature in flight, a form half signed, a consent that became live meanwhile."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT, PERSON
from app.sandbox.steps import must, reading
from tests.service import DATABASES, World, run, world

STAFF, JUDGE = "c-clinic-harbor-clinic-staff", "c-court-treatment-judge"


async def referred(w: World) -> tuple[Party, Party, str, str, dict[str, Any]]:
    """A patient with an accepted referral: clinic, judge, case, patient, and a sound proposal for the judge."""
    judge, clinic = w.party(JUDGE), w.party(STAFF)
    case_id = await steps.register_case(judge, COURT, "docket", "CR-1")
    referral = (await steps.refer(judge, CLINIC, case_id, PERSON))["id"]
    patient = await steps.add_patient(clinic, PERSON)
    await steps.accept(clinic, referral, patient)
    proposal = {
        "patient_id": patient,
        "kind": "named_disclosure",
        "referral_id": referral,
        "subject": {"name_on_form": "Sam Avery"},
        "disclosers": [CLINIC],
        "recipients": [{"org_unit": COURT, "role": "judge"}],
        "purposes": ["condition_monitoring"],
        "elements": ["enrolment.status"],
        "expiry": {"at": "2035-01-01"},
        "statements": {"revocation": True},
    }
    return clinic, judge, case_id, patient, proposal


def signing(**more: Any) -> dict[str, Any]:
    """Everything that the law asks for, at this moment."""
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    signature = {"role": "patient", "name": "Sam Avery", "method": "wet", "signed_at": now}
    return {
        "signatures": [signature | {"evidence_hash": "sha256:" + "0" * 64}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes", "at": now},
        "notice_given": {"version": "2026-02", "at": now, "language": "en"},
    } | more


async def items(judge: Party, case_id: str) -> list[Any]:
    """What the judge reads."""
    answer = await judge.get(reading("treatment-statuses", case_id, "condition_monitoring"))
    found: list[Any] = (await must(answer))["items"]
    return found


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_of_a_signature_and_a_refusal_at_once_one_wins_and_both_agree(kind: str) -> None:
    async with world(kind) as w:
        clinic, judge, case_id, _, proposal = await referred(w)
        for number in range(12):
            consent = (await must(await clinic.post("/v1/consents", proposal | {"additional": True}), 201))["id"]
            await must(await clinic.post(f"/v1/consents/{consent}/signatures", signing()), 201)
            now = datetime.now(UTC).replace(microsecond=0).isoformat()
            last = clinic.post(f"/v1/consents/{consent}/signatures", {"copy_given_at": now})
            no = clinic.call("POST", f"/v1/consents/{consent}/decline")
            if number % 2:
                signed, declined = await asyncio.gather(last, no)
            else:
                declined, signed = await asyncio.gather(no, last)
            state = (await must(await clinic.get(f"/v1/consents/{consent}")))["state"]
            assert {signed.status_code, declined.status_code} in ({201, 409}, {200, 409})
            assert state == ("active" if signed.status_code == 201 else "refused")
        assert len(await items(judge, case_id)) <= 1


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("chosen", ["all", "consent", "recipient"])
@run
async def test_a_half_signed_form_is_ended_by_a_revocation(kind: str, chosen: str) -> None:
    async with world(kind) as w:
        clinic, judge, case_id, patient, proposal = await referred(w)
        consent = (await must(await clinic.post("/v1/consents", proposal), 201))["id"]
        await must(await clinic.post(f"/v1/consents/{consent}/signatures", signing()), 201)
        bodies: dict[str, dict[str, Any]] = {"all": {"all": True}, "consent": {"consents": [consent]}}
        bodies["recipient"] = {"recipients": [COURT]}
        done = await must(await clinic.post(f"/v1/patients/{patient}/revocations", bodies[chosen]))
        assert [(one["consent_id"], one["state"]) for one in done["consents"]] == [(consent, "refused")]
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        late = await clinic.post(f"/v1/consents/{consent}/signatures", {"copy_given_at": now})
        assert (late.status_code, late.json()["code"]) == (409, "consent_not_proposed")
        assert await items(judge, case_id) == []


@run
async def test_two_sound_proposals_cannot_both_become_active_without_a_word_on_it() -> None:
    async with world("sqlite") as w:
        clinic, _, _, patient, proposal = await referred(w)
        both = [(await must(await clinic.post("/v1/consents", proposal), 201))["id"] for _ in range(2)]
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        answers = [await clinic.post(f"/v1/consents/{one}/signatures", signing(copy_given_at=now)) for one in both]
        assert [answer.status_code for answer in answers] == [201, 409]
        assert answers[1].json()["code"] == "consent_overlap_unresolved"
        # What was taken back whole stands in nobody's way.
        await must(await clinic.post(f"/v1/patients/{patient}/revocations", {"all": True}))
        again = (await must(await clinic.post("/v1/consents", proposal), 201))["id"]
        await must(await clinic.post(f"/v1/consents/{again}/signatures", signing(copy_given_at=now)), 201)
