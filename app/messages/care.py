"""What is coded of a person's care: level of care, diagnosis, medication. A code is a code only with its system."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Final

from app.errors import Flaw
from app.messages.continuity import CODES, DrugSystem
from app.messages.envelope import STRICT
from app.vocabulary.clinical import LEVEL_ALIASES, LEVELS, LevelSystem


class DiagnosisSystem(StrEnum):
    """Classification and edition."""

    ICD_10 = "icd-10"
    ICD_10_CM = "icd-10-cm"
    ICD_11 = "icd-11"


PATTERNS: Final = {
    DiagnosisSystem.ICD_10: re.compile(r"^F1[0-9](?:\.[0-9]{1,2})?$", re.ASCII),
    DiagnosisSystem.ICD_10_CM: re.compile(r"^F1(?:[0-689](?:\.[129][0-9]{0,3})?|7(?:\.2[0-9]{0,3})?)$", re.ASCII),
    DiagnosisSystem.ICD_11: re.compile(r"^6C4[0-9A-HYZ](?:\.[0-9A-Z]{1,3})?$", re.ASCII),
}


@dataclass(frozen=True)
class LevelOfCare:
    """A level with its edition: ``{"system": "asam-4", "code": "3.7"}``. "4.0" is taken as a spelling of "4"."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: LevelSystem
    code: str


@dataclass(frozen=True)
class Diagnosis:
    """A substance use diagnosis: ICD-10 (WHO) or ICD-10-CM F10 to F19, ICD-11 6C40 to 6C4Z."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: DiagnosisSystem
    code: str


@dataclass(frozen=True)
class Medication:
    """A medicine by its RxNorm concept or ATC substance; no dose: that goes from clinic to clinic in a transfer."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: DrugSystem
    code: str


def level_shown(level: LevelOfCare) -> dict[str, str]:
    """The level in its one spelling."""
    return {"system": level.system.value, "code": LEVEL_ALIASES.get(level.code, level.code)}


def flaws_of_level(pointer: str, level: LevelOfCare | None) -> list[Flaw]:
    """A code that its edition does not have. Codes of the third edition (0.5, 3.3, -WM) are not of the fourth."""
    if level is None or level_shown(level)["code"] in LEVELS[level.system]:
        return []
    known = ", ".join(sorted(LEVELS[level.system]))
    return [Flaw(f"{pointer}/code", "level_of_care_unknown", f"This edition has the levels {known}.")]


def flaws_of_diagnosis(diagnoses: tuple[Diagnosis, ...]) -> list[Flaw]:
    """Codes that do not belong to their system."""
    detail = "The code does not belong to this system."
    return [
        Flaw(f"/diagnosis/{number}/code", "diagnosis_code_unknown", detail)
        for number, diagnosis in enumerate(diagnoses)
        if not PATTERNS[diagnosis.system].match(diagnosis.code)
    ]


def flaws_of_medication(medications: tuple[Medication, ...]) -> list[Flaw]:
    """Codes that have not the form of their system."""
    detail = "RxNorm codes are concept numbers, ATC codes name a substance, as N07BC02 does."
    return [
        Flaw(f"/medication/{number}/code", "medication_code_unknown", detail)
        for number, medication in enumerate(medications)
        if not CODES[medication.system].fullmatch(medication.code)
    ]
