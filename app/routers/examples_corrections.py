"""Worked examples of the bodies that put something right; replayed as those of ``examples`` are."""

from typing import Any, Final

AMENDMENT: Final[dict[str, Any]] = {
    "conditions": {"service_asked": "intensive_outpatient", "cadence": "P1W", "attendance_threshold": 3},
    "court_appearance_date": "2026-12-15",
    "urgency": "urgent",
}
RETRACTION: Final[dict[str, Any]] = {"reason": "entered_in_error"}
MERGE: Final[dict[str, Any]] = {"merged": "{other_patient_id}"}
