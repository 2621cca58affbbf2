"""Worked examples of every request body. Replayed against a sandbox by a test, so that none of them can lie.

``{name}`` stands for an id that an earlier step gave; the test and the documentation fill it in.
"""

from typing import Any, Final

COURT: Final = "u-court-treatment"
CLINIC: Final = "u-clinic-harbor"
_HASH: Final = "sha256:" + "0" * 64

CASE: Final[dict[str, Any]] = {
    "imposing_unit": COURT,
    "identifiers": [{"type": "docket", "value": "CR-2026-0417"}],
}
CASE_IDENTIFIER: Final[dict[str, Any]] = {"type": "tracking", "value": "T-99120"}
WEBHOOK: Final[dict[str, Any]] = {"url": "http://127.0.0.1:9000/doorbell"}
"""As in the sandbox; elsewhere it is https."""
ASSIGNMENT: Final[dict[str, Any]] = {"staff_id": "ofc-12"}
ASSIGNMENT_ENDING: Final[dict[str, Any]] = {"staff_id": "ofc-12"}
CASE_EVENT: Final[dict[str, Any]] = {"code": "final_disposition", "occurred_at": "2026-11-02T10:00:00Z"}
REFERRAL: Final[dict[str, Any]] = {
    "recipient": CLINIC,
    "case_id": "{case_id}",
    "stage": "trial",
    "person": {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"},
    "contact": {"telephone": "+1-555-0100"},
    "demographics": {"language": "es", "interpreter_needed": False},
    "conditions": {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2},
    "condition_imposed": True,
    "supervising_units": ["u-probation-adult"],
    "final_disposition_due": "2035-06-30",
    "urgency": "soon",
    "referral_reason": "Treatment is a condition of the suspended sentence.",
    "offence_category": "possession",
    "mandatory": True,
    "source": [{"system": "teds-detcrim", "code": "1"}, {"system": "tdi-3.0", "code": "1"}],
    "consent_status": "offered",
}
PATIENT: Final[dict[str, Any]] = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
MATCH: Final[dict[str, Any]] = {"patient_id": "{patient_id}"}
RESPONSE: Final[dict[str, Any]] = {
    "decision": "accepted",
    "appointment": {"start": "2026-12-01T09:00:00Z", "site": "Site 1"},
}
ASSESSMENT: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "assessed_on": "2026-11-20",
    "purpose": "treatment",
    "need_indicated": "yes",
    "recommendation": {
        "service": "outpatient",
        "level_of_care": {"system": "asam-4", "code": "1.5"},
        "weeks_min": 16,
        "weeks_max": 24,
        "needs": {"housing": "low", "work": "high"},
    },
    "screening": [{"instrument": "audit", "score": 17}],
    "diagnosis": [{"system": "icd-10", "code": "F10.2"}],
}
STATUS: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "period": {"start": "2026-11-02", "end": "2026-11-08"},
    "status": "active",
    "dates": {"start": "2026-10-05"},
    "sessions": [
        {"date": "2026-11-03", "outcome": "attended"},
        {"date": "2026-11-05", "outcome": "excused", "absence_reason": "illness"},
    ],
    "level_of_care": {"system": "asam-4", "code": "1.5"},
    "engagement": "good",
    "goals": {"met": 1, "of": 4},
    "plan_change": "none",
    "testing": [
        {"collected_on": "2026-11-03", "participation": "given", "result": "no_unprescribed_use_found"},
    ],
}
PAPER_DISCLOSURE: Final[dict[str, Any]] = {
    "recipient": {"name": "County Attorney, Drug Court Unit"},
    "at": "2026-11-20T15:30:00Z",
    "kind": "treatment_status",
    "elements": ["enrolment.status"],
    "purpose": "condition_monitoring",
    "basis": "court_order",
    "channel": "paper",
    "made_by": "N. Reyes, LCSW",
}
UNIT_DESCRIPTION: Final[dict[str, Any]] = {
    "services": ["assessment", "outpatient", "intensive_outpatient", "medication"],
    "languages": ["en", "es"],
    "capacity": "limited",
    "waiting_time": "2_to_4_weeks",
}
_BATCHED: Final = STATUS | {"identifier": {"system": "https://ehr.harbor.example/weeks", "value": "2026-W45-0417"}}
STATUS_BATCH: Final[dict[str, Any]] = {
    "items": [
        _BATCHED | {"period": {"start": "2026-11-09", "end": "2026-11-15"}, "sessions": []},
        STATUS | {"patient_id": "0" * 32},
    ]
}
CONSENT: Final[dict[str, Any]] = {
    "patient_id": "{patient_id}",
    "kind": "named_disclosure",
    "referral_id": "{referral_id}",
    "subject": {"name_on_form": "Maria Lopez"},
    "disclosers": [CLINIC],
    "recipients": [{"org_unit": COURT, "role": "judge"}],
    "purposes": ["condition_monitoring"],
    "elements": ["enrolment.status", "attendance.summary", "progress.plan_change"],
    "expiry": {"at": "2035-06-30", "event": "final_disposition"},
    "records_from": "2026-11-02",
    "statements": {"revocation": True},
    "language": "en",
}
SEARCH: Final[dict[str, Any]] = {"cases": ["{case_id}"], "purpose": "condition_monitoring", "windows": 4}
SIGNING: Final[dict[str, Any]] = {
    "signatures": [
        {
            "role": "patient",
            "name": "Maria Lopez",
            "method": "wet",
            "signed_at": "2026-11-24T07:00:00Z",
            "evidence_hash": _HASH,
        }
    ],
    "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": "2026-11-24T07:00:00Z"},
    "notice_given": {"version": "2026-02", "at": "2026-11-24T07:00:00Z", "language": "en"},
    "copy_given_at": "2026-11-24T07:00:00Z",
}
CONSENT_WISH: Final[dict[str, Any]] = {"referral_id": "{referral_id}", "purpose": "condition_monitoring"}
REVOCATION: Final[dict[str, Any]] = {"on_behalf_of": "patient", "recipients": [COURT]}
