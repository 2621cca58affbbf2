"""Properties of the consent decision; those with a Cedar theorem's name state that theorem for it.

``knowable`` rather than ``leaves`` wherever something is taken away: when the finest step of a ladder goes, the next
coarser one may leave instead, and whoever could read the finer one knew it already.
"""

from dataclasses import replace
from typing import Any

from hypothesis import event, given
from hypothesis import strategies as st

from app.consent.ask import Ask, Facts, Restriction
from app.consent.clocks import FOREVER, valid_until
from app.consent.decide import decide
from app.consent.instrument import Grant, Instrument
from app.consent.verdict import Permit, Refusal
from app.vocabulary import COVERS, FINEST_ONLY, JUSTICE_ROLES, Element, Purpose
from tests.core.worlds import BOTH_US, EDGES, MAYBE_RESTRICTED, Verdict, decided, facts, knowable, leaves, ordered
from tests.oracle.consent import next_change, permitted

FAR = 10**18


def alone(world: Facts, item: Instrument) -> Verdict:
    """What one instrument lets leave by itself, each element asked for itself, with no restriction agreed."""
    by_itself, pair = replace(world, instruments=(item,), restrictions=()), (item.patient, item.discloser)
    asks = [replace(world.ask, elements=frozenset({e})) for e in world.ask.elements]
    verdicts = [decided(replace(by_itself, ask=ask)) for ask in asks]
    return {pair: {e: name for verdict in verdicts for e, name in verdict[pair].items()}}


def restricted(world: Facts, patient: str, element: Element) -> bool:
    """Whether a standing restriction takes this element, or one that could be derived from it."""
    return any(
        COVERS[element] & each.elements
        for each in world.restrictions
        if each.patient == patient and each.unit in (None, world.ask.unit) and each.lifted_day is None
    )


@given(facts())
def test_oracle_agrees_on_verdict_and_covering_instrument(world: Facts) -> None:
    expected = permitted(world)
    event("permits something" if any(expected.values()) else "permits nothing")
    assert decided(world) == expected


@given(facts())
def test_every_asked_element_is_covered_or_fell(world: Facts) -> None:
    verdict = decide(world)
    pairs = [(finding.patient, finding.discloser) for finding in verdict.findings]
    assert pairs == sorted({(item.patient, item.discloser) for item in world.instruments})
    for finding in verdict.findings:
        assert not finding.covered.keys() & finding.fell.keys()
        assert finding.covered.keys() | finding.fell.keys() == world.ask.elements
    assert isinstance(verdict, Permit if any(finding.covered for finding in verdict.findings) else Refusal)
    assert (verdict.ask, verdict.at) == (world.ask, world.at)


@given(facts())
def test_forbid_trumps_permit(world: Facts) -> None:
    for patient, discloser, element in leaves(decided(world)):
        forbidden = replace(world, restrictions=(*world.restrictions, Restriction(patient, frozenset({element}))))
        left = decided(forbidden)[patient, discloser]
        assert not [e for e, ident in left.items() if element in COVERS[e] and ident not in ordered(world)]


@given(facts())
def test_default_deny(world: Facts) -> None:
    nothing = decide(replace(world, instruments=()))
    assert isinstance(nothing, Refusal) and nothing.findings == ()
    assert not leaves(decided(replace(world, ask=replace(world.ask, unit="unnamed"))))


@given(facts())
def test_allowed_iff_explicitly_permitted_and_not_denied(world: Facts) -> None:
    left = {
        triple
        for item in world.instruments
        for triple in leaves(alone(world, item))
        if item.id in ordered(world) or not restricted(world, triple[0], triple[2])
    }
    finer = {ladder[n]: set(ladder[:n]) for ladder in FINEST_ONLY for n in range(len(ladder))}
    expected = {(p, d, e) for p, d, e in left if not any((p, d, f) in left for f in finer.get(e, ()))}
    assert leaves(decided(world)) == expected


@given(facts(), st.randoms(use_true_random=False), MAYBE_RESTRICTED)
def test_order_and_dup_independent(world: Facts, random: Any, more: tuple[Restriction, ...]) -> None:
    world = replace(world, restrictions=world.restrictions + more)
    items = [*world.instruments, *random.choices(world.instruments, k=2)]
    restrictions = [*world.restrictions, *world.restrictions]
    random.shuffle(items)
    random.shuffle(restrictions)
    shuffled = replace(world, instruments=tuple(items), restrictions=tuple(restrictions))
    assert decided(shuffled) == decided(world)
    assert decide(shuffled).valid_until == decide(world).valid_until


@given(facts(), MAYBE_RESTRICTED, st.sampled_from([frozenset({e}) for e in Element]))
def test_unchanged_deny_when_add_forbid(world: Facts, more: tuple[Restriction, ...], e: frozenset[Element]) -> None:
    forbids = (*more, Restriction("m", e))
    before, after = decided(world), decided(replace(world, restrictions=world.restrictions + forbids))
    assert leaves(after) <= knowable(before)
    assert all(not after[pair] for pair, covered in before.items() if not covered)


@given(facts(), facts())
def test_unchanged_allow_when_add_permit(world: Facts, other: Facts) -> None:
    """A further instrument takes nothing away, and frees nothing that is restricted."""
    more = replace(world, instruments=(*world.instruments, *(replace(i, id=f"n-{i.id}") for i in other.instruments)))
    before, after = decided(world), decided(more)
    sound = {pair for pair, covered in before.items() if covered}
    assert knowable({pair: before[pair] for pair in sound}) <= knowable(after)
    for (patient, _), covered in after.items():
        for element, ident in covered.items():
            assert ident in ordered(more) or not restricted(world, patient, element)


