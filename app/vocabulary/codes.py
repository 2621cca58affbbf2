"""Code lists of messages (domain rules 4.3)."""

from enum import StrEnum


class Stage(StrEnum):
    PRE_ARREST = "pre_arrest"
    PRETRIAL = "pretrial"
    TRIAL = "trial"
    POST_SENTENCE = "post_sentence"
    CUSTODY = "custody"
    RELEASE = "release"


class OffenceCategory(StrEnum):
    """What the case is about, coarsely: no narrative crosses (domain rules 4.3)."""

    POSSESSION = "possession"
    PROPERTY = "property"
    TRAFFIC = "traffic"
    OTHER = "other"


class ConsentOffer(StrEnum):
    """What the sender did about consent, in its own words: a form goes with the referral, was offered, or neither."""

    NONE = "none"
    OFFERED = "offered"
    ATTACHED = "attached"


class Service(StrEnum):
    ASSESSMENT = "assessment"
    OUTPATIENT = "outpatient"
    INTENSIVE_OUTPATIENT = "intensive_outpatient"
    RESIDENTIAL = "residential"
    MEDICATION = "medication"
    WITHDRAWAL_MANAGEMENT = "withdrawal_management"
    AFTERCARE = "aftercare"


class Urgency(StrEnum):
    ROUTINE = "routine"
    SOON = "soon"
    URGENT = "urgent"


class Cadence(StrEnum):
    """How often the court wants a report: ISO 8601 durations, or before each hearing."""

    WEEKLY = "P1W"
    FORTNIGHTLY = "P2W"
    FOUR_WEEKLY = "P4W"
    PER_HEARING = "per_hearing"


class Decision(StrEnum):
    ACCEPTED = "accepted"
    WAITLISTED = "waitlisted"
    DECLINED = "declined"
    PERSON_DECLINED = "person_declined"
    NOT_REACHED = "not_reached"
    WITHDRAWN = "withdrawn"


class DecisionReason(StrEnum):
    """Why a clinic has no place for a person, or not now; a person's own no is never given a reason."""

    CAPACITY = "capacity"
    OUT_OF_AREA = "out_of_area"
    NOT_INDICATED = "not_indicated"
    NEEDS_OTHER_SERVICE = "needs_other_service"
    DUPLICATE = "duplicate"
    OTHER = "other"


class EnrolmentStatus(StrEnum):
    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Closure(StrEnum):
    COMPLETED = "completed"
    TRANSFERRED = "transferred"
    LEFT_EARLY = "left_early"
    ENDED_BY_PROVIDER = "ended_by_provider"
    CUSTODY = "custody"
    DECEASED = "deceased"
    DECLINED_START = "declined_start"
    MOVED = "moved"
    OTHER = "other"


class SessionOutcome(StrEnum):
    ATTENDED = "attended"
    EXCUSED = "excused"
    MISSED = "missed"


class AbsenceReason(StrEnum):
    ILLNESS = "illness"
    WORK = "work"
    TRANSPORT = "transport"
    CUSTODY = "custody"
    BEREAVEMENT = "bereavement"
    PROVIDER_CANCELLED = "provider_cancelled"
    UNKNOWN = "unknown"


class Engagement(StrEnum):
    LOW = "low"
    MODERATE = "moderate"
    GOOD = "good"


class PlanChange(StrEnum):
    NONE = "none"
    STEP_UP = "step_up"
    STEP_DOWN = "step_down"
    ADJUST = "adjust"
    TRANSFER = "transfer"


class Answer(StrEnum):
    """A yes/no statement; ``insufficient_data`` where a derivation lacks its inputs, never a guess."""

    YES = "yes"
    NO = "no"
    UNDETERMINED = "undetermined"
    INSUFFICIENT_DATA = "insufficient_data"


class Epistemic(StrEnum):
    """Facts kept apart from personal assessments (LED Art 7(1))."""

    FACT = "fact"
    ASSESSMENT = "assessment"
    SELF_REPORT = "self_report"
