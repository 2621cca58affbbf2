"""The steps that the seeds, the demo and the tests share: each is one thing that somebody does over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx

from app.sandbox.party import Party
from app.sandbox.weeks import week


async def must(awaited: httpx.Response, status: int = 200) -> dict[str, Any]:
    """The JSON body of an answer that has to have this status."""
    if awaited.status_code != status:
        raise AssertionError(f"expected {status}, got {awaited.status_code}: {awaited.text[:400]}")
    body: dict[str, Any] = awaited.json()
    return body


async def register_case(party: Party, imposing: str, type_: str, value: str) -> str:
    """Register a case and give the party's own case_id."""
    body = {"imposing_unit": imposing, "identifiers": [{"type": type_, "value": value}]}
    case_id: str = (await must(await party.post("/v1/cases", body)))["case_id"]
    return case_id


async def happened(party: Party, case_id: str, code: str) -> None:
    """Report that something happened in a case, now."""
    body = {"code": code, "occurred_at": datetime.now(UTC).replace(microsecond=0).isoformat()}
    await must(await party.post(f"/v1/cases/{case_id}/events", body), 202)


async def refer(party: Party, clinic: str, case_id: str, person: dict[str, str], **more: Any) -> dict[str, Any]:
    """Send a referral; ``more`` overrides the parts of the body."""
    body: dict[str, Any] = {
        "recipient": clinic,
        "case_id": case_id,
        "stage": "pre_arrest",
        "person": person,
        "conditions": {"service_asked": "outpatient"},
    } | more
    return await must(await party.post("/v1/referrals", body), 201)


async def match(clinic: Party, referral: str, patient: str) -> None:
    """Say which patient a referral means."""
    await must(await clinic.call("PATCH", f"/v1/referrals/{referral}/patient", {"patient_id": patient}))


async def accept(clinic: Party, referral: str, patient: str) -> None:
    """Match a referral with a patient, accept it and book intake."""
    await match(clinic, referral, patient)
    start = (datetime.now(UTC) + timedelta(days=7)).replace(microsecond=0).isoformat()
    body = {"decision": "accepted", "appointment": {"start": start, "site": "Site 1"}}
    await must(await clinic.post(f"/v1/referrals/{referral}/response", body), 201)


async def add_patient(clinic: Party, person: dict[str, str]) -> str:
    """Add a patient."""
    patient: str = (await must(await clinic.post("/v1/patients", person), 201))["id"]
    return patient


async def assess(clinic: Party, patient: str, day: date, **more: Any) -> None:
    """File an assessment for treatment that found a need; ``more`` adds what else it found."""
    body = {"patient_id": patient, "assessed_on": day.isoformat(), "purpose": "treatment", "need_indicated": "yes"}
    await must(await clinic.post("/v1/assessments", body | more), 201)


def form(patient: str, referral: str | None, name: str, clinic: str, **more: Any) -> dict[str, Any]:
    """A named disclosure that can be taken back at any time; ``more`` overrides the parts of the body."""
    body: dict[str, Any] = {
        "patient_id": patient,
        "kind": "named_disclosure",
        "referral_id": referral,
        "subject": {"name_on_form": name},
        "disclosers": [clinic],
        "purposes": ["condition_monitoring"],
        "expiry": {"at": "2035-06-30"},
        "statements": {"revocation": True},
    } | more
    return {member: value for member, value in body.items() if value is not None}


async def sign(clinic: Party, proposal: dict[str, Any]) -> str:
    """Propose a consent and have the patient sign it, with everything the law asks for; gives its id."""
    consent: str = (await must(await clinic.post("/v1/consents", proposal), 201))["id"]
    await complete(clinic, consent, proposal["subject"]["name_on_form"], proposal.get("language", "en"))
    return consent


async def complete(clinic: Party, consent: str, name: str, language: str = "en") -> None:
    """Have a proposed consent signed, with everything the law asks for."""
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    evidence = "sha256:" + "0" * 64
    signature = {"role": "patient", "name": name, "method": "wet", "signed_at": now, "evidence_hash": evidence}
    signing = {
        "signatures": [signature],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": now},
        "notice_given": {"version": "2026-02", "at": now, "language": language},
        "copy_given_at": now,
    }
    signed = await must(await clinic.post(f"/v1/consents/{consent}/signatures", signing), 201)
    if signed["state"] != "active":
        raise AssertionError(f"the consent is {signed['state']}: {signed.get('still_missing')}")


async def report(clinic: Party, patient: str, monday: date, outcomes: tuple[str, ...], **more: Any) -> str:
    """File the status of one week with dated sessions."""
    dated = [{"date": (monday + timedelta(days=1 + 2 * n)).isoformat(), "outcome": o} for n, o in enumerate(outcomes)]
    body = {"patient_id": patient, "period": week(monday), "status": "active", "sessions": dated} | more
    filed: str = (await must(await clinic.post("/v1/treatment-statuses", body), 201))["id"]
    return filed


def reading(kind: str, case_id: str, purpose: str) -> str:
    """The path of a gated read."""
    return f"/v1/{kind}?case={case_id}&purpose={purpose}"
