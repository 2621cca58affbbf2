"""One small function a legal rule: may this instrument speak to this ask at all? ``None`` = nothing against it.

Each takes the instrument and the facts, and names the section it comes from.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final

from app.consent.ask import Facts
from app.consent.clocks import ends_at
from app.consent.grounds import assigned, known_profile, lawful, open_discloser, recipient_law, represented, undisputed
from app.consent.in_force import law, limits
from app.consent.instrument import Grant, Instrument
from app.consent.profile import notes_never
from app.consent.reason import Reason
from app.consent.taken import remaining
from app.vocabulary import COVERS, JUSTICE_ROLES, PURPOSES_OF_ROLE, SINCE, ConsentKind, Element


def deficient(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.31(c)(2): a consent that lacks a required part carries nothing, however it came to be stored.

    Only one to treatment, payment and operations may have no end (2.31(a)(7)).
    """
    complete = instrument.name_on_form and instrument.discloser and instrument.patient and instrument.grants
    if not (complete and instrument.notice_version and 0 < instrument.signed_at <= instrument.effective_from):
        return Reason.DEFICIENT
    for grant in instrument.grants:
        if not (grant.unit and grant.purposes and grant.elements):
            return Reason.DEFICIENT
    if instrument.expiry.at is not None:
        return None
    endless = instrument.kind is ConsentKind.TPO
    bound = any(profile.kinds[instrument.kind].binds_case for profile in law(instrument, facts))
    return None if endless and not bound else Reason.DEFICIENT


def within_kind(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.33(a), 2.35(a): the kind fixes who may receive and for what; both profiles must agree."""
    ask = facts.ask
    for profile in law(instrument, facts):
        rule = profile.kinds.get(instrument.kind)
        if rule is None:
            return Reason.KIND_UNKNOWN
        if ask.role not in rule.roles:
            return Reason.ROLE_OUTSIDE_KIND
        if ask.purpose not in rule.purposes:
            return Reason.PURPOSE_OUTSIDE_KIND
        if rule.needs_condition and not instrument.condition_imposed:
            return Reason.CONDITION_NOT_IMPOSED
    return None if ask.purpose in PURPOSES_OF_ROLE[ask.role] else Reason.PURPOSE_NOT_FOR_ROLE


def same_case(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.35(d): an instrument of one case says nothing in another; justice always acts in a case."""
    if instrument.case is None:
        return Reason.OTHER_CASE if facts.ask.role in JUSTICE_ROLES else None
    return None if instrument.case == facts.ask.case else Reason.OTHER_CASE


def in_time(instrument: Instrument, facts: Facts) -> Reason | None:
    """42 CFR 2.31(c)(1): half-open ``[effective_from, end)``; the end is computed, never a status."""
    if facts.at < instrument.effective_from:
        return Reason.NOT_YET_EFFECTIVE
    if facts.at >= ends_at(instrument, facts):
        return Reason.EXPIRED
    superseded = instrument.superseded_at is not None and facts.at >= instrument.superseded_at
    return Reason.SUPERSEDED if superseded else None


NOTHING: Final[frozenset[Element]] = frozenset()
_WITHOUT_NOTES: Final = frozenset(Element) - {Element.RESTRICTED_COUNSELLING_NOTES}

Rule = Callable[[Instrument, Facts], Reason | None]
INSTRUMENT_RULES: Final[tuple[Rule, ...]] = (
    undisputed,
    known_profile,
    open_discloser,
    assigned,
    within_kind,
    recipient_law,
    deficient,
    lawful,
    same_case,
    in_time,
    represented,
)
"""In order: the first that objects is the reason recorded."""


def named(instrument: Instrument, facts: Facts) -> tuple[Grant, ...] | Reason:
    """42 CFR 2.31(a)(4), (5): the grants of this instrument to exactly this unit, role, person and purpose."""
    ask = facts.ask
    reason = Reason.UNIT_NOT_NAMED
    found = []
    for grant in instrument.grants:
        if grant.unit != ask.unit:
            continue
        if grant.role is not ask.role:
            reason = Reason.ROLE_NOT_NAMED
        elif grant.person is not None and grant.person != ask.person:
            reason = Reason.PERSON_NOT_NAMED
        elif ask.purpose not in grant.purposes:
            reason = Reason.PURPOSE_NOT_GRANTED
        else:
            found.append(grant)
    return tuple(found) or reason


def standing(grant: Grant, instrument: Instrument, facts: Facts) -> frozenset[Element]:
    """Named elements left after the revocations in force: what was taken back is not derivable from the rest."""
    return remaining(grant, facts.ask.purpose, instrument, facts.events, facts.at)


def ceiling(instrument: Instrument, facts: Facts) -> frozenset[Element]:
    """Domain rules 3.4: what every profile writes for this role and kind, of the taxonomy known at signature.

    The profile of the signature, the discloser's of today and the recipient's. An order of a court names its elements
    itself; counselling notes leave under one only where every profile is switched on for them (case 28).
    """
    top = known_at(instrument.vocabulary)
    ordered = instrument.kind is ConsentKind.COURT_ORDER
    for profile in limits(instrument, facts):
        if not ordered:
            top = common(top, profile.written.get(facts.ask.role, NOTHING))
        elif notes_never(profile.settings):
            top = common(top, _WITHOUT_NOTES)
    for profile in law(instrument, facts):
        about = profile.kinds[instrument.kind].elements
        top = top if about is None else common(top, about)
    return top


@lru_cache(maxsize=65_536)
def common(one: frozenset[Element], other: frozenset[Element]) -> frozenset[Element]:
    """What is in both; remembered, since a few sets of elements meet again in every decision."""
    return one & other


@cache
def coverage(named: frozenset[Element]) -> frozenset[Element]:
    """The named elements and every coarser step of their ladders."""
    return NOTHING.union(*(COVERS[element] for element in named))


@cache
def known_at(vocabulary: int) -> frozenset[Element]:
    """The elements that existed in that version of the taxonomy: a later one is denied under older consents."""
    return frozenset(element for element in Element if SINCE[element] <= vocabulary)
