"""Why a treatment ended, in the code lists that clinics already report by, and what each code is here (codes 3-6, 10).

A number is a code only together with its system. No code becomes ``left_early`` or ``ended_by_provider`` unless its
list says whose decision it was: a court reads both as conduct. Money, illness, no service, the agency's end: ``other``.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from app.vocabulary.codes import Closure

C = Closure


class ClosureSystem(StrEnum):
    """A code list of reasons, with its edition. EMCDDA TDI 3.0 has none."""

    TEDS_D = "teds-d"
    NDTMS = "ndtms"
    NDTMS_LEGACY = "ndtms-legacy"
    CO_BHA = "co-bha"
    CO_BHA_TYPE = "co-bha-type"


class Reason(NamedTuple):
    """One code: its label, the closure it is here, and whether a person has to say so (the list leaves it open)."""

    label: str
    closure: Closure
    review: bool = False


_S = ClosureSystem
# Left out: codes for "missing" (TEDS -9), and Colorado's type 03, whose reason list says what it is.
REASONS: Final[Mapping[ClosureSystem, Mapping[str, Reason]]] = MappingProxyType(
    {
        _S.TEDS_D: {  # public-use file, REASON; states send other numbers
            "1": Reason("treatment completed", C.COMPLETED),
            "2": Reason("dropped out of treatment", C.LEFT_EARLY),
            "3": Reason("terminated by facility", C.ENDED_BY_PROVIDER),
            "4": Reason("transferred to another treatment programme or facility", C.TRANSFERRED),
            "5": Reason("incarcerated", C.CUSTODY),
            "6": Reason("death", C.DECEASED),
            "7": Reason("other", C.OTHER),
        },
        _S.NDTMS: {  # numbers inferred from their outcome class: replace by the reference data in force
            "80": Reason("treatment completed: drug free", C.COMPLETED),
            "81": Reason("treatment completed: alcohol free", C.COMPLETED),
            "82": Reason("treatment completed: occasional user (not heroin or crack)", C.COMPLETED),
            "83": Reason("transferred: not in custody", C.TRANSFERRED),
            "84": Reason("transferred: in custody", C.TRANSFERRED),
            "85": Reason("incomplete: dropped out", C.LEFT_EARLY),
            "86": Reason("incomplete: treatment withdrawn by provider", C.ENDED_BY_PROVIDER),
            "87": Reason("incomplete: retained in custody", C.CUSTODY),
            "88": Reason("incomplete: treatment commencement declined by client", C.DECLINED_START),
            "89": Reason("incomplete: client died", C.DECEASED),
            **dict.fromkeys(
                ("93", "94", "95", "96", "97"), Reason("transfer, kind not resolved", C.TRANSFERRED, review=True)
            ),
        },
        _S.NDTMS_LEGACY: {
            "1": Reason("treatment completed drug free", C.COMPLETED),
            "2": Reason("treatment completed", C.COMPLETED),
            "3": Reason("treatment withdrawn/breach of contract", C.ENDED_BY_PROVIDER),
            "4": Reason("no appropriate treatment available", C.OTHER),
            "5": Reason("referred on", C.TRANSFERRED),
            "6": Reason("dropped out/left", C.LEFT_EARLY),
            "7": Reason("moved away", C.MOVED),
            "8": Reason("prison", C.CUSTODY),
            "9": Reason("died", C.DECEASED),
            "10": Reason("other", C.OTHER),
            "11": Reason("not known", C.OTHER),
            "12": Reason("treatment declined by client", C.DECLINED_START, review=True),
            "13": Reason("inappropriate referral", C.OTHER),
        },
        _S.CO_BHA: {
            "1": Reason("attendance", C.OTHER, review=True),
            "2": Reason("client decision", C.LEFT_EARLY),
            "3": Reason("client stopped coming and contact efforts failed", C.LEFT_EARLY),
            "4": Reason("financial/payments", C.OTHER),
            "5": Reason("lack of progress", C.ENDED_BY_PROVIDER, review=True),
            "6": Reason("medical reasons", C.OTHER),
            "7": Reason("military deployment", C.OTHER),
            "8": Reason("moved", C.MOVED),
            "9": Reason("incarcerated", C.CUSTODY),
            "10": Reason("died", C.DECEASED),
            "11": Reason("agency closed/no longer in business", C.OTHER),
        },
        _S.CO_BHA_TYPE: {
            "01": Reason("completed at this facility", C.COMPLETED),
            "02": Reason("transferred or referred to another programme", C.TRANSFERRED),
        },
    }
)

_TEDS_OUT: Final = MappingProxyType(
    {
        C.COMPLETED: "1",
        C.LEFT_EARLY: "2",
        C.ENDED_BY_PROVIDER: "3",
        C.TRANSFERRED: "4",
        C.CUSTODY: "5",
        C.DECEASED: "6",
        C.MOVED: "7",
        C.OTHER: "7",
    }
)
"""A person who never started has no discharge in TEDS; 7 loses detail."""


def outbound(system: ClosureSystem, closure: Closure) -> str | None:
    """The code to report a closure by; None where the list has none, or several of which only the clinic can choose."""
    if system is _S.TEDS_D:
        return _TEDS_OUT.get(closure)
    if system is _S.NDTMS_LEGACY:
        return None  # an old list: read, never written
    fitting = [code for code, reason in REASONS[system].items() if reason.closure is closure]
    return fitting[0] if len(fitting) == 1 and not REASONS[system][fitting[0]].review else None