@given(facts())
def test_every_permitted_element_has_exactly_one_covering_instrument(world: Facts) -> None:
    for finding in decide(world).findings:
        for element, item in finding.covered.items():
            assert item in world.instruments
            assert next(chosen.id for chosen, scope in finding.choices if element in scope) == item.id
            assert element in world.ask.elements


@given(facts())
def test_determining_instruments(world: Facts) -> None:
    singly = {item.id: alone(world, item) for item in world.instruments}
    for (patient, discloser), covered in decided(world).items():
        for element, chosen in covered.items():
            able = [item for item in world.instruments if element in singly[item.id].get((patient, discloser), {})]
            last = max(_end(world, item) for item in able)
            latest = [item for item in able if _end(world, item) == last]
            earliest = min(item.effective_from for item in latest)
            assert chosen == min(item.id for item in latest if item.effective_from == earliest)


def _end(world: Facts, item: Instrument) -> int:
    dates = [item.expiry.at, world.events.get(item.expiry.event) if item.expiry.event else None]
    return min((date for date in dates if date is not None), default=FAR)


@given(facts(), facts())
def test_slicing_is_sound(world: Facts, other: Facts) -> None:
    """Instruments of other units, cases or patients change no finding; each finding stands on its own slice."""
    elsewhere = [
        *(replace(item, id=f"p-{item.id}", patient=f"other-{item.patient}") for item in other.instruments),
        *(_of_other_unit(item) for item in world.instruments),
        *(replace(item, id=f"c-{item.id}", case="case-other") for item in world.instruments),
    ]
    before = decided(world)
    after = decided(replace(world, instruments=(*elsewhere, *world.instruments)))
    assert {pair: after[pair] for pair in before} == before
    for pair, covered in before.items():
        own = tuple(item for item in world.instruments if (item.patient, item.discloser) == pair)
        assert decided(replace(world, instruments=own)) == {pair: covered}


def _of_other_unit(item: Instrument) -> Instrument:
    grants = tuple(replace(grant, unit="other-unit") for grant in item.grants)
    return replace(item, id=f"u-{item.id}", grants=grants)


@given(facts())
def test_valid_until_is_right(world: Facts) -> None:
    verdict, before = decide(world), decided(world)
    until = verdict.valid_until
    assert until == valid_until(world) == (next_change(world) or FOREVER) > world.at
    inside = {at for edge in EDGES for at in (edge - 1, edge) if world.at < at < until} | {until - 1}
    for at in inside:
        assert decided(replace(world, at=at)) == before


@given(facts())
def test_a_new_element_is_denied_under_an_old_vocabulary(world: Facts) -> None:
    old = tuple(replace(item, vocabulary=0) for item in world.instruments)
    assert not leaves(decided(replace(world, instruments=old)))


def _broken(item: Instrument, field: str) -> Instrument:
    """A copy whose ``field`` holds what no rule can read, in every grant where it belongs to a grant."""
    values: dict[str, Any] = {
        "elements": 7,
        "purposes": 7,
        "grants": (None,),
        "expiry": None,
        "effective_from": "soon",
        "revocations": (None,),
        "vocabulary": None,
    }
    change = {field: values[field]}
    if field in ("elements", "purposes"):
        change = {"grants": tuple(replace(grant, **change) for grant in item.grants)}
    return replace(item, id="i0", **change)


BREAKABLE = st.sampled_from("elements purposes grants expiry effective_from revocations vocabulary".split())


@given(BREAKABLE, facts())
def test_erroring_rule_forbids(broken: str, world: Facts) -> None:
    """A value that no rule can read forbids all about that patient and discloser, and nothing about others."""
    world = replace(world, today=BOTH_US)
    before = decided(world)
    for pair in [pair for pair, covered in before.items() if covered]:
        chosen = next(item for item in world.instruments if item.id in before[pair].values())
        after = decided(replace(world, instruments=(_broken(chosen, broken), *world.instruments)))
        assert after == {**before, pair: {}}


@given(facts())
def test_never_stitched(world: Facts) -> None:
    """One grant of the named instrument covers the whole tuple; two halves of it in two instruments cover nothing."""
    ask, by_id = world.ask, {item.id: item for item in world.instruments}
    for (patient, discloser), covered in decided(world).items():
        for element, ident in covered.items():
            item = by_id[ident]
            assert (item.patient, item.discloser) == (patient, discloser)
            assert item.case == ask.case if ask.role in JUSTICE_ROLES else item.case in (None, ask.case)
            assert item.effective_from <= world.at < _end(world, item)
            assert any(_meets(grant, ask) and element in _reach(grant) for grant in item.grants)
    halves = [half for item in world.instruments for half in _halves(item)]
    assert not leaves(decided(replace(world, instruments=tuple(halves))))


def _meets(grant: Grant, ask: Ask) -> bool:
    named = (grant.unit, grant.role, grant.person or ask.person)
    return named == (ask.unit, ask.role, ask.person) and ask.purpose in grant.purposes


def _reach(grant: Grant) -> frozenset[Element]:
    return frozenset().union(*(COVERS[e] for e in grant.elements))


def _halves(item: Instrument) -> tuple[Instrument, Instrument, Instrument]:
    """The right unit without the purpose, the right purpose without the unit, and both in grants side by side."""
    no_purpose = tuple(replace(grant, purposes=frozenset({Purpose.AUDIT})) for grant in item.grants)
    no_unit = tuple(replace(grant, unit="other-unit") for grant in item.grants)
    return (
        replace(item, id=f"a-{item.id}", grants=no_purpose),
        replace(item, id=f"b-{item.id}", grants=no_unit),
        replace(item, id=f"c-{item.id}", grants=no_purpose + no_unit),
    )
