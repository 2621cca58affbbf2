"""What an agreed restriction takes away, and from which day on one that was ended by notice lets it through again.

A restriction binds whatever the consent says (42 CFR 2.26(a); GDPR 18). It does not reach what a court ordered: that is
no use that the patient can have restricted (2.26(a)(5); 45 CFR 164.522(a)(1)(v)).
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from app.consent.ask import Facts, Restriction
from app.consent.instrument import Instrument
from app.consent.verdict import Finding
from app.vocabulary import COVERS, ConsentKind, Element

Choices = tuple[tuple[Instrument, frozenset[Element]], ...]
"""Instruments with what each covers, in the order of the record."""

Since = Mapping[Element, int]
"""Element -> the first day (ordinal) of which it may speak."""

ALWAYS: Final[Since] = MappingProxyType({})


def binds(instrument: Instrument) -> bool:
    """Whether a restriction takes anything from what this instrument gives."""
    return instrument.kind is not ConsentKind.COURT_ORDER


def meeting(facts: Facts, patient: str, *, lifted: bool) -> Sequence[Restriction]:
    """The restrictions of a patient that reach the asking unit: those ended by notice, or those that stand."""
    return [
        one
        for one in facts.restrictions
        if one.patient == patient and one.unit in (None, facts.ask.unit) and (one.lifted_day is not None) is lifted
    ]


def left_by(choices: Choices, facts: Facts, patient: str) -> Choices:
    """The choices without what a standing restriction takes: nor may it be derived from a finer step."""
    standing = meeting(facts, patient, lifted=False)
    if not standing:
        return choices
    return tuple(
        (one, frozenset(e for e in elements if not _takes(standing, e)) if binds(one) else elements)
        for one, elements in choices
    )


def _takes(restrictions: Sequence[Restriction], element: Element) -> bool:
    return any(COVERS[element] & one.elements for one in restrictions)


def spoken_since(facts: Facts, patient: str) -> Since:
    """From which day on elements may be told again whose restriction was ended by notice (42 CFR 2.26(a)(5))."""
    found: dict[Element, int] = {}
    for one in meeting(facts, patient, lifted=True):
        for element in Element:
            if one.lifted_day is not None and COVERS[element] & one.elements:
                found[element] = max(one.lifted_day + 1, found.get(element, 0))
    return found or ALWAYS


def covered_of(facts: Facts, finding: Finding, day: int) -> Mapping[Element, Instrument]:
    """What is covered of something that was written on this day, as a whole, and speaks of its time."""
    since = spoken_since(facts, finding.patient) if facts.restrictions else ALWAYS
    early = {element for element, first in since.items() if day < first}
    return {e: one for e, one in finding.covered.items() if e not in early or not binds(one)}
