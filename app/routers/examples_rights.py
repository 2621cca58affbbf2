"""Worked examples of the bodies by which a patient's rights are carried out; replayed as those of ``examples`` are."""

from typing import Any, Final

RESTRICTION: Final[dict[str, Any]] = {
    "elements": ["testing.result_summary"],
    "recipient_unit": "u-probation-adult",
    "note": "Asked for at the desk, for the time of the appeal.",
}
RESTRICTION_DECISION: Final[dict[str, Any]] = {"agreed": True}
RESTRICTION_ENDING: Final[dict[str, Any]] = {"how": "patient_written"}
ACCOUNTING_SUSPENSION: Final[dict[str, Any]] = {
    "recipient_unit": "u-probation-adult",
    "statement": "written",
    "until": "2034-12-31T00:00:00Z",
    "official": "Chief Probation Officer, Adult Unit",
    "impedes": "An inquiry into another person would become known.",
}
SUBJECT_REQUEST: Final[dict[str, Any]] = {
    "kind": "rectification",
    "received_at": "2026-11-02T10:00:00Z",
    "channel": "letter",
}
REQUEST_EXTENSION: Final[dict[str, Any]] = {"reasons": "The paper record of the first year is in the archive."}
REQUEST_ANSWER: Final[dict[str, Any]] = {"outcome": "granted"}
LEGAL_HOLD: Final[dict[str, Any]] = {"case_ref": "Claim 26-118, County Court", "review_at": "2034-06-30T00:00:00Z"}
ASSESSMENT_OF_INCIDENT: Final[dict[str, Any]] = {
    "nature_and_extent": "Whether the person attended, for two weeks; no diagnosis.",
    "unauthorised_person": "A court that is bound by 42 CFR part 2 itself.",
    "acquired_or_viewed": "Read once by the clerk of the part.",
    "mitigation": "The court confirmed in writing that it deleted what it had read.",
    "secured": True,
    "outcome": "low_probability",
}
