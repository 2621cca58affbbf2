"""The most protective profile wins: that of the signature, that of today and the recipient's (domain rules 2.5).

Over pairs of everything that is shipped, with and without an overlay: what leaves under two profiles is never more than
under either alone, whoever of the two is which.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Ask, Facts
from app.consent.decide import decide
from app.consent.in_force import considered, known_as, names
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.profile_book import ProfileBook
from app.consent.profile_overlay import parse_overlay
from app.consent.reason import Reason
from app.consent.verdict import Finding
from app.vocabulary import JUSTICE_ROLES, PURPOSES_OF_ROLE, ConsentKind, Element, Purpose, Role
from tests.core.shipped import EU, SHIPPED, UNODC, US

COUNTY: Final = """
[overlay]
id = "county"
version = 1
law = "Ordinance 7"
[forbid]
kinds = ["named_disclosure"]
elements = ["attendance.sessions", "clinical.diagnosis"]
[role.judge]
only = ["referral.decision", "enrolment.status", "attendance.summary", "restricted.counselling_notes"]
[settings]
proceedings_use = "never"
"""
BOOK: Final = ProfileBook(SHIPPED.values(), [parse_overlay(COUNTY)])
NAMES: Final = [name for base in SHIPPED for name in (base, f"{base}+county@1")]
ALL: Final = frozenset(Element)
NOTES: Final = Element.RESTRICTED_COUNSELLING_NOTES
ROADS: Final = [(role, purpose) for role in Role for purpose in sorted(PURPOSES_OF_ROLE[role])]


def _facts(kind: ConsentKind, road: tuple[Role, Purpose], signed: str, today: str, recipient: str) -> Facts:
    role, purpose = road
    item = Instrument(
        id="i1",
        version=1,
        kind=kind,
        patient="m",
        discloser="clinic-1",
        case="case-x",
        grants=(Grant("unit", role, frozenset({purpose}), ALL),),
        name_on_form="Maria",
        signed_at=80,
        effective_from=90,
        expiry=Clock(200),
        profile=signed,
        vocabulary=1,
        notice_version="1",
        condition_imposed=True,
        lawful_basis="6(1)(e) with section 12 of the Act",
    )
    ask = Ask("unit", role, purpose, "case-x", ALL)
    return Facts(ask, 100, (item,), {}, BOOK, {"clinic-1": today}, recipient_profile=recipient)


def _finding(facts: Facts) -> Finding:
    (finding,) = decide(facts).findings
    return finding


def _leaves(facts: Facts) -> set[Element]:
    """All that may leave, coarser steps included: whoever holds the finer step knows those."""
    return {element for _, elements in _finding(facts).choices for element in elements}


def _recorded(facts: Facts) -> Iterator[str]:
    for instrument in facts.instruments:
        yield names(instrument, facts)


KINDS: Final = st.sampled_from(list(ConsentKind))
ONE: Final = st.sampled_from(NAMES)
MAYBE: Final = st.sampled_from(["", *NAMES])


@given(KINDS, st.sampled_from(ROADS), ONE, ONE, MAYBE)
def test_under_then_and_now_leaves_what_each_alone_lets_leave(
    kind: ConsentKind, road: tuple[Role, Purpose], then: str, now: str, recipient: str
) -> None:
    """An instrument is decided under the intersection, so a change of profile never widens one that is live."""
    both = _leaves(_facts(kind, road, then, now, recipient))
    assert both == _leaves(_facts(kind, road, now, then, recipient))
    assert both == _leaves(_facts(kind, road, then, then, recipient)) & _leaves(_facts(kind, road, now, now, recipient))


@given(KINDS, st.sampled_from(ROADS), ONE, ONE, ONE)
def test_the_recipients_profile_only_takes_away(
    kind: ConsentKind, road: tuple[Role, Purpose], then: str, now: str, recipient: str
) -> None:
    alone = _leaves(_facts(kind, road, then, now, ""))
    left = _leaves(_facts(kind, road, then, now, recipient))
    assert left <= alone
    if kind is not ConsentKind.COURT_ORDER:
        assert left <= BOOK[recipient].written.get(road[0], frozenset())


@given(KINDS, st.sampled_from(ROADS), ONE, ONE, MAYBE)
def test_the_record_names_each_profile_that_the_decision_used_once_and_todays_first(
    kind: ConsentKind, road: tuple[Role, Purpose], then: str, now: str, recipient: str
) -> None:
    facts = _facts(kind, road, then, now, recipient)
    (told,) = _recorded(facts)
    assert sorted(told.split(" ")) == sorted({then, now, recipient} - {""}) == considered(facts)
    assert known_as(told) == now


@pytest.mark.parametrize(("base", "road"), list(product(SHIPPED, ROADS)))
def test_an_overlay_never_turns_a_deny_into_a_permit(base: str, road: tuple[Role, Purpose]) -> None:
    """Domain rules 1.16, for whoever lives under it: discloser or recipient."""
    for kind in ConsentKind:
        plain, over = (_facts(kind, road, name, name, "") for name in (base, f"{base}+county@1"))
        assert _leaves(over) <= _leaves(plain)
        received = replace(plain, recipient_profile=f"{base}+county@1")
        assert _leaves(received) <= _leaves(plain)


@pytest.mark.parametrize("place", ["signed", "today", "recipient"])
def test_an_unknown_profile_anywhere_permits_nothing(place: str) -> None:
    who = {"signed": US, "today": US, "recipient": US} | {place: f"{US}+nowhere@1"}
    road = (Role.CLINICIAN, Purpose.TREATMENT)
    assert _leaves(_facts(ConsentKind.TPO, road, US, US, US))
    finding = _finding(_facts(ConsentKind.TPO, road, **who))
    assert not finding.covered and set(finding.fell.values()) == {Reason.PROFILE_UNKNOWN}


def test_a_recipient_that_may_not_use_it_in_a_proceeding_gets_nothing_for_one() -> None:
    """Neither under a consent nor under an order; where its courts proceed under national law, it may."""
    for kind in (ConsentKind.PROCEEDING, ConsentKind.COURT_ORDER):
        road = (Role.JUDGE, Purpose.PROCEEDING)
        assert _leaves(_facts(kind, road, US, US, US)) and _leaves(_facts(kind, road, US, US, EU))
        finding = _finding(_facts(kind, road, US, US, UNODC))
        assert not finding.covered and set(finding.fell.values()) == {Reason.PURPOSE_OUTSIDE_KIND}


def test_planning_of_a_sentence_is_use_in_a_proceeding_at_the_recipient_too() -> None:
    road = (Role.JUDGE, Purpose.DISPOSITION_PLANNING)
    assert _leaves(_facts(ConsentKind.PROCEEDING, road, US, US, US))
    assert [name for name in (EU, UNODC) if _leaves(_facts(ConsentKind.PROCEEDING, road, US, US, name))] == []


def test_an_order_has_no_role_ceiling_and_carries_the_notes_only_where_everybody_is_switched_on() -> None:
    """Case 28: an express order counts only under a profile that is switched on; the recipient's never holds."""
    on = {"us-on@1": replace(SHIPPED[US], name="us-on@1", settings={**SHIPPED[US].settings, **_SWITCH}), **BOOK}
    road = (Role.JUDGE, Purpose.PROCEEDING)
    plain = _facts(ConsentKind.COURT_ORDER, road, US, US, US)
    assert Element.CLINICAL_MEDICATION in _leaves(plain) and NOTES not in _leaves(plain)
    for names_of in product(("us-on@1", US), repeat=3):
        facts = replace(_facts(ConsentKind.COURT_ORDER, road, *names_of), profiles=on)
        assert (NOTES in _leaves(facts)) is (set(names_of) == {"us-on@1"}), names_of
    (item,) = plain.instruments
    silent = replace(item, grants=tuple(replace(each, elements=ALL - {NOTES}) for each in item.grants))
    facts = replace(_facts(ConsentKind.COURT_ORDER, road, *("us-on@1",) * 3), instruments=(silent,), profiles=on)
    assert NOTES not in _leaves(facts)


