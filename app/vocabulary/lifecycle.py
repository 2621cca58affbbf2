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


class CaseMove(StrEnum):
    """What becomes of a case as such. No consent follows it, and none can end by it (domain rules, cases 5 and 6)."""

    JOINED = "joined"
    TRANSFERRED = "transferred"


class ConsentKind(StrEnum):
    """Kinds of instrument. ``court_order`` is none that a patient signs (42 CFR part 2 subpart E)."""

    CJS_2_35 = "cjs_2_35"
    NAMED_DISCLOSURE = "named_disclosure"
    TPO = "tpo"
    PROCEEDING = "proceeding"
    COUNSELLING_NOTES = "counselling_notes"
    RESEARCH = "research"
    AGREEMENT = "agreement"
    COURT_ORDER = "court_order"


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
