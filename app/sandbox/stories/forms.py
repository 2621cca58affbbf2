"""The forms that the clinics of the stories fill in for a court's condition (42 CFR 2.35)."""

from datetime import date
from typing import Any, Final

from app.sandbox import steps

BACKSTOP: Final = "2035-06-30"
CLINIC: Final = "u-clinic-harbor"


def recipient(unit: str, role: str, *elements: str) -> dict[str, Any]:
    """Who may receive, and what; each recipient has a list of its own."""
    return {"org_unit": unit, "role": role, "elements": list(elements)}


def under_2_35(
    patient: str, referral: str, name: str, ends_with: str, *recipients: dict[str, Any], since: date, **more: Any
) -> dict[str, Any]:
    """A consent that the patient can take back from final disposition on, until ``ends_with`` happens in the case."""
    bound: dict[str, Any] = {
        "kind": "cjs_2_35",
        "recipients": list(recipients),
        "elements": sorted({name for one in recipients for name in one["elements"]}),
        "expiry": {"event": ends_with, "at": BACKSTOP},
        "revocable_from": {"event": "final_disposition", "at": BACKSTOP},
        "duration_rationale": "For as long as the condition lasts.",
        "records_from": since.isoformat(),
        "statements": None,
    }
    return steps.form(patient, referral, name, CLINIC, **bound | more)
