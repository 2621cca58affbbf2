"""Assessment: what a clinic found and recommends (domain rules 4.3; cut-offs: codes 1 and 10)."""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT
from app.messages.marks import ENVELOPE, message
from app.vocabulary import Element
from app.vocabulary.codes import Answer, Instrument, Service


class AssessmentPurpose(StrEnum):
    """Why it was made; ``evidence_only`` is flagged at creation and never switched (42 CFR 2.12(e)(4)(i))."""

    TREATMENT = "treatment"
    REFERRAL = "referral"
    EVIDENCE_ONLY = "evidence_only"


class DiagnosisSystem(StrEnum):
    """Classification and edition: a code is a code only with its system."""

    ICD_10 = "icd-10"
    ICD_10_CM = "icd-10-cm"
    ICD_11 = "icd-11"


PATTERNS: Final = {
    DiagnosisSystem.ICD_10: re.compile(r"^F1[0-9](?:\.[0-9]{1,2})?$", re.ASCII),
    DiagnosisSystem.ICD_10_CM: re.compile(r"^F1(?:[0-689](?:\.[129][0-9]{0,3})?|7(?:\.2[0-9]{0,3})?)$", re.ASCII),
    DiagnosisSystem.ICD_11: re.compile(r"^6C4[0-9A-HYZ](?:\.[0-9A-Z]{1,3})?$", re.ASCII),
}


@dataclass(frozen=True)
class Screening:
    """A total score; ``substance`` is the WHO ASSIST substance (alcohol, tobacco or any other), else absent."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    instrument: Instrument
    score: int
    substance: str | None = None


@dataclass(frozen=True)
class Diagnosis:
    """A substance use diagnosis."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: DiagnosisSystem
    code: str


@dataclass(frozen=True)
class Recommendation:
    """The service recommended, for about how many weeks."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    service: Service
    weeks: int | None = None


@message
@dataclass(frozen=True)
class Assessment:
    """What a clinic files about a patient; ``cases`` restricts it to some of the patient's cases."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: Annotated[str, ENVELOPE]
    assessed_on: Annotated[date, ENVELOPE]
    purpose: Annotated[AssessmentPurpose, ENVELOPE]
    need_indicated: Annotated[Answer, Element.CLINICAL_NEED_INDICATED]
    recommendation: Annotated[Recommendation | None, Element.CLINICAL_RECOMMENDATION] = None
    screening: Annotated[tuple[Screening, ...], Element.CLINICAL_SCREENING_DETAIL] = ()
    diagnosis: Annotated[tuple[Diagnosis, ...], Element.CLINICAL_DIAGNOSIS] = ()
    counselling_notes: Annotated[str | None, Element.RESTRICTED_COUNSELLING_NOTES] = None
    cases: Annotated[tuple[str, ...], ENVELOPE] = ()
    supersedes: Annotated[str | None, ENVELOPE] = None


_Bands = tuple[tuple[str, int, int], ...]
_ASSIST: Final[dict[str, _Bands]] = {
    "alcohol": (("low", 0, 10), ("moderate", 11, 26), ("high", 27, 39)),
    "tobacco": (("low", 0, 3), ("moderate", 4, 26), ("high", 27, 31)),
}
_ASSIST_OTHER: Final[_Bands] = (("low", 0, 3), ("moderate", 4, 26), ("high", 27, 39))
ASSIST_SUBSTANCES: Final = frozenset(
    {"alcohol", "tobacco", "cannabis", "cocaine", "ats", "inhalants", "sedatives", "hallucinogens", "opioids", "other"}
)
_BANDS: Final[dict[Instrument, _Bands]] = {
    Instrument.AUDIT: (("zone_1", 0, 7), ("zone_2", 8, 15), ("zone_3", 16, 19), ("zone_4", 20, 40)),
    Instrument.DAST10: (("none", 0, 0), ("low", 1, 2), ("moderate", 3, 5), ("substantial", 6, 8), ("severe", 9, 10)),
    # Sex-neutral: 2 to 5 would need, and so reveal, the person's sex; no band is derived there.
    Instrument.DUDIT: (("negative", 0, 1), ("", 2, 5), ("positive", 6, 24), ("likely_dependence", 25, 44)),
}


def band(screening: Screening) -> str | None:
    """The published band of a score: '' where none may be derived, None where the score is impossible."""
    bands = _BANDS.get(screening.instrument) or _ASSIST.get(screening.substance or "", _ASSIST_OTHER)
    return next((code for code, low, high in bands if low <= screening.score <= high), None)


def flaws_of_assessment(assessment: Assessment, today: int) -> list[Flaw]:
    """What an assessment says that cannot be meant. ``today`` is a day ordinal."""
    found = []
    if assessment.assessed_on.toordinal() > today:
        found.append(Flaw("/assessed_on", "assessed_in_future", "The assessment lies in the future."))
    if assessment.need_indicated is Answer.INSUFFICIENT_DATA:
        detail = "Say yes or no; while it is not known, file nothing."
        found.append(Flaw("/need_indicated", "need_unclear", detail))
    weeks = assessment.recommendation.weeks if assessment.recommendation is not None else None
    if weeks is not None and not 1 <= weeks <= 520:
        found.append(Flaw("/recommendation/weeks", "weeks_out_of_range", "A recommendation is for 1 to 520 weeks."))
    return [*found, *_screened(assessment), *_diagnosed(assessment)]


def _screened(assessment: Assessment) -> list[Flaw]:
    found = []
    for number, screening in enumerate(assessment.screening):
        if (screening.instrument is Instrument.ASSIST) != (screening.substance in ASSIST_SUBSTANCES):
            pointer = f"/screening/{number}/substance"
            found.append(Flaw(pointer, "substance_unknown", "ASSIST scores name a substance of the list; others none."))
        elif band(screening) is None:
            pointer = f"/screening/{number}/score"
            found.append(Flaw(pointer, "score_out_of_range", "The instrument cannot give this score."))
    return found


def _diagnosed(assessment: Assessment) -> list[Flaw]:
    found = []
    for number, diagnosis in enumerate(assessment.diagnosis):
        if not PATTERNS[diagnosis.system].match(diagnosis.code):
            pointer = f"/diagnosis/{number}/code"
            found.append(Flaw(pointer, "diagnosis_code_unknown", "The code does not belong to this system."))
    return found
