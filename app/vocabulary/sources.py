"""Where a referral came from, in the code lists of treatment statistics (codes 3, 5, 10). Codes for "missing" are left
out: the sender leaves the member out."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class SourceSystem(StrEnum):
    """TEDS-A public-use PSOURCE and DETCRIM (2017 codebook, pages 32 and 33); TDI 3.0 source of referral."""

    TEDS_PSOURCE = "teds-psource"
    TEDS_DETCRIM = "teds-detcrim"
    TDI = "tdi-3.0"


JUSTICE_IN_PSOURCE: Final = "7"
"""DETCRIM is coded only where PSOURCE says court or criminal justice."""

SOURCES: Final[Mapping[SourceSystem, Mapping[str, str]]] = MappingProxyType(
    {
        SourceSystem.TEDS_PSOURCE: {
            "1": "individual (includes self-referral)",
            "2": "alcohol/drug use care provider",
            "3": "other health care provider",
            "4": "school (educational)",
            "5": "employer/EAP",
            "6": "other community referral",
            JUSTICE_IN_PSOURCE: "court/criminal justice referral/DUI/DWI",
        },
        SourceSystem.TEDS_DETCRIM: {
            "1": "state/federal court",
            "2": "formal adjudication process",
            "3": "probation/parole",
            "4": "other recognized legal entity",
            "5": "diversionary program",
            "6": "prison",
            "7": "DUI/DWI",
            "8": "other",
        },
        SourceSystem.TDI: {
            "1": "court/probation/police",
            "2": "general practitioner",
            "3": "other drug treatment centre",
            "4": "other health, medical or social service",
            "5": "educational services",
            "6": "self, family, friends; no other agency involved",
            "7": "other",
        },
    }
)
"""System -> code -> label."""
