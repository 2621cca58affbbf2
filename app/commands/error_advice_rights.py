"""The same of the codes that come when a patient's rights are carried out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RIGHTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "restriction_decided": ("The restriction was decided otherwise, or is over.", "Look at its `state`."),
        "restriction_not_in_force": (
            "Only what was agreed ends; by notice, only what has not ended by notice before.",
            "Look at its `state`.",
        ),
        "restriction_must_be_agreed": ("The patient paid in full and asks that a health plan not know.", "Agree."),
        "restriction_paid_in_full": (
            "A restriction towards a health plan of what was paid for in full ends by the patient's word alone.",
            "End it with `patient_written` or `oral_documented`.",
        ),
        "told_in_future": ("The patient is said to have been told in the future.", "Write when it was."),
        "told_first": (
            "The profile of the discloser asks that the patient be told before a restriction is lifted.",
            "Tell the patient, then send `told_at`.",
        ),
        "suspension_not_for_unit": (
            "A unit that neither enforces the law nor oversees health care asks that the patient not be told.",
            "Check the unit; a court and counsel may not ask for this.",
        ),
        "suspension_over": ("`until` is past.", "Write a day to come, or suspend nothing."),
        "suspension_too_long": ("An oral statement was to hold for more than 30 days.", "Ask for a written one."),
        "review_in_past": ("A hold would have to be looked at before it is placed.", "Write a day to come."),
        "legal_hold": (
            "Somebody would erase a record that is held for a case.",
            "`GET /v1/patients/{patient_id}/holds` shows for which; lift the hold first.",
        ),
        "request_not_extensible": (
            "The request was answered or extended, is overdue, or its kind has no more time.",
            "Answer it.",
        ),
        "request_answered": ("The request was answered before.", "`GET /v1/subject-requests` shows how."),
        "reasons_missing": ("A request is refused without a reason.", "Say why in `reasons`."),
    }
)
