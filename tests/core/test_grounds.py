"""What an instrument stands on beside its words: an open discloser, an assigned reader, who signed for whom."""

from dataclasses import replace
from typing import Any

import pytest

from app.consent.ask import Ask, Facts
from app.consent.clocks import valid_until
from app.consent.decide import decide
from app.consent.instrument import Instrument
from app.consent.reason import Reason
from app.vocabulary import ConsentKind, Element, Purpose, Role
from tests.core.shipped import SHIPPED, US
from tests.core.worlds import ALL, ROADS, matching

ROAD = ROADS[0]
ASK = Ask("court", ROAD[0], ROAD[1], "case-x", ALL)


def _facts(item: Instrument | None = None, **changes: Any) -> Facts:
    found = matching("i1", ASK, ROAD) if item is None else item
    return replace(Facts(ASK, 100, (found,), {}, SHIPPED, {"clinic-1": US}), **changes)


def _reasons(facts: Facts) -> set[Reason]:
    (finding,) = decide(facts).findings
    assert not finding.covered
    return set(finding.fell.values())


def test_a_discloser_that_closed_discloses_no_more() -> None:
    """42 CFR 2.19, case 77; another's closing is nothing to it."""
    assert _reasons(_facts(closed=frozenset({"clinic-1"}))) == {Reason.DISCLOSER_CLOSED}
    (finding,) = decide(_facts(closed=frozenset({"clinic-2"}))).findings
    assert finding.covered


def test_who_is_not_assigned_to_the_case_reads_nothing_in_it() -> None:
    """Cases 3, 85."""
    assert _reasons(_facts(assigned=False)) == {Reason.NOT_ASSIGNED}


@pytest.mark.parametrize(("at", "ended"), [(100, False), (149, False), (150, True), (151, True)])
def test_what_was_signed_for_a_minor_ends_with_the_18th_birthday(at: int, ended: bool) -> None:
    """Case 42, half-open; and the verdict before says that it holds until then."""
    facts = _facts(replace(matching("i1", ASK, ROAD), represented_until=150), at=at)
    if ended:
        assert _reasons(facts) == {Reason.REPRESENTATION_ENDED}
        return
    (finding,) = decide(facts).findings
    assert finding.covered and valid_until(facts) == 150


def test_a_birthday_after_the_end_of_the_consent_changes_nothing() -> None:
    facts = _facts(replace(matching("i1", ASK, ROAD), represented_until=300))
    assert valid_until(facts) == 200


@pytest.mark.parametrize("kind", [ConsentKind.TPO, ConsentKind.COUNSELLING_NOTES])
def test_only_a_consent_to_treatment_payment_and_operations_may_have_no_end(kind: ConsentKind) -> None:
    """2.31(a)(7)."""
    ask = Ask("clinic-b", Role.CLINICIAN, Purpose.TREATMENT, None, ALL)
    road = (ask.role, ask.purpose, kind, False)
    item = matching("i1", ask, road, case=None)
    endless = replace(item, expiry=replace(item.expiry, at=None))
    (finding,) = decide(_facts(endless, ask=ask)).findings
    assert bool(finding.covered) is (kind is ConsentKind.TPO)
    (finding,) = decide(_facts(item, ask=ask)).findings
    assert finding.covered


def test_a_consent_to_counselling_notes_carries_nothing_else() -> None:
    """2.31(b)(2), whatever else such a form names."""
    ask = Ask("clinic-b", Role.CLINICIAN, Purpose.TREATMENT, None, ALL)
    item = matching("i1", ask, (ask.role, ask.purpose, ConsentKind.COUNSELLING_NOTES, False), case=None)
    (finding,) = decide(_facts(item, ask=ask)).findings
    assert set(finding.covered) == {Element.RESTRICTED_COUNSELLING_NOTES}
