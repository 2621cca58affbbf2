"""By which law a form is judged, and what a flaw cites: the checks are named after 42 CFR part 2, wherever they hold.

A profile of another jurisdiction asks the same of a form for reasons of its own (domain rules 2.1, 2.2, 3.1).
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from app.errors import Flaw

PART_2: Final = "us-42cfr2"
"""Id of the profile of 42 CFR part 2."""
_CFR: Final = "42 CFR 2."

_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "eu-gdpr-led": {
            "": "GDPR 4(11), 7(1)",
            "13": "GDPR 5(1)(c); LED 10",
            "15": "GDPR 7(1), 9(2)(c)",
            "22": "GDPR 12, 13",
            "31(a)(5)": "GDPR 5(1)(b)",
            "31(a)(6)": "GDPR 7(3)",
            "31(a)(7)": "GDPR 5(1)(e)",
            "31(c)": "GDPR 5(1)(a), 7(4)",
            "31(d)": "LED 4(2)",
            "35": "LED 4, 8",
        },
        "unodc-generic": {
            "": "International Standards (2020): informed consent",
            "13": "Tokyo Rules 3.12",
            "31(a)(5)": "Tokyo Rules 3.12",
            "31(d)": "Tokyo Rules 3.12",
            "35": "Tokyo Rules 3.4, 11",
        },
    }
)
"""Id of a profile -> beginning of a paragraph of 42 CFR part 2 -> what asks for the same there; '' is all the rest."""


def law_of(profile: str) -> str:
    """The id in the name of a profile (``id@version``, then overlays)."""
    return profile.partition("@")[0]


def cite(paragraph: str) -> str:
    """A paragraph of 42 CFR part 2 written out; any other source as it is."""
    return f"{_CFR}{paragraph}" if paragraph[:1].isdigit() else paragraph


def cited(flaws: Iterable[Flaw], profile: str) -> list[Flaw]:
    """The same flaws, each with the section that is law under this profile."""
    known = _ELSEWHERE.get(law_of(profile))
    if known is None:
        return list(flaws)
    return [Flaw(each.pointer, each.code, each.detail, _section(each.section, known)) for each in flaws]


def _section(section: str, known: Mapping[str, str]) -> str:
    if not section.startswith(_CFR):
        return section
    paragraph = section.removeprefix(_CFR)
    fitting = (start for start in known if paragraph.startswith(start))
    return known[max(fitting, key=len)]
