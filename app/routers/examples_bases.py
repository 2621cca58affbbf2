"""Worked examples of the bodies about what leaves without consent; replayed as those of ``examples`` are."""

from typing import Any, Final

from app.routers.examples import CLINIC, COURT

COURT_ORDER: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "referral_id": "{referral_id}",
    "court_unit": COURT,
    "type": "2.64",
    "order_ref": "2026-CV-0118",
    "elements": ["testing.result_summary"],
    "persons": [{"role": "judge"}],
    "findings_recorded": True,
    "notice_given": True,
    "valid_from": "2026-11-02",
    "valid_to": "2035-06-30",
    "sealed": True,
}
MANDATE: Final[dict[str, Any]] = {"mandate_ref": "subpoena duces tecum of 2026-11-20"}
COURT_ORDER_DECISION: Final[dict[str, Any]] = {"approve": True, "note": "Read with counsel; findings on page 3."}
COURT_ORDER_VACATING: Final[dict[str, Any]] = {"ground": "vacated"}
EMERGENCY: Final[dict[str, Any]] = {
    "discloser_unit": CLINIC,
    "person": {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"},
    "purpose": "treatment",
    "nature": "life_threat",
    "nature_in_words": "Found unconscious in her cell, pinpoint pupils.",
    "consent_unobtainable": "incapable",
    "receiver": {"name": "Dr. A. Osei", "facility": "County Prison Infirmary"},
    "elements": ["clinical.diagnosis", "clinical.medication", "clinical.safety_alert"],
}
NOTICE: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "basis": "crime_on_premises",
    "recipient": {"name": "County Sheriff, front desk"},
    "at": "2026-11-20T15:30:00Z",
    "elements": ["notice.incident", "notice.patient_status", "notice.name"],
    "circumstances": "Threatened the receptionist with a chair and was asked to leave.",
    "channel": "phone",
    "made_by": "N. Reyes, LCSW",
}
