"""How and on what ground something was disclosed outside this service (42 CFR 2.25; domain rules 1.13, 7)."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Channel(StrEnum):
    """By what means it was told."""

    PAPER = "paper"
    PHONE = "phone"
    IN_PERSON = "in_person"


class NoticeElement(StrEnum):
    """What a notice that the law lets a programme make of its own accord can hold: a fixed list, and no history."""

    INCIDENT = "notice.incident"
    PATIENT_STATUS = "notice.patient_status"
    NAME = "notice.name"
    ADDRESS = "notice.address"
    WHEREABOUTS = "notice.last_known_whereabouts"
    REPORT = "notice.report_under_state_law"


class Basis(StrEnum):
    """What permitted it."""

    CONSENT = "consent"
    MEDICAL_EMERGENCY = "medical_emergency"
    """42 CFR 2.51."""
    COURT_ORDER = "court_order"
    """42 CFR 2.61 to 2.67, with its subpoena or similar mandate."""
    AUDIT_OR_EVALUATION = "audit_or_evaluation"
    """42 CFR 2.53."""
    RESEARCH = "research"
    """42 CFR 2.52."""
    CHILD_ABUSE_REPORT = "child_abuse_report"
    """42 CFR 2.12(c)(6)."""
    CRIME_ON_PREMISES = "crime_on_premises"
    """42 CFR 2.12(c)(5)."""
    VITAL_STATISTICS = "vital_statistics"
    """42 CFR 2.15(b)."""


_N = NoticeElement
NOTICES: Final = MappingProxyType(
    {
        Basis.CRIME_ON_PREMISES: frozenset({_N.INCIDENT, _N.PATIENT_STATUS, _N.NAME, _N.ADDRESS, _N.WHEREABOUTS}),
        Basis.CHILD_ABUSE_REPORT: frozenset({_N.REPORT}),
    }
)
"""Basis of a notice -> what it can hold: 42 CFR 2.12(c)(5)(ii) names it; of a report the state's law does (c)(6)."""
