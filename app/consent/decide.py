"""The decision: which elements may leave, each under exactly one live instrument (domain rules 0).

Default is deny. Never stitched: one instrument covers the whole tuple of discloser, unit, role, purpose, case,
element and time. A rule that errors forbids everything about that patient, with its own reason.
"""

from typing import NamedTuple

from app.consent.ask import Facts
from app.consent.clocks import ends_at, valid_until
from app.consent.instrument import Instrument
from app.consent.reason import Reason
from app.consent.restricting import left_by
from app.consent.rules import INSTRUMENT_RULES, NOTHING, ceiling, common, coverage, named, standing
from app.consent.verdict import Finding, Permit, Refusal
from app.vocabulary import FINEST_ONLY, Element


class View(NamedTuple):
    """What one instrument says to one ask: how far it reaches, what it objects, what it once granted."""

    instrument: Instrument
    reach: frozenset[Element]
    objection: Reason | None
    granted: frozenset[Element] = NOTHING
    ceiling: frozenset[Element] = NOTHING


def decide(facts: Facts) -> Permit | Refusal:
    """Decide every asked element for every patient that an instrument in ``facts`` speaks about."""
    about: dict[tuple[str, str], list[Instrument]] = {subject: [] for subject in facts.unreadable}
    for instrument in facts.instruments:
        about.setdefault((instrument.patient, instrument.discloser), []).append(instrument)
    findings = tuple(_about(*subject, about[subject], facts) for subject in sorted(about))
    verdict = Permit if any(finding.covered for finding in findings) else Refusal
    return verdict(facts, valid_until(facts), findings)


def _about(patient: str, discloser: str, own: list[Instrument], facts: Facts) -> Finding:
    try:
        if (patient, discloser) in facts.unreadable:
            raise ValueError("a stored instrument cannot be read")
        return _weigh(patient, discloser, own, facts)
    except Exception:  # an erroring rule forbids: deny all about this patient rather than skip the rule
        return Finding(patient, discloser, {}, dict.fromkeys(facts.ask.elements, Reason.RULE_ERROR), ())


def _weigh(patient: str, discloser: str, own: list[Instrument], facts: Facts) -> Finding:
    if len(own) > 1:
        own.sort(key=lambda i: (-ends_at(i, facts), i.effective_from, i.id))
    views = [_view(instrument, facts) for instrument in own]
    asked = facts.ask.elements
    given = choices = tuple((view.instrument, common(view.reach, asked)) for view in views if view.reach)
    if facts.restrictions:
        choices = left_by(given, facts, patient)
    covered: dict[Element, Instrument] = {}
    for instrument, elements in reversed(choices):  # the first in order is written last, so it is the one recorded
        covered.update(dict.fromkeys(elements, instrument))
    fell = _why(asked.difference(covered) if covered else asked, views)
    if choices is not given:
        fell.update({e: Reason.RESTRICTED for _, elements in given for e in elements if e not in covered})
    _keep_finest(covered, fell)
    return Finding(patient, discloser, covered, fell, choices)


def _view(instrument: Instrument, facts: Facts) -> View:
    for rule in INSTRUMENT_RULES:
        objection = rule(instrument, facts)
        if objection is not None:
            return View(instrument, NOTHING, objection)
    grants = named(instrument, facts)
    if isinstance(grants, Reason):
        return View(instrument, NOTHING, grants)
    granted = left = NOTHING
    for grant in grants:  # most instruments name this unit, role and purpose once
        named_here, left_here = coverage(grant.elements), coverage(standing(grant, instrument, facts))
        granted, left = granted | named_here if granted else named_here, left | left_here if left else left_here
    top = ceiling(instrument, facts)
    return View(instrument, common(left, top), None, granted, top)


def reach(instrument: Instrument, facts: Facts) -> frozenset[Element]:
    """Every element that this instrument now grants to the asking unit, role and purpose."""
    return _view(instrument, facts).reach


def objection(instrument: Instrument, facts: Facts) -> Reason | None:
    """Why this instrument as a whole says nothing to the ask; None if it speaks."""
    try:
        return _view(instrument, facts).objection
    except Exception:  # the same that forbids in a decision
        return Reason.RULE_ERROR


def _why(open_: frozenset[Element], views: list[View]) -> dict[Element, Reason]:
    """The reason of each element not covered: that of an instrument that once granted it, else the last objection."""
    granted: dict[Element, Reason] = {}
    last = Reason.NO_INSTRUMENT
    for view in views:
        last = view.objection or Reason.ELEMENT_NOT_GRANTED
        if not open_.isdisjoint(view.granted):
            taken = open_ & view.granted
            granted.update(dict.fromkeys(taken & view.ceiling, Reason.REVOKED))
            granted.update(dict.fromkeys(taken - view.ceiling, Reason.ABOVE_ROLE_CEILING))
            open_ -= taken
    return dict.fromkeys(open_, last) | granted


def _keep_finest(covered: dict[Element, Instrument], fell: dict[Element, Reason]) -> None:
    for ladder in FINEST_ONLY:
        granted = [step for step in ladder if step in covered]
        for coarser in granted[1:]:
            del covered[coarser]
            fell[coarser] = Reason.FINER_STEP_LEAVES
