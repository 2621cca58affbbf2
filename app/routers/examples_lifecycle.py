"""Worked examples of the bodies about what becomes of a signed consent; replayed as those of ``examples`` are."""

from typing import Any, Final

SUSPENSION: Final[dict[str, Any]] = {"cause": "capacity_doubt", "note": "Confused since the change of medication."}
LIFTING: Final[dict[str, Any]] = {"note": "Seen again by N. Reyes; knows what the consent is for."}
ERROR_FOUND: Final[dict[str, Any]] = {"reason": "The form of another patient was scanned."}
EVIDENCE: Final[dict[str, Any]] = {"evidence_hash": "sha256:" + "0" * 64}
REVIEW_DECISION: Final[dict[str, Any]] = {"upheld": False, "note": "The page is hers; the scan was filed twice."}
PATIENT_CHANGE: Final[dict[str, Any]] = {"deceased_on": "2026-11-19"}
