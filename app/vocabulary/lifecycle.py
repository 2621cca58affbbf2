"""Code lists of cases and consents (domain rules 5; design 4a)."""

from enum import StrEnum


class CaseIdentifierType(StrEnum):
    DOCKET = "docket"
    TRACKING = "tracking"
    ARREST_RECORD = "arrest_record"
    SUPERVISION = "supervision"
    DIVERSION = "diversion"


class CaseEvent(StrEnum):
    FINAL_DISPOSITION = "final_disposition"
    RELEASE_ENDED = "release_ended"
    TREATMENT_ENDED = "treatment_ended"
    SENTENCE_COMPLETED = "sentence_completed"
    CASE_DISMISSED = "case_dismissed"
    ASSIGNMENT_ENDED = "assignment_ended"


class ConsentKind(StrEnum):
    CJS_2_35 = "cjs_2_35"
    NAMED_DISCLOSURE = "named_disclosure"
    TPO = "tpo"
    PROCEEDING = "proceeding"
    COUNSELLING_NOTES = "counselling_notes"
    RESEARCH = "research"


class ConsentState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    ENTERED_IN_ERROR = "entered_in_error"


class SignatureRole(StrEnum):
    PATIENT = "patient"
    PARENT = "parent"
    GUARDIAN = "guardian"
    PERSONAL_REPRESENTATIVE = "personal_representative"
    WITNESS = "witness"
    INTERPRETER = "interpreter"


class SignatureMethod(StrEnum):
    WET = "wet"
    E_SIGN = "e-sign"
    CLICK = "click"
    MARK = "mark"


class Capacity(StrEnum):
    PRESUMED = "presumed"
    ASSESSED_HAS = "assessed_has"
    INTOXICATED_OR_WITHDRAWAL = "intoxicated_or_withdrawal"
    IMPAIRED = "impaired"
    ADJUDICATED_LACKING = "adjudicated_lacking"
