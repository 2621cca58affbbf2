"""The code lists of messages as a document: codes, cut-offs, and what the lists of others mean here."""

from enum import StrEnum
from typing import Any, Final

from app.messages.care import PATTERNS
from app.messages.continuity import DrugSystem
from app.vocabulary import clinical, codes
from app.vocabulary.closures import REASONS, ClosureSystem, Reason, outbound
from app.vocabulary.instruments import ASSIST, BANDS, Band
from app.vocabulary.sources import SOURCES

_LISTS: Final[dict[str, type[StrEnum]]] = {
    "stage": codes.Stage,
    "offence_category": codes.OffenceCategory,
    "consent_status": codes.ConsentOffer,
    "service": codes.Service,
    "urgency": codes.Urgency,
    "cadence": codes.Cadence,
    "decision": codes.Decision,
    "decision_reason": codes.DecisionReason,
    "enrolment_status": codes.EnrolmentStatus,
    "closure": codes.Closure,
    "session_outcome": codes.SessionOutcome,
    "absence_reason": codes.AbsenceReason,
    "engagement": codes.Engagement,
    "plan_change": codes.PlanChange,
    "answer": codes.Answer,
    "epistemic": codes.Epistemic,
    "assessment_status": clinical.AssessmentStatus,
    "asi_domain": clinical.AsiDomain,
    "need_level": clinical.NeedLevel,
    "medication_system": DrugSystem,
    "safety_alert": clinical.SafetyAlert,
    "test_participation": clinical.Participation,
    "test_result": clinical.Result,
    "test_method": clinical.Method,
    "analyte": clinical.Analyte,
}


def lists() -> dict[str, list[str]]:
    """Name of a code list -> its codes."""
    return {name: [code.value for code in codes_] for name, codes_ in _LISTS.items()}


def levels() -> dict[str, list[str]]:
    """Edition -> levels of care, by number only."""
    return {system.value: sorted(found) for system, found in clinical.LEVELS.items()}


def diagnoses() -> dict[str, str]:
    """Classification -> the pattern of its codes that are taken."""
    return {system.value: pattern.pattern for system, pattern in PATTERNS.items()}


def instruments() -> dict[str, Any]:
    """Instrument -> bands of its total score; of ASSIST by substance. Both ends are inside."""
    single = {instrument.value: _bands(bands) for instrument, bands in BANDS.items()}
    return single | {clinical.Instrument.ASSIST.value: {name: _bands(bands) for name, bands in ASSIST.items()}}


def mappings() -> dict[str, Any]:
    """What codes of other lists mean here and, for a closure, the code to report it by elsewhere."""
    return {
        "closure_reason": {system.value: _closures(system) for system in ClosureSystem},
        "referral_source": {system.value: dict(found) for system, found in SOURCES.items()},
    }


def _bands(bands: tuple[Band, ...]) -> list[dict[str, Any]]:
    """A range without a code is one for which no band is told."""
    return [{"min": low, "max": high} | ({"code": code} if code else {}) for code, low, high in bands]


def _closures(system: ClosureSystem) -> dict[str, Any]:
    out = {closure.value: outbound(system, closure) for closure in codes.Closure}
    return {
        "codes": {code: _reason(reason) for code, reason in REASONS[system].items()},
        "outbound": {closure: code for closure, code in out.items() if code is not None},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    """``review``: the list leaves open which closure it is, so that a person has to say."""
    return {"label": reason.label, "closure": reason.closure.value, "review": reason.review}
