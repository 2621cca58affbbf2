"""The reason recorded for each element that fell, the instrument recorded for each that leaves, and each gate alone."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest

from app.consent.ask import Ask, Facts, Restriction
from app.consent.clocks import FOREVER
from app.consent.decide import decide, objection, reach
from app.consent.in_force import names
from app.consent.instrument import Clock, Instrument, Revocation
from app.consent.reason import Reason
from app.vocabulary import ConsentKind, Element, Purpose, Role
from tests.core.consents import DAY, NOW, PAIR, PROBATION, SUMMARY, consent, covered, grant, reasons, world
from tests.core.worlds import EVERY, PROFILES, US

E, K = Element, ConsentKind
DECISION, STATUS, PLAN = E.REFERRAL_DECISION, E.ENROLMENT_STATUS, E.PROGRESS_PLAN_CHANGE
ASK = replace(PROBATION, elements=frozenset({SUMMARY, DECISION, STATUS, PLAN}))
JUDGE = Ask("court", Role.JUDGE, Purpose.PROCEEDING, "case-x", frozenset({STATUS, DECISION}))
ORDER = consent(grant(JUDGE), id="o", kind=K.COURT_ORDER)


def fell(facts: Facts) -> dict[Element, Reason]:
    """Element -> why it did not leave."""
    (finding,) = decide(facts).findings
    return dict(finding.fell)


def restricted(*elements: Element, unit: str | None = None, lifted: int | None = None) -> tuple[Restriction, ...]:
    """One agreed restriction of Maria's."""
    return (Restriction(PAIR[0], frozenset(elements), unit, lifted),)


def test_of_several_the_one_that_ends_last_then_began_first_then_has_the_smallest_id_is_recorded() -> None:
    """Design 4a, in whatever order they are read."""
    later = consent(id="z", expiry=Clock(NOW + 11 * DAY))
    early = consent(id="y", signed_at=NOW - 30 * DAY, effective_from=NOW - 30 * DAY)
    small, large = consent(id="a"), consent(id="b")
    for items in permutations((later, early, small, large)):
        assert covered(world(PROBATION, *items)) == {SUMMARY: "z"}
    for items in permutations((early, small, large)):
        assert covered(world(PROBATION, *items)) == {SUMMARY: "y"}
    for items in permutations((small, large)):
        assert covered(world(PROBATION, *items)) == {SUMMARY: "a"}


def test_what_was_never_granted_and_what_was_taken_back_are_told_apart() -> None:
    one, two = grant(ASK, SUMMARY, STATUS), grant(ASK, DECISION)
    taken = Revocation(NOW - DAY, None, frozenset({STATUS, DECISION}))
    facts = world(ASK, consent(one, two, revocations=(taken,)))
    assert covered(facts) == {SUMMARY: "i1"}
    assert fell(facts) == {STATUS: Reason.REVOKED, DECISION: Reason.REVOKED, PLAN: Reason.ELEMENT_NOT_GRANTED}
    for grants in ((one, two), (two, one)):
        assert covered(world(ASK, consent(*grants))) == {SUMMARY: "i1", STATUS: "i1", DECISION: "i1"}


def test_what_is_above_the_ceiling_of_the_role_says_so() -> None:
    ask = replace(PROBATION, elements=frozenset({E.CLINICAL_DIAGNOSIS}))
    assert reasons(world(ask, consent(grant(ask)))) == {Reason.ABOVE_ROLE_CEILING}
    back = Revocation(NOW - DAY)
    assert reasons(world(ask, consent(grant(ask), revocations=(back,)))) == {Reason.ABOVE_ROLE_CEILING}


def test_a_reason_of_another_instrument_stands_only_for_what_nobody_granted() -> None:
    taken = consent(grant(ASK, STATUS), id="t", revocations=(Revocation(NOW - DAY),))
    over = consent(grant(ASK, PLAN), id="e", suspended=True)
    assert fell(world(ASK, taken, over))[STATUS] is Reason.REVOKED
    assert fell(world(ASK, over))[DECISION] is Reason.SUSPENDED


def test_no_instrument_gives_no_finding() -> None:
    assert decide(world(ASK)).findings == ()


def test_what_a_restriction_took_says_so_and_nothing_else_does() -> None:
    facts = world(ASK, consent(grant(ASK, SUMMARY, STATUS)))
    standing = replace(facts, restrictions=restricted(STATUS, PLAN))
    assert covered(standing) == {SUMMARY: "i1"}
    assert fell(standing)[STATUS] is Reason.RESTRICTED
    assert fell(standing)[PLAN] is fell(standing)[DECISION] is Reason.ELEMENT_NOT_GRANTED
    for elsewhere in (
        restricted(STATUS, unit="court"),
        restricted(STATUS, lifted=5),
        (Restriction("x", ASK.elements),),
    ):
        assert covered(replace(facts, restrictions=elsewhere)) == {SUMMARY: "i1", STATUS: "i1"}
    assert covered(replace(facts, restrictions=restricted(STATUS, unit="adult"))) == {SUMMARY: "i1"}
    assert SUMMARY not in fell(standing)
    two = (*restricted(PLAN), *restricted(STATUS), *restricted(SUMMARY, lifted=5))
    assert covered(replace(facts, restrictions=two)) == {SUMMARY: "i1"}


