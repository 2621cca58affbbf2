"""What a transfer of care is made of: medication with dose, risks, naloxone; codes, not words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Final

from app.errors import Flaw
from app.messages.envelope import STRICT


class TransferReason(StrEnum):
    CUSTODY_ENTRY = "custody_entry"
    CUSTODY_RELEASE = "custody_release"
    TRANSFER_OF_CARE = "transfer_of_care"


class Risk(StrEnum):
    NONE = "none"
    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


class DrugSystem(StrEnum):
    """Classification of medicines: a code is a code only with its system."""

    ATC = "atc"
    RXNORM = "rxnorm"


class DoseUnit(StrEnum):
    """Unit of a dose, in UCUM."""

    MILLIGRAM = "mg"
    MICROGRAM = "ug"
    MILLILITRE = "mL"


class Route(StrEnum):
    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    BUCCAL = "buccal"
    NASAL = "nasal"
    TRANSDERMAL = "transdermal"
    SUBCUTANEOUS = "subcutaneous"
    INTRAMUSCULAR = "intramuscular"
    INTRAVENOUS = "intravenous"


@dataclass(frozen=True)
class CurrentMedication:
    """A medicine that the patient takes: its code, the single dose, and when the last one was taken."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    system: DrugSystem
    code: str
    dose: float
    unit: DoseUnit
    last_dose_at: datetime
    route: Route | None = None


@dataclass(frozen=True)
class WithdrawalRisk:
    """Risk of withdrawal in the next days, as the sender judges it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    risk: Risk


@dataclass(frozen=True)
class OverdoseRisk:
    """Risk of overdose; ``reduced_tolerance`` after a time without, as at release from custody."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    risk: Risk
    reduced_tolerance: bool


@dataclass(frozen=True)
class Naloxone:
    """Whether the patient was given naloxone, and shown how to use it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    supplied: bool
    trained: bool


CODES: Final = {
    DrugSystem.ATC: re.compile(r"[A-Z][0-9]{2}[A-Z]{2}[0-9]{2}", re.ASCII),
    DrugSystem.RXNORM: re.compile(r"[1-9][0-9]{0,7}", re.ASCII),
}
"""ATC at its fifth level, the chemical substance; RxNorm concept identifiers."""

_MOST_DOSE: Final = 10_000
_SKEW: Final = timedelta(seconds=5)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def moment_of(now: int) -> datetime:
    """Microseconds since 1970-01-01T00:00Z as a datetime."""
    return _EPOCH + timedelta(microseconds=now)


def flaws_of_medication(medication: Sequence[CurrentMedication], now: int) -> list[Flaw]:
    """What a list of medicines says that cannot be meant. ``now`` is in microseconds."""
    found = []
    for number, one in enumerate(medication):
        at = f"/medication/{number}"
        if not CODES[one.system].fullmatch(one.code):
            found.append(Flaw(f"{at}/code", "medication_code_unknown", "The code does not belong to this system."))
        if not 0 < one.dose <= _MOST_DOSE:
            detail = "A single dose is more than 0 and at most 10000 of its unit."
            found.append(Flaw(f"{at}/dose", "dose_out_of_range", detail))
        if one.last_dose_at > moment_of(now) + _SKEW:
            found.append(Flaw(f"{at}/last_dose_at", "last_dose_in_future", "The last dose lies in the future."))
    return found
