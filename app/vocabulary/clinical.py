"""Code lists of assessments and tests (domain rules 4.3; codes 1, 2)."""

from enum import StrEnum
from types import MappingProxyType
from typing import Final


class AssessmentStatus(StrEnum):
    """How far an assessment came; only a completed one finds anything."""

    REQUESTED = "requested"
    OFFERED = "offered"
    COMPLETED = "completed"
    DECLINED = "declined"
    NOT_POSSIBLE = "not_possible"


class Instrument(StrEnum):
    """Screening instruments whose scores become bands by published cut-offs (codes 1)."""

    ASSIST = "assist"
    AUDIT = "audit"
    DUDIT = "dudit"
    DAST10 = "dast10"


class AsiDomain(StrEnum):
    """Six of the seven areas of the Addiction Severity Index. The seventh, legal, is a member of its own."""

    MEDICAL = "medical"
    EMPLOYMENT = "employment"
    ALCOHOL = "alcohol"
    DRUG = "drug"
    FAMILY = "family"
    PSYCHIATRIC = "psychiatric"


class NeedLevel(StrEnum):
    LOW = "low"
    MED = "med"
    HIGH = "high"


class LevelSystem(StrEnum):
    """The edition is part of the code: 3.7 has another meaning in the third."""

    ASAM_4 = "asam-4"


LEVELS: Final = MappingProxyType(
    {LevelSystem.ASAM_4: frozenset({"1.0", "1.5", "1.7", "2.1", "2.5", "2.7", "3.1", "3.5", "3.7", "4", "RR"})}
)
"""Numbers only: names and criteria are ASAM's. 0.5, 3.3 and the -WM codes are of the third edition (codes 2, 9)."""
LEVEL_ALIASES: Final = MappingProxyType({"4.0": "4"})


class SafetyAlert(StrEnum):
    """A named risk to life, and nothing else (domain rules 3.4)."""

    OVERDOSE = "overdose"
    WITHDRAWAL = "withdrawal"
    SUICIDE = "suicide"


class Participation(StrEnum):
    """What became of one test: ``offered`` while nothing else is known."""

    OFFERED = "offered"
    GIVEN = "given"
    MISSED = "missed"
    DECLINED = "declined"


class Result(StrEnum):
    """What a test says of unprescribed use. No code tells whether a prescribed medicine explains a result."""

    NO_UNPRESCRIBED_USE_FOUND = "no_unprescribed_use_found"
    NON_NEGATIVE_UNCONFIRMED = "non_negative_unconfirmed"
    UNPRESCRIBED_USE_CONFIRMED = "unprescribed_use_confirmed"
    INCONCLUSIVE = "inconclusive"


class Method(StrEnum):
    """A screen is presumptive; only a confirmation confirms."""

    SCREEN = "screen"
    CONFIRM = "confirm"


class Analyte(StrEnum):
    ALCOHOL = "alcohol"
    AMPHETAMINE = "amphetamine"
    BARBITURATES = "barbiturates"
    BENZODIAZEPINES = "benzodiazepines"
    BUPRENORPHINE = "buprenorphine"
    CANNABINOIDS = "cannabinoids"
    COCAINE = "cocaine"
    ETHYL_GLUCURONIDE = "ethyl_glucuronide"
    FENTANYL = "fentanyl"
    HEROIN = "heroin"
    KETAMINE = "ketamine"
    MDMA = "mdma"
    METHADONE = "methadone"
    METHAMPHETAMINE = "methamphetamine"
    OPIATES = "opiates"
    OXYCODONE = "oxycodone"
    PHENCYCLIDINE = "phencyclidine"
    SYNTHETIC_CANNABINOIDS = "synthetic_cannabinoids"
    TRAMADOL = "tramadol"
    OTHER = "other"