def test_the_elements_of_a_choice_are_those_that_the_restriction_leaves() -> None:
    facts = world(ASK, consent(grant(ASK, SUMMARY, STATUS)))
    (finding,) = decide(replace(facts, restrictions=restricted(STATUS))).findings
    assert [(item.id, elements) for item, elements in finding.choices] == [("i1", frozenset({SUMMARY}))]
    (free,) = decide(facts).findings
    assert [(item.id, elements) for item, elements in free.choices] == [("i1", frozenset({SUMMARY, STATUS}))]


def test_a_restriction_does_not_reach_what_a_court_ordered() -> None:
    """Domain rules 1.12: no use that the law requires."""
    facts = replace(world(JUDGE, ORDER), restrictions=restricted(STATUS, DECISION))
    assert covered(facts) == {STATUS: "o", DECISION: "o"}
    other = consent(grant(JUDGE), id="p", kind=K.PROCEEDING, expiry=Clock(NOW + 20 * DAY))
    both = replace(world(JUDGE, ORDER, other), restrictions=restricted(STATUS))
    assert covered(both) == {STATUS: "o", DECISION: "p"}
    assert fell(both) == {}


def test_an_order_has_no_ceiling_of_the_role_but_counselling_notes_leave_only_where_every_profile_is_switched_on() -> (
    None
):
    """Cases 28, 31."""
    notes = frozenset({E.RESTRICTED_COUNSELLING_NOTES, E.CLINICAL_MEDICATION})
    ask = replace(JUDGE, elements=notes)
    assert covered(world(ask, replace(ORDER, grants=(grant(ask),)))) == {E.CLINICAL_MEDICATION: "o"}
    switched = replace(ORDER, grants=(grant(ask),), profile=EVERY.name)
    on = replace(world(ask, switched), today={PAIR[1]: EVERY.name})
    assert covered(on) == dict.fromkeys(notes, "o")
    for half in (replace(on, today={PAIR[1]: US.name}), replace(on, recipient_profile=US.name)):
        assert covered(half) == {E.CLINICAL_MEDICATION: "o"}
    assert covered(world(ask, replace(ORDER, grants=(grant(ask, STATUS),)))) == {}


def agreed(**changes: Any) -> tuple[Ask, Instrument]:
    """An agreement for the adult probation unit, under a profile where consent is no legal ground."""
    item = consent(kind=K.AGREEMENT, profile="eu-gdpr-led@1", lawful_basis="GDPR 6(1)(e)", condition_imposed=False)
    return replace(PROBATION, elements=frozenset({E.ENROLMENT_ENGAGED})), replace(item, **changes)


def test_an_agreement_without_the_law_that_is_its_ground_carries_nothing() -> None:
    """Domain rules 2.1, 2.2."""
    ask, _ = agreed()
    for profile in ("eu-gdpr-led@1", EVERY.name):
        _, item = agreed(profile=profile)
        item = replace(item, grants=(grant(ask),))
        facts = replace(world(ask, item), today={PAIR[1]: profile})
        assert covered(facts) == {E.ENROLMENT_ENGAGED: "i1"}, profile
        bare = replace(facts, instruments=(replace(item, lawful_basis=""),))
        assert reasons(bare) == {Reason.LAWFUL_BASIS_MISSING}
    own = replace(EVERY, name="own@1", settings={**EVERY.settings, "consent_is_lawful_basis": "yes"})
    profiles = {**PROFILES, own.name: own}
    _, item = agreed(profile=own.name, lawful_basis="")
    item = replace(item, grants=(grant(ask),))
    ground = replace(world(ask, item), today={PAIR[1]: own.name}, profiles=profiles)
    assert covered(ground) == {E.ENROLMENT_ENGAGED: "i1"}
    assert reasons(replace(ground, today={PAIR[1]: EVERY.name})) == {Reason.LAWFUL_BASIS_MISSING}
    then = replace(ground, instruments=(replace(item, profile=EVERY.name),))
    assert reasons(then) == {Reason.LAWFUL_BASIS_MISSING}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"assigned": False}, Reason.NOT_ASSIGNED),
        ({"closed": frozenset({PAIR[1]})}, Reason.DISCLOSER_CLOSED),
        ({"recipient_profile": "unknown@1"}, Reason.PROFILE_UNKNOWN),
        ({"today": {}}, Reason.PROFILE_UNKNOWN),
        ({"today": {PAIR[1]: "unknown@1"}}, Reason.PROFILE_UNKNOWN),
        ({"unreadable": frozenset({PAIR})}, Reason.RULE_ERROR),
    ],
    ids=str,
)
def test_each_gate_alone_shuts_what_is_open_without_it(changes: dict[str, Any], reason: Reason) -> None:
    facts = world(PROBATION, consent())
    assert covered(facts) == {SUMMARY: "i1"}
    assert reasons(replace(facts, **changes)) == {reason}


