"""Profiles: what one was signed under, what is in force there today, the recipient's own; each can only subtract."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Facts
from tests.core.worlds import BOTH_US, PROFILES, Verdict, decided, facts, knowable, leaves

LAWS = st.sampled_from(sorted(PROFILES))


@given(facts(), LAWS, LAWS)
def test_what_was_signed_then_and_is_asked_now_is_within_what_each_law_lets_leave_alone(
    world: Facts, then: str, now: str
) -> None:
    def under(signed: str, today: str) -> Verdict:
        items = tuple(replace(item, profile=signed) for item in world.instruments)
        return decided(replace(world, instruments=items, today=dict.fromkeys(BOTH_US, today)))

    both = knowable(under(then, now))
    assert both <= knowable(under(then, then)) & knowable(under(now, now))
    assert both == knowable(under(now, then))


@given(facts(), st.sampled_from(["", *sorted(PROFILES)]))
def test_the_law_of_the_recipient_only_takes_away(world: Facts, theirs: str) -> None:
    free = knowable(decided(replace(world, recipient_profile="")))
    assert knowable(decided(replace(world, recipient_profile=theirs))) <= free
    assert not leaves(decided(replace(world, recipient_profile="unknown@1")))
