"""The closed element taxonomy v1 (domain rules 4.1): 41 elements and their ladders.

An element is the only unit of permission. A name is a stable API identifier; a new element carries the
vocabulary version that introduced it in ``SINCE`` and is denied under every consent signed before.
"""

from enum import StrEnum
from types import MappingProxyType
from typing import Final

VERSION: Final = 1


class Element(StrEnum):
    """One category of information that a patient can allow by name."""

    IDENTITY_MATCH = "identity.match"
    IDENTITY_CONTACT = "identity.contact"
    IDENTITY_DEMOGRAPHICS = "identity.demographics"
    LEGAL_CASE_REF = "legal.case_ref"
    LEGAL_OFFENCE = "legal.offence"
    LEGAL_CONDITIONS = "legal.conditions"
    LEGAL_HEARING = "legal.hearing"
    REFERRAL_REQUEST = "referral.request"
    REFERRAL_DECISION = "referral.decision"
    REFERRAL_REASON = "referral.reason"
    REFERRAL_APPOINTMENT = "referral.appointment"
    ENROLMENT_ENGAGED = "enrolment.engaged"
    ENROLMENT_STATUS = "enrolment.status"
    ENROLMENT_DATES = "enrolment.dates"
    ENROLMENT_PROVIDER = "enrolment.provider"
    ENROLMENT_LEVEL_OF_CARE = "enrolment.level_of_care"
    ENROLMENT_CLOSURE = "enrolment.closure"
    ENROLMENT_CLOSURE_REASON = "enrolment.closure_reason"
    ATTENDANCE_COMPLIANT = "attendance.compliant"
    ATTENDANCE_SUMMARY = "attendance.summary"
    ATTENDANCE_SESSIONS = "attendance.sessions"
    ATTENDANCE_ABSENCE_REASON = "attendance.absence_reason"
    PROGRESS_ENGAGEMENT = "progress.engagement"
    PROGRESS_GOALS = "progress.goals"
    PROGRESS_PLAN_CHANGE = "progress.plan_change"
    PROGRESS_NARRATIVE = "progress.narrative"
    TESTING_PARTICIPATION = "testing.participation"
    TESTING_RESULT_SUMMARY = "testing.result_summary"
    TESTING_RESULT_PANEL = "testing.result_panel"
    CLINICAL_NEED_INDICATED = "clinical.need_indicated"
    CLINICAL_RECOMMENDATION = "clinical.recommendation"
    CLINICAL_SCREENING_BAND = "clinical.screening_band"
    CLINICAL_SCREENING_DETAIL = "clinical.screening_detail"
    CLINICAL_DIAGNOSIS = "clinical.diagnosis"
    CLINICAL_MEDICATION = "clinical.medication"
    CLINICAL_SAFETY_ALERT = "clinical.safety_alert"
    RESTRICTED_COUNSELLING_NOTES = "restricted.counselling_notes"
    RESTRICTED_INFECTIOUS_DISEASE = "restricted.infectious_disease"
    RESTRICTED_OTHER_HEALTH = "restricted.other_health"
    RESTRICTED_THIRD_PARTY = "restricted.third_party"
    RESTRICTED_SELF_INCRIMINATION = "restricted.self_incrimination"


E = Element

# Fine -> the next coarser steps. Consent to the fine one also covers the coarse one, never the reverse.
_STEPS: Final = {
    E.ATTENDANCE_ABSENCE_REASON: (E.ATTENDANCE_SESSIONS,),
    E.ATTENDANCE_SESSIONS: (E.ATTENDANCE_SUMMARY,),
    E.ATTENDANCE_SUMMARY: (E.ATTENDANCE_COMPLIANT,),
    E.ENROLMENT_CLOSURE_REASON: (E.ENROLMENT_CLOSURE,),
    E.ENROLMENT_CLOSURE: (E.ENROLMENT_STATUS,),
    E.ENROLMENT_DATES: (E.ENROLMENT_STATUS,),
    E.ENROLMENT_STATUS: (E.ENROLMENT_ENGAGED,),
    E.TESTING_RESULT_PANEL: (E.TESTING_RESULT_SUMMARY,),
    E.TESTING_RESULT_SUMMARY: (E.TESTING_PARTICIPATION,),
    E.CLINICAL_SCREENING_DETAIL: (E.CLINICAL_SCREENING_BAND,),
    E.CLINICAL_SCREENING_BAND: (E.CLINICAL_NEED_INDICATED,),
    E.CLINICAL_DIAGNOSIS: (E.CLINICAL_NEED_INDICATED,),
}


def _closure(element: Element) -> frozenset[Element]:
    coarser = _STEPS.get(element, ())
    return frozenset({element}).union(*(_closure(step) for step in coarser))


COVERS: Final = MappingProxyType({element: _closure(element) for element in Element})
"""Element -> itself and every coarser step that a consent to it also covers."""

FINEST_ONLY: Final = (
    (E.ATTENDANCE_ABSENCE_REASON, E.ATTENDANCE_SESSIONS, E.ATTENDANCE_SUMMARY, E.ATTENDANCE_COMPLIANT),
    (E.TESTING_RESULT_PANEL, E.TESTING_RESULT_SUMMARY, E.TESTING_PARTICIPATION),
)
"""Ladders of which only the finest granted step leaves, finest first."""

SINCE: Final = MappingProxyType(dict.fromkeys(Element, 1))
"""Element -> vocabulary version that introduced it."""

WINDOWED: Final = frozenset(
    {e for e in Element if e.value.startswith(("attendance.", "testing."))} | {E.PROGRESS_GOALS, E.PROGRESS_ENGAGEMENT}
)
"""Elements that speak of a window of weeks; every other element is state-like: one current value."""


class MessageKind(StrEnum):
    """The three kinds of message exchanged about one person."""

    REFERRAL = "referral"
    ASSESSMENT = "assessment"
    TREATMENT_STATUS = "treatment_status"


def kind_of(element: Element) -> MessageKind | None:
    """The kind of message in which a clinic states this element; None for what runs from justice to clinic."""
    group = element.value.partition(".")[0]
    if group == "referral" and element is not E.REFERRAL_REQUEST:
        return MessageKind.REFERRAL
    if group in ("clinical", "restricted"):
        return MessageKind.ASSESSMENT
    if group in ("enrolment", "attendance", "progress", "testing"):
        return MessageKind.TREATMENT_STATUS
    return None


OUTBOUND: Final = MappingProxyType({kind: frozenset(e for e in Element if kind_of(e) is kind) for kind in MessageKind})
"""Kind of message -> the elements a clinic can state in it. identity.*, legal.* and referral.request run inward."""
