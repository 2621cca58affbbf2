"""Worked examples of answers, of those operations whose answer needs to be seen. A test holds their shape against
what the same request really answers."""

from typing import Any, Final

_CASE_ID: Final = "0170b224a85e6e31aa22080199ccc92d"
_CONSENT: Final = "5fde5e2272242bfd59114760b2598b46"
_JUDGE: Final = {"org_unit": "u-court-treatment", "role": "judge"}
_ITEM: Final[dict[str, Any]] = {
    "kind": "treatment_status",
    "case": {"case_id": _CASE_ID, "type": "docket", "value": "CR-2026-0417"},
    "subject_ref": "f73708d15ca5976c6a26a1a6b7fbdd77",
    "discloser": "Treatment provider A",
    "obligations": {
        "notice": "This record which has been disclosed to you is protected by Federal confidentiality rules (…)",
        "use_limit": "Use only for official duties in case docket CR-2026-0417; no onward use beyond it.",
        "read_again": "Read again before each use. What is absent is no longer confirmed (…)",
        "scope": [
            {
                "discloser": "Treatment provider A",
                "recipient": {"unit": "Treatment Court Part", "role": "judge"},
                "purpose": "condition_monitoring",
                "elements": ["attendance.compliant", "attendance.summary", "enrolment.engaged", "enrolment.status"],
                "ends": {"event": "final_disposition", "backstop": "2035-06-30"},
            }
        ],
    },
}
_COUNTS: Final = {"offered": 2, "attended": 1, "excused": 1, "missed": 0}
STATUSES: Final[dict[str, Any]] = {
    "items": [
        _ITEM
        | {
            "id": "6b68a70c1b076bcab3271d7d4c39f14f",
            "elements": {
                "enrolment.engaged": {"value": True, "epistemic": "fact"},
                "enrolment.status": {"value": "active", "epistemic": "fact"},
                "progress.plan_change": {"value": "none", "epistemic": "assessment"},
            },
        },
        _ITEM
        | {
            "id": "e234a94d110fe54d9d70036b02ed3835",
            "period": {"start": "2026-11-02", "end": "2026-11-08"},
            "elements": {"attendance.summary": {"value": _COUNTS, "epistemic": "fact"}},
        },
    ],
    "meaning": "Only what the patient currently allows is shown. An empty list says nothing about (…)",
    "signature": {"alg": "EdDSA", "kid": "…", "value": "…"},
}
REVOKED: Final[dict[str, Any]] = {
    "patient_id": "220540820469ee4c9e085d96af6ea8e0",
    "state": "in_force",
    "consents": [
        {
            "consent_id": _CONSENT,
            "state": "revoked",
            "in_force_from": {"at": "2026-11-24T08:28:02Z"},
            "stopped": [
                {
                    "recipient": _JUDGE,
                    "purposes": ["condition_monitoring"],
                    "elements": ["attendance.summary", "enrolment.status", "progress.plan_change"],
                }
            ],
            "already_received": [{"recipient": "u-court-treatment", "last_at": "2026-11-24T08:26:40Z", "times": 4}],
        }
    ],
}
ACCOUNTING: Final[dict[str, Any]] = {
    "items": [
        {
            "recipient": {"name": "County Attorney, Drug Court Unit"},
            "channel": "paper",
            "purpose": "condition_monitoring",
            "kind": "treatment_status",
            "elements": ["enrolment.status"],
            "basis": "court_order",
            "made_by": "N. Reyes, LCSW",
            "acting_user": {"id": "ofc-12", "name": "A. Officer"},
            "first_at": "2026-11-20T15:30:00Z",
            "last_at": "2026-11-20T15:30:00Z",
            "times": 1,
            "disclosure_id": "11111111111111111111111111111111",
            "sentence": (
                "Harbor Clinic told County Attorney, Drug Court Unit on paper: where your treatment stands (planned, "
                "active, paused or ended), to follow whether the condition of treatment in this case is kept, on "
                "2026-11-20 15:30 UTC. N. Reyes, LCSW did so; a court had ordered it."
            ),
        },
        {
            "recipient": {
                "unit_id": "u-court-treatment",
                "unit_name": "Treatment Court Part",
                "agency_name": "Ellery Superior Court",
                "role": "judge",
            },
            "channel": "service",
            "purpose": "condition_monitoring",
            "case": "docket CR-2026-0417",
            "kind": "treatment_status",
            "elements": ["attendance.summary"],
            "consent_id": _CONSENT,
            "consent_version": "1",
            "basis": "consent",
            "obligations": {
                "profile": "us-42cfr2@1",
                "notice_version": "42cfr2.32-statement-1",
                "redisclosure": "same_action_official_duty_only",
            },
            "period": "2026-11-02/2026-11-08",
            "acting_user": {"id": "ofc-12", "name": "A. Officer"},
            "first_at": "2026-11-24T08:26:40Z",
            "last_at": "2026-11-24T08:26:40Z",
            "times": 1,
            "disclosure_id": "22222222222222222222222222222222",
            "sentence": (
                "Ellery Superior Court, Treatment Court Part (judge) read: how many sessions you were offered, "
                "attended, were excused from and missed, about 2026-11-02 to 2026-11-08, in case docket CR-2026-0417, "
                "to follow whether the condition of treatment in this case is kept, on 2026-11-24 08:26 UTC."
            ),
        },
    ]
}
