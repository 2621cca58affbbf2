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
    SPOUSE = "spouse"
    FAMILY_MEMBER = "family_member"
    """Of one who died and whom no personal representative speaks for (42 CFR 2.15(b)(2))."""
    DIRECTOR = "director"
    """The programme's director, who may consent to nothing but payment (42 CFR 2.15(a)(2))."""
    MINOR_ASSENT = "minor_assent"
    """A minor who agrees where a guardian consents: heard, and no consent."""
    WITNESS = "witness"
    INTERPRETER = "interpreter"


class SignatureMethod(StrEnum):
    WET = "wet"
    E_SIGN = "e-sign"
    CLICK = "click"
    MARK = "mark"


class AuthorityScope(StrEnum):
    """What the paper that lets a representative sign is about: a guardian of property decides no health matter."""

    HEALTH = "health"
    PROPERTY = "property"


class Capacity(StrEnum):
    PRESUMED = "presumed"
    ASSESSED_HAS = "assessed_has"
    INTOXICATED_OR_WITHDRAWAL = "intoxicated_or_withdrawal"
    IMPAIRED = "impaired"
    ADJUDICATED_LACKING = "adjudicated_lacking"


class SuspensionCause(StrEnum):
    """Why a consent is suspended while it is in doubt (domain rules 5.1)."""

    CAPACITY_DOUBT = "capacity_doubt"
    DISPUTE = "dispute"
    SAFEGUARDING = "safeguarding"
    PRESSURE = "pressure"
    ERROR_REPORTED = "error_reported"
    """Said to be entered in error, until a second person says so too."""
    EVIDENCE_MISMATCH = "evidence_mismatch"
    """The page at the clinic is not the one that was signed (42 CFR 2.31(c)(4))."""
