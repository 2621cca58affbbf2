"""Worked examples of a transfer of care: the treatment consent that it needs, and the transfer itself."""

from typing import Any, Final

from app.routers.examples import CLINIC

PRISON_HEALTH: Final = "u-prison-health"
TREATMENT_CONSENT: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "kind": "tpo",
    "subject": {"name_on_form": "Maria Lopez"},
    "disclosers": [CLINIC],
    "recipients": [{"org_unit": PRISON_HEALTH, "role": "prison_clinician"}],
    "purposes": ["treatment", "payment", "operations"],
    "elements": [
        "clinical.medication",
        "clinical.safety_alert",
        "referral.appointment",
        "referral.reason",
        "enrolment.level_of_care",
    ],
    "expiry": {"at": "none"},
    "statements": {"revocation": True, "hipaa_redisclosure": True, "tpo_redisclosure": True, "tpo_refusal": True},
    "language": "en",
}
"""A consent of kind tpo names no referral and no case."""

TRANSFER: Final[dict[str, Any]] = {
    "recipient": PRISON_HEALTH,
    "patient_id": "{patient_id}",
    "medication": [
        {
            "system": "atc",
            "code": "N07BC02",
            "dose": 60,
            "unit": "mg",
            "last_dose_at": "2026-11-24T06:30:00Z",
            "route": "oral",
        }
    ],
    "withdrawal": {"risk": "high"},
    "overdose": {"risk": "moderate", "reduced_tolerance": False},
    "naloxone": {"supplied": True, "trained": True},
    "next_appointment": {"start": "2035-01-08T09:00:00Z", "site": "Site 1"},
    "person": {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"},
    "language": "es",
    "reason": "custody_entry",
    "level_of_care": {"system": "asam-4", "code": "1.5"},
    "identifier": {"system": "https://ehr.harbor.example/transfers", "value": "T-2026-0031"},
}
