"""The section of the law behind each reason: 42 CFR part 2, and what asks for the same under another profile."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.consent.laws import law_of
from app.consent.reason import Reason
from app.vocabulary import ConsentKind

_R = Reason
SECTIONS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        _R.NO_INSTRUMENT: "42 CFR 2.13(a)",
        _R.RULE_ERROR: "domain rules 0",
        _R.ENTERED_IN_ERROR: "42 CFR 2.31(c)(4)",
        _R.RESTRICTED: "42 CFR 2.26",
        _R.SUSPENDED: "domain rules 5.1",
        _R.DEFICIENT: "42 CFR 2.31(c)(2)",
        _R.PROFILE_UNKNOWN: "domain rules 0",
        _R.KIND_UNKNOWN: "domain rules 3.4",
        _R.ROLE_OUTSIDE_KIND: "42 CFR 2.33(a), 2.35(a)",
        _R.PURPOSE_OUTSIDE_KIND: "42 CFR 2.33(a), 2.35(a)",
        _R.PURPOSE_NOT_FOR_ROLE: "domain rules 3.3",
        _R.CONDITION_NOT_IMPOSED: "42 CFR 2.35(a)",
        _R.OTHER_CASE: "42 CFR 2.35(d)",
        _R.NOT_YET_EFFECTIVE: "42 CFR 2.31(c)(1)",
        _R.EXPIRED: "42 CFR 2.31(a)(7), (c)(1)",
        _R.REVOKED: "42 CFR 2.31(a)(6), 2.35(c)",
        _R.SUPERSEDED: "domain rules 5.1",
        _R.UNIT_NOT_NAMED: "42 CFR 2.31(a)(4)",
        _R.ROLE_NOT_NAMED: "42 CFR 2.31(a)(4)",
        _R.PERSON_NOT_NAMED: "42 CFR 2.31(a)(4)",
        _R.PURPOSE_NOT_GRANTED: "42 CFR 2.31(a)(5)",
        _R.ELEMENT_NOT_GRANTED: "42 CFR 2.31(a)(3)",
        _R.ABOVE_ROLE_CEILING: "domain rules 3.4",
        _R.NOT_ASSIGNED: "42 CFR 2.31(a)(4)",
        _R.DISCLOSER_CLOSED: "42 CFR 2.19",
        _R.LAWFUL_BASIS_MISSING: "GDPR 6, 9; LED 8",
        _R.REPRESENTATION_ENDED: "42 CFR 2.14",
        _R.FINER_STEP_LEAVES: "domain rules 4.1",
    }
)
"""Reason -> the rule, where 42 CFR part 2 holds."""

COVERED: Final = "covered"
ORDERED: Final = "ordered"
_CFR: Final = "42 CFR 2."
_ALLOWED: Final = "42 CFR 2.31, 2.33, 2.35"
_ORDER: Final = "42 CFR 2.61"

_GIVING: Final = (_R.REVOKED,)
_TIME: Final = (_R.NOT_YET_EFFECTIVE, _R.EXPIRED, _R.REPRESENTATION_ENDED)
_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "eu-gdpr-led": {
            **dict.fromkeys(_GIVING, "GDPR 7(3)"),
            **dict.fromkeys(_TIME, "GDPR 5(1)(e)"),
            _R.RESTRICTED: "GDPR 18",
            _R.REPRESENTATION_ENDED: "GDPR 7(1), 8",
            _R.ELEMENT_NOT_GRANTED: "GDPR 5(1)(c)",
            **dict.fromkeys((_R.PURPOSE_NOT_GRANTED, _R.PURPOSE_OUTSIDE_KIND, _R.OTHER_CASE), "GDPR 5(1)(b); LED 4"),
            _R.CONDITION_NOT_IMPOSED: "LED 4, 8",
            _R.NO_INSTRUMENT: "GDPR 6, 9; LED 8, 10",
            COVERED: "GDPR 6, 9; LED 8, 10",
            ORDERED: "GDPR 9(2)(f); LED 8, 10",
            "": "GDPR 5(1)(a), 7(1)",
        },
        "unodc-generic": {
            "": "Tokyo Rules 3.12",
            **dict.fromkeys((*_GIVING, *_TIME), "International Standards (2020): informed consent"),
        },
    }
)
"""Id of a profile -> reason -> what asks for the same there; '' is all the rest of what 42 CFR part 2 says."""


def section_of(reason: Reason | None, kind: ConsentKind | None, profile: str) -> str:
    """The section behind a reason, or (None) behind what an instrument of this kind allowed, under a profile.

    ``profile`` is the name of the discloser's; rules of the service itself are the same under all.
    """
    key = (ORDERED if kind is ConsentKind.COURT_ORDER else COVERED) if reason is None else reason.value
    plain = SECTIONS[reason] if reason is not None else _ORDER if key == ORDERED else _ALLOWED
    own = _ELSEWHERE.get(law_of(profile))
    if own is None or not plain.startswith(_CFR):
        return plain
    return own.get(key, own[""])
