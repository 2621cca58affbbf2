"""Whatever is taken away, and time, only ever close what the decision lets leave."""

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Facts, Restriction
from app.consent.decide import decide
from app.consent.instrument import Instrument, Revocation
from app.consent.reason import Reason
from app.vocabulary import Element
from tests.core.worlds import EDGES, decided, facts, knowable


def narrowed(world: Facts, item: Instrument, how: str, taken: frozenset[Element]) -> Facts:
    """The same facts after something was taken away from one instrument, or by a restriction."""
    if how == "restriction":
        return replace(world, restrictions=(*world.restrictions, Restriction(item.patient, taken)))
    shut: dict[str, dict[str, Any]] = {
        "nobody assigned": {"assigned": False},
        "closing": {"closed": world.closed | {item.discloser}},
        "law of the recipient": {"recipient_profile": world.recipient_profile or "strict@1"},
    }
    if how in shut:
        return replace(world, **shut[how])
    changes: dict[str, dict[str, Any]] = {
        "revocation": {"revocations": (*item.revocations, Revocation(world.at))},
        "revocation in part": {"revocations": (*item.revocations, Revocation(world.at, None, taken))},
        "revocation by merge": {"revocations": (*item.revocations, Revocation(world.at, None, taken, by_merge=True))},
        "suspension": {"suspended": True},
        "coming of age": {"represented_until": world.at},
        "loss of the lawful basis": {"lawful_basis": ""},
        "error": {"entered_in_error": True},
        "supersede": {"superseded_at": world.at},
    }
    after = tuple(replace(each, **changes[how]) if each is item else each for each in world.instruments)
    return replace(world, instruments=after)


NARROWINGS = st.sampled_from(
    (
        "revocation",
        "revocation in part",
        "revocation by merge",
        "suspension",
        "error",
        "supersede",
        "restriction",
        "coming of age",
        "loss of the lawful basis",
        "nobody assigned",
        "closing",
        "law of the recipient",
    )
)


@given(NARROWINGS, facts(), st.sampled_from([frozenset({e}) for e in Element]))
def test_a_narrowing_never_adds_an_element(how: str, world: Facts, taken: frozenset[Element]) -> None:
    before = knowable(decided(world))
    for item in world.instruments:
        assert knowable(decided(narrowed(world, item, how, taken))) <= before


@given(facts(), st.sampled_from(EDGES))
def test_time_only_closes(world: Facts, later: int) -> None:
    start = max(world.at, *(item.effective_from for item in world.instruments))
    before = knowable(decided(replace(world, at=start)))
    assert knowable(decided(replace(world, at=max(start, later)))) <= before


@given(facts(), st.sampled_from([("m", "clinic-1"), ("n", "clinic-2"), ("other", "clinic-1"), ("m", "other")]))
def test_what_cannot_be_read_forbids_all_about_that_record_and_nothing_else(
    world: Facts, pair: tuple[str, str]
) -> None:
    before, after = decided(world), decide(replace(world, unreadable=frozenset({pair})))
    assert {(one.patient, one.discloser) for one in after.findings} == before.keys() | {pair}
    for one in after.findings:
        if (one.patient, one.discloser) == pair:
            assert dict(one.fell) == dict.fromkeys(world.ask.elements, Reason.RULE_ERROR)
            assert not one.covered and not one.choices
        else:
            assert {e: item.id for e, item in one.covered.items()} == before[one.patient, one.discloser]
