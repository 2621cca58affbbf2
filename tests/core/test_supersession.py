"""One consent takes the place of another: at every instant exactly one of the two covers (domain rules 5.1)."""

from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Ask
from app.consent.decide import decide
from app.consent.instrument import Grant, Instrument
from app.consent.reason import Reason
from app.consent.verdict import Permit
from app.vocabulary import Element, Purpose, Role
from tests.core.consents import DAY, NOW, PAIR, PROBATION, SUMMARY, consent, grant, world

JUDGE: Final = Ask("court", Role.JUDGE, Purpose.CONDITION_MONITORING, "case-x", frozenset({SUMMARY}))
STARTS: Final = st.sampled_from([NOW - 5 * DAY, NOW, NOW + 1, NOW + 3 * DAY])
AROUND: Final = st.sampled_from([-20 * DAY, -1, 0, 1, 6 * DAY])


def replaced(starts: int, *recipients: Grant) -> tuple[Instrument, Instrument]:
    """The old consent, to probation and the judge, and the one that takes its place from an instant on."""
    old = consent(grant(PROBATION), grant(JUDGE), id="old", superseded_at=starts)
    new = consent(*(recipients or (grant(PROBATION), grant(JUDGE))), id="new", effective_from=starts)
    return old, replace(new, signed_at=min(starts, NOW))


@given(STARTS, AROUND)
def test_at_every_instant_exactly_one_covers(starts: int, away: int) -> None:
    old, new = replaced(starts)
    at = starts + away
    alone = [bool(decide(world(PROBATION, one, at=at)).findings[0].covered) for one in (old, new)]
    verdict = decide(world(PROBATION, old, new, at=at))
    if old.effective_from <= at < NOW + 10 * DAY:  # both end in ten days
        assert alone == [away < 0, away >= 0]
        assert {one.id for one in verdict.findings[0].covered.values()} == {"old" if away < 0 else "new"}
    else:
        assert not verdict.findings[0].covered


@given(STARTS)
def test_a_verdict_before_the_change_lasts_until_the_change(starts: int) -> None:
    """No release that was decided under the old one can be recorded under it afterwards."""
    verdict = decide(world(PROBATION, *replaced(starts), at=starts - 1))
    assert isinstance(verdict, Permit) and verdict.valid_until == starts


@given(STARTS)
def test_a_recipient_that_is_left_out_ends_where_the_other_begins(starts: int) -> None:
    both = replaced(starts, grant(PROBATION))
    assert isinstance(decide(world(JUDGE, *both, at=starts - 1)), Permit)
    (left_out,) = decide(world(JUDGE, *both, at=starts)).findings
    assert not left_out.covered and set(left_out.fell.values()) <= {Reason.SUPERSEDED, Reason.UNIT_NOT_NAMED}
    assert isinstance(decide(world(PROBATION, *both, at=starts)), Permit)


def test_an_element_that_is_left_out_ends_there_too() -> None:
    """A narrower consent that takes the place of a broader one narrows: the old one lends it nothing."""
    asked = replace(PROBATION, elements=frozenset({SUMMARY, Element.ENROLMENT_STATUS}))
    old = consent(grant(asked), id="old", superseded_at=NOW)
    new = consent(grant(asked, Element.ENROLMENT_STATUS), id="new", signed_at=NOW, effective_from=NOW)
    (finding,) = decide(world(asked, old, new)).findings
    assert (finding.patient, finding.discloser) == PAIR
    assert {element: one.id for element, one in finding.covered.items()} == {Element.ENROLMENT_STATUS: "new"}