def test_what_somebody_signed_for_a_minor_ends_with_the_birthday() -> None:
    """Case 42: the instant before midnight is the last."""
    item = consent(represented_until=NOW)
    assert covered(world(PROBATION, item, at=NOW - 1)) == {SUMMARY: "i1"}
    assert reasons(world(PROBATION, item, at=NOW)) == {Reason.REPRESENTATION_ENDED}
    assert decide(world(PROBATION, item, at=NOW - 1)).valid_until == NOW


@pytest.mark.parametrize(
    ("purpose", "kind", "theirs", "may"),
    [
        (Purpose.PROCEEDING, K.COURT_ORDER, US.name, True),
        (Purpose.PROCEEDING, K.COURT_ORDER, "eu-gdpr-led@1", True),
        (Purpose.PROCEEDING, K.COURT_ORDER, "unodc-generic@1", False),
        (Purpose.DISPOSITION_PLANNING, K.PROCEEDING, US.name, True),
        (Purpose.DISPOSITION_PLANNING, K.PROCEEDING, "eu-gdpr-led@1", False),
    ],
)
def test_a_recipient_whose_own_law_forbids_the_use_gets_nothing_for_it(
    purpose: Purpose, kind: ConsentKind, theirs: str, may: bool
) -> None:
    ask = replace(JUDGE, purpose=purpose, elements=frozenset({DECISION}))
    facts = world(ask, consent(grant(ask), kind=kind))
    assert covered(facts) == {DECISION: "i1"}
    assert covered(replace(facts, recipient_profile=theirs)) == ({DECISION: "i1"} if may else {})


def test_the_record_names_every_profile_that_counted_once_todays_first() -> None:
    facts = replace(world(PROBATION, consent()), recipient_profile="eu-gdpr-led@1")
    assert names(consent(), facts) == f"{US.name} eu-gdpr-led@1"
    assert names(consent(profile="us-42cfr2@2"), facts) == f"{US.name} us-42cfr2@2 eu-gdpr-led@1"
    assert names(consent(), replace(facts, recipient_profile="")) == US.name
    assert names(consent(), replace(facts, today={}, recipient_profile="")) == US.name


def test_reach_is_what_the_instrument_now_grants_whatever_was_asked() -> None:
    facts = world(replace(ASK, elements=frozenset({DECISION})), consent(grant(ASK, SUMMARY)))
    assert reach(facts.instruments[0], facts) == {SUMMARY, E.ATTENDANCE_COMPLIANT}


def test_the_objection_of_an_instrument_is_the_reason_that_its_elements_fell() -> None:
    facts = world(PROBATION, consent(suspended=True))
    assert objection(facts.instruments[0], facts) is Reason.SUSPENDED
    assert objection(consent(), facts) is None
    assert objection(consent(expiry=None), facts) is Reason.RULE_ERROR


END = NOW + 10 * DAY


@pytest.mark.parametrize(
    ("changes", "until"),
    [
        ({}, END),
        ({"expiry": Clock(NOW)}, FOREVER),
        ({"effective_from": NOW + DAY}, NOW + DAY),
        ({"effective_from": NOW}, END),
        *(({name: NOW + DAY}, NOW + DAY) for name in ("superseded_at", "represented_until")),
        *(({name: instant}, END) for name in ("superseded_at", "represented_until") for instant in (NOW, END + DAY)),
        *(({"revocations": (Revocation(instant),)}, END) for instant in (NOW, END + DAY)),
        ({"revocations": (Revocation(NOW + DAY),)}, NOW + DAY),
        ({"revocable_from": Clock(NOW + DAY), "revocations": (Revocation(NOW - DAY),)}, NOW + DAY),
        ({"revocable_from": Clock(None), "revocations": (Revocation(NOW - DAY),)}, END),
        ({"revocable_from": Clock(NOW + DAY), "revocations": (Revocation(NOW - DAY, by_merge=True),)}, END),
    ],
)
def test_an_answer_stands_until_the_first_instant_that_a_clock_still_names(changes: dict[str, Any], until: int) -> None:
    assert decide(world(PROBATION, consent(**changes))).valid_until == until
    beside = consent(id="i2", expiry=Clock(END + 5 * DAY))
    both = decide(world(PROBATION, beside, consent(**changes)))
    assert both.valid_until == min(until, END + 5 * DAY)
