"""Messages that say everything their kind can say; tests change one thing of them at a time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.messages.assessment import Assessment, AssessmentPurpose, Needs, Recommendation
from app.messages.attendance import Session
from app.messages.care import Diagnosis, DiagnosisSystem, LevelOfCare, Medication
from app.messages.closure import ClosureReason
from app.messages.continuity import DrugSystem
from app.messages.envelope import Period
from app.messages.response import Appointment, ReferralResponse
from app.messages.screening import AsiArea, AsiRating, Screening
from app.messages.testing import AnalyteResult, DrugTest
from app.messages.treatment_status import EnrolmentDates, Goals, TreatmentStatus
from app.vocabulary.clinical import (
    Analyte,
    AsiDomain,
    Instrument,
    LevelSystem,
    Method,
    NeedLevel,
    Participation,
    Result,
    SafetyAlert,
)
from app.vocabulary.closures import ClosureSystem
from app.vocabulary.codes import (
    AbsenceReason,
    Answer,
    Closure,
    Decision,
    DecisionReason,
    Engagement,
    EnrolmentStatus,
    PlanChange,
    Service,
    SessionOutcome,
)

MONDAY: Final = date(2026, 10, 5)
TODAY: Final = date(2026, 11, 24).toordinal()
LEVEL: Final = LevelOfCare(LevelSystem.ASAM_4, "3.7")
CONFIRMED: Final = Result.UNPRESCRIBED_USE_CONFIRMED


def panel(*results: tuple[Analyte, Method, Result], loinc: str | None = None) -> tuple[AnalyteResult, ...]:
    """A panel of these."""
    return tuple(AnalyteResult(analyte, method, result, loinc) for analyte, method, result in results)


TESTED: Final = DrugTest(
    MONDAY + timedelta(days=2),
    Participation.GIVEN,
    CONFIRMED,
    panel((Analyte.COCAINE, Method.CONFIRM, CONFIRMED)),
)


def response(**changes: Any) -> ReferralResponse:
    """An acceptance with an appointment."""
    sound: dict[str, Any] = {"decision": Decision.ACCEPTED, "appointment": Appointment(datetime.now(UTC), "Site 1")}
    return ReferralResponse(**(sound | changes))


DECLINED: Final = ReferralResponse(Decision.DECLINED, DecisionReason.CAPACITY)


def status(**changes: Any) -> TreatmentStatus:
    """The status of one week in which everything happened, and treatment ended."""
    sessions = (
        Session(MONDAY, SessionOutcome.ATTENDED),
        Session(MONDAY + timedelta(days=1), SessionOutcome.MISSED, AbsenceReason.ILLNESS),
    )
    sound: dict[str, Any] = {
        "patient_id": "p",
        "period": Period(MONDAY, MONDAY + timedelta(days=6)),
        "status": EnrolmentStatus.ENDED,
        "dates": EnrolmentDates(MONDAY, MONDAY),
        "closure": Closure.COMPLETED,
        "closure_reason": ClosureReason(ClosureSystem.TEDS_D, "1"),
        "level_of_care": LEVEL,
        "sessions": sessions,
        "engagement": Engagement.GOOD,
        "goals": Goals(1, 4),
        "plan_change": PlanChange.NONE,
        "testing": (TESTED,),
        "narrative": "She kept her plan.",
    }
    return TreatmentStatus(**(sound | changes))


def assessment(**changes: Any) -> Assessment:
    """A completed assessment that found something of every kind."""
    sound: dict[str, Any] = {
        "patient_id": "p",
        "assessed_on": MONDAY,
        "purpose": AssessmentPurpose.TREATMENT,
        "need_indicated": Answer.YES,
        "recommendation": Recommendation(Service.RESIDENTIAL, LEVEL, 4, 12, Needs(housing=NeedLevel.HIGH)),
        "screening": (Screening(Instrument.AUDIT, 17),),
        "asi": (AsiArea(AsiDomain.DRUG, AsiRating(0.25, 6)),),
        "diagnosis": (Diagnosis(DiagnosisSystem.ICD_11, "6C40.2"),),
        "medication": (Medication(DrugSystem.ATC, "N07BC02"),),
        "safety_alert": (SafetyAlert.OVERDOSE,),
        "counselling_notes": "Notes.",
        "infectious_disease": "Something.",
        "other_health": "Something else.",
        "third_party": "About her sister.",
        "self_incrimination": "What she said.",
        "asi_legal": AsiRating(0.5, 5),
    }
    return Assessment(**(sound | changes))
