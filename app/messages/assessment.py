"""Assessment: what a clinic found and recommends (domain rules 4.3)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.care import (
    Diagnosis,
    LevelOfCare,
    Medication,
    flaws_of_diagnosis,
    flaws_of_level,
    flaws_of_medication,
)
from app.messages.envelope import STRICT, Identifier, flaws_of_text
from app.messages.marks import ENVELOPE, message
from app.messages.screening import AsiArea, AsiRating, Screening, flaws_of_asi, flaws_of_screening
from app.vocabulary import Element
from app.vocabulary.clinical import AssessmentStatus, NeedLevel, SafetyAlert
from app.vocabulary.codes import Answer, Service

MOST_WEEKS: Final = 520


class AssessmentPurpose(StrEnum):
    """Why it was made; ``evidence_only`` is flagged at creation and never switched (42 CFR 2.12(e)(4)(i))."""

    TREATMENT = "treatment"
    REFERRAL = "referral"
    EVIDENCE_ONLY = "evidence_only"


@dataclass(frozen=True)
class Needs:
    """How much support the person needs, area by area: a summary and no finding."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    housing: NeedLevel | None = None
    work: NeedLevel | None = None
    family: NeedLevel | None = None
    physical: NeedLevel | None = None
    mental: NeedLevel | None = None


@dataclass(frozen=True)
class Recommendation:
    """The service recommended, at which level, for about how many weeks, and what else the person needs."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    service: Service
    level_of_care: LevelOfCare | None = None
    weeks_min: int | None = None
    weeks_max: int | None = None
    needs: Needs | None = None


@message
@dataclass(frozen=True)
class Assessment:
    """What a clinic files about a patient; ``cases`` restricts it to some of the patient's cases.

    ``assessed_on`` is the day of the finding or, while none is made, the day since which ``status`` holds.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: Annotated[str, ENVELOPE]
    assessed_on: Annotated[date, ENVELOPE]
    purpose: Annotated[AssessmentPurpose, ENVELOPE]
    need_indicated: Annotated[Answer | None, Element.CLINICAL_NEED_INDICATED] = None
    status: Annotated[AssessmentStatus, Element.CLINICAL_NEED_INDICATED] = AssessmentStatus.COMPLETED
    recommendation: Annotated[Recommendation | None, Element.CLINICAL_RECOMMENDATION] = None
    screening: Annotated[tuple[Screening, ...], Element.CLINICAL_SCREENING_DETAIL] = ()
    asi: Annotated[tuple[AsiArea, ...], Element.CLINICAL_SCREENING_DETAIL] = ()
    diagnosis: Annotated[tuple[Diagnosis, ...], Element.CLINICAL_DIAGNOSIS] = ()
    medication: Annotated[tuple[Medication, ...], Element.CLINICAL_MEDICATION] = ()
    safety_alert: Annotated[tuple[SafetyAlert, ...], Element.CLINICAL_SAFETY_ALERT] = ()
    counselling_notes: Annotated[str | None, Element.RESTRICTED_COUNSELLING_NOTES] = None
    infectious_disease: Annotated[str | None, Element.RESTRICTED_INFECTIOUS_DISEASE] = None
    other_health: Annotated[str | None, Element.RESTRICTED_OTHER_HEALTH] = None
    third_party: Annotated[str | None, Element.RESTRICTED_THIRD_PARTY] = None
    self_incrimination: Annotated[str | None, Element.RESTRICTED_SELF_INCRIMINATION] = None
    asi_legal: Annotated[AsiRating | None, Element.RESTRICTED_SELF_INCRIMINATION] = None
    cases: Annotated[tuple[str, ...], ENVELOPE] = ()
    supersedes: Annotated[str | None, ENVELOPE] = None
    identifier: Annotated[Identifier | None, ENVELOPE] = None


FINDINGS: Final = (
    *("recommendation", "screening", "asi", "diagnosis", "medication", "safety_alert", "counselling_notes"),
    *("infectious_disease", "other_health", "third_party", "self_incrimination", "asi_legal"),
)
"""What only a completed assessment finds. Of one that a person declined nothing more is told, and no reason."""
_TEXTS: Final = ("counselling_notes", "infectious_disease", "other_health", "third_party", "self_incrimination")


def flaws_of_assessment(assessment: Assessment, today: int) -> list[Flaw]:
    """What an assessment says that cannot be meant. ``today`` is a day ordinal."""
    found = []
    if assessment.assessed_on.toordinal() > today:
        found.append(Flaw("/assessed_on", "assessed_in_future", "The assessment lies in the future."))
    found += [*_status(assessment), *_recommended(assessment.recommendation)]
    found += [*flaws_of_screening(assessment.screening), *flaws_of_asi(assessment.asi, assessment.asi_legal)]
    found += [*flaws_of_diagnosis(assessment.diagnosis), *flaws_of_medication(assessment.medication)]
    return found + [flaw for name in _TEXTS for flaw in flaws_of_text(f"/{name}", getattr(assessment, name))]


def _status(assessment: Assessment) -> list[Flaw]:
    if assessment.status is AssessmentStatus.COMPLETED:
        if assessment.need_indicated in (None, Answer.INSUFFICIENT_DATA):
            detail = "A completed assessment says yes, no or undetermined; before that, say how far it came in status."
            return [Flaw("/need_indicated", "need_unclear", detail)]
        return []
    given = [name for name in ("need_indicated", *FINDINGS) if getattr(assessment, name)]
    detail = "Only a completed assessment finds anything; leave this out."
    return [Flaw(f"/{name}", "assessment_not_completed", detail) for name in given]


def _recommended(recommendation: Recommendation | None) -> list[Flaw]:
    if recommendation is None:
        return []
    found = []
    least, most = recommendation.weeks_min, recommendation.weeks_max
    for name, weeks in (("weeks_min", least), ("weeks_max", most)):
        if weeks is not None and not 1 <= weeks <= MOST_WEEKS:
            detail = f"A recommendation is for 1 to {MOST_WEEKS} weeks."
            found.append(Flaw(f"/recommendation/{name}", "weeks_out_of_range", detail))
    if least is not None and most is not None and least > most:
        found.append(Flaw("/recommendation/weeks_max", "weeks_reversed", "weeks_max is not below weeks_min."))
    return found + flaws_of_level("/recommendation/level_of_care", recommendation.level_of_care)