_SWITCH: Final = {"counselling_notes_to_justice": "separate_consent"}


@pytest.mark.parametrize(("signed", "today"), [(EU, EU), (US, EU), (EU, US)])
def test_an_agreement_without_a_lawful_basis_carries_nothing(signed: str, today: str) -> None:
    """GDPR recital 43. A profile that takes consent as the ground has no such kind, so it carries none either."""
    road = (Role.JUDGE, Purpose.CONDITION_MONITORING)
    facts = _facts(ConsentKind.AGREEMENT, road, signed, today, "")
    (item,) = facts.instruments
    finding = _finding(replace(facts, instruments=(replace(item, lawful_basis=""),)))
    assert not finding.covered
    if signed == today:
        assert set(finding.fell.values()) == {Reason.LAWFUL_BASIS_MISSING} and _leaves(facts)


@pytest.mark.parametrize("role", sorted(JUSTICE_ROLES))
@pytest.mark.parametrize("name", SHIPPED)
def test_counselling_notes_reach_no_role_of_justice_under_any_kind(name: str, role: Role) -> None:
    """As shipped: not under a consent of their own, not under an order."""
    for kind, purpose in product(ConsentKind, Purpose):
        assert NOTES not in _leaves(_facts(kind, (role, purpose), name, name, name))
