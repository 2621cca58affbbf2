"""Writes that must each be carried out once, whatever dies meanwhile, and the course of one person made of them."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from app.routers.examples_transfer import PRISON_HEALTH, TREATMENT_CONSENT
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT
from app.sandbox.weeks import past_mondays, week

MONITOR: Final = "condition_monitoring"
SOON: Final = {"start": "2035-01-08T09:00:00Z", "site": "Site 1"}


@dataclass
class Act:
    """One request, its key, and what it was answered once somebody answered."""

    party: Party
    table: str
    """Where the ids that the answer names must be found."""
    path: str
    body: dict[str, Any] | None
    method: str = "POST"
    status: int = 201
    rows: int = 1
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    answer: dict[str, Any] | None = None
    sent: int = 0

    @property
    def ids(self) -> list[str]:
        """What was acknowledged: the ids of its rows."""
        if self.answer is None:
            return []
        if "results" in self.answer:
            assert {one["status"] for one in self.answer["results"]} == {201}, self.answer
            return [one["id"] for one in self.answer["results"]]
        if "consents" in self.answer:
            return [one["consent_id"] for one in self.answer["consents"]]
        if self.table == "cancelled":
            return [self.path.split("/")[3]]
        return [self.answer["id"]]


@dataclass(frozen=True)
class Cast:
    """Who acts, and in which case."""

    judge: Party
    clinic: Party
    case_id: str


def instant(hours: float = 0) -> str:
    """So many hours before now."""
    return (datetime.now(UTC) - timedelta(hours=hours)).replace(microsecond=0).isoformat()


def signing(name: str) -> dict[str, Any]:
    """Everything that the law asks for, at once."""
    at = instant()
    signature = {"role": "patient", "name": name, "method": "wet", "signed_at": at}
    return {
        "signatures": [signature | {"evidence_hash": "sha256:" + "0" * 64}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": at},
        "notice_given": {"version": "2026-02", "at": at, "language": "en"},
        "copy_given_at": at,
    }


def person(number: int) -> dict[str, str]:
    """Somebody new."""
    return {"given_name": f"Person {number}", "sur_name": "Avery", "birth_date": "1988-02-17"}


def status(patient: str, monday: Any, **more: Any) -> dict[str, Any]:
    """A week's status."""
    return {"patient_id": patient, "period": week(monday), "status": "active"} | more


async def course(cast: Cast, number: int) -> AsyncIterator[Act]:
    """From the referral to the last revocation. Each act is yielded, and its answer is there when it goes on."""
    judge, clinic, who = cast.judge, cast.clinic, person(number)
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    body = {"recipient": CLINIC, "case_id": cast.case_id, "stage": "trial", "person": who, "conditions": asked}
    yield (sent := Act(judge, "referral", "/v1/referrals", body))
    referral = sent.ids[0]
    yield (added := Act(clinic, "patient", "/v1/patients", who))
    patient = added.ids[0]
    yield Act(clinic, "referral", f"/v1/referrals/{referral}/patient", {"patient_id": patient}, "PATCH", 200)
    accepted = {"decision": "accepted", "appointment": SOON}
    yield Act(clinic, "message", f"/v1/referrals/{referral}/response", accepted, rows=2)
    change = {"conditions": asked | {"attendance_threshold": 3}}
    yield Act(judge, "referral_amendment", f"/v1/referrals/{referral}/amendments", change)
    async for act in filed(clinic, patient):
        yield act
    async for act in consented(clinic, patient, referral, f"Person {number} Avery"):
        yield act
    async for act in handed_over(clinic, patient, who):
        yield act
    taken = f"/v1/patients/{patient}/revocations"
    yield Act(clinic, "revocation", taken, {"all": True}, status=200, rows=2)
    yield Act(judge, "cancelled", f"/v1/referrals/{referral}/cancellation", None, status=200)


async def filed(clinic: Party, patient: str) -> AsyncIterator[Act]:
    """A status, its correction, a batch, an assessment."""
    mondays = past_mondays(5)
    yield (first := Act(clinic, "message", "/v1/treatment-statuses", status(patient, mondays[4])))
    sessions = [{"date": mondays[4].isoformat(), "outcome": "attended"}]
    corrected = status(patient, mondays[4], supersedes=first.ids[0], sessions=sessions)
    yield Act(clinic, "message", "/v1/treatment-statuses", corrected)
    many = {"items": [status(patient, monday) for monday in mondays[:3]]}
    yield Act(clinic, "message", "/v1/treatment-statuses/batch", many, status=200, rows=3)
    found = {"patient_id": patient, "assessed_on": mondays[0].isoformat(), "purpose": "treatment"}
    yield Act(clinic, "message", "/v1/assessments", found | {"need_indicated": "yes"})


async def consented(clinic: Party, patient: str, referral: str, name: str) -> AsyncIterator[Act]:
    """A named disclosure to the judge, signed."""
    parts = {
        "recipients": [{"org_unit": COURT, "role": "judge"}],
        "elements": ["enrolment.status", "attendance.summary", "clinical.need_indicated"],
        "records_from": past_mondays(5)[0].isoformat(),
    }
    form = steps.form(patient, referral, name, CLINIC, **parts)
    yield (proposed := Act(clinic, "consent", "/v1/consents", form))
    yield Act(clinic, "consent_signature", f"/v1/consents/{proposed.ids[0]}/signatures", signing(name))


async def handed_over(clinic: Party, patient: str, who: dict[str, str]) -> AsyncIterator[Act]:
    """A treatment consent, signed, and a transfer of care under it."""
    name = f"{who['given_name']} {who['sur_name']}"
    form = TREATMENT_CONSENT | {"patient_id": patient, "subject": {"name_on_form": name}}
    yield (proposed := Act(clinic, "consent", "/v1/consents", form))
    yield Act(clinic, "consent_signature", f"/v1/consents/{proposed.ids[0]}/signatures", signing(name))
    dose = {"system": "atc", "code": "N07BC02", "dose": 60, "unit": "mg", "route": "oral"}
    body = {"recipient": PRISON_HEALTH, "patient_id": patient, "reason": "custody_entry", "next_appointment": SOON}
    body |= {"person": who, "language": "en"}
    yield Act(clinic, "transfer", "/v1/transfers", body | {"medication": [dose | {"last_dose_at": instant(1)}]})
