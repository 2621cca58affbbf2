"""A restriction that was ended by notice keeps covering what is of its days; one that stands covers all; no order of a
court is met by either (42 CFR 2.26(a))."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Facts, Page, Restriction
from app.consent.decide import decide
from app.consent.plan import plan
from app.consent.restricting import covered_of, left_by, spoken_since
from app.consent.slots import CURRENT, Slot
from app.consent.verdict import Permit
from app.vocabulary import COVERS, WINDOWED, ConsentKind, Element
from tests.core.test_windows import ELEMENTS, NOW, facts

FIRST = NOW - 70
LIFTED = st.integers(FIRST - 10, NOW)
SETS = st.frozensets(st.sampled_from(sorted(ELEMENTS)), min_size=1)


def slots(some: Facts) -> tuple[Slot, ...]:
    """All that is given under these facts."""
    verdict = decide(some)
    return plan(verdict).slots if isinstance(verdict, Permit) else ()


def restricted(some: Facts, elements: frozenset[Element], day: int | None) -> Facts:
    """The same with one restriction towards everybody, standing or ended by notice on that day."""
    return replace(some, restrictions=(Restriction(some.instruments[0].patient, elements, None, day),))


@given(SETS, SETS, LIFTED)
def test_no_window_that_begins_by_the_day_of_the_notice_tells_what_was_restricted(
    granted: frozenset[Element], taken: frozenset[Element], day: int
) -> None:
    some = facts(granted, FIRST, 1, Page(1000))
    hit = {element for element in Element if COVERS[element] & taken}
    before, after = slots(some), slots(restricted(some, taken, day))
    told = {slot.start: frozenset(slot.elements) for slot in after if slot.start != CURRENT}
    for slot in before:
        if slot.start == CURRENT:
            continue
        here = told.get(slot.start, frozenset())
        if slot.start <= day:
            assert not here & hit
            assert here or frozenset(slot.elements) <= hit or not granted - hit
        else:
            assert here == frozenset(slot.elements)


@given(SETS, SETS, LIFTED)
def test_a_notice_tells_never_more_than_no_restriction_and_never_less_than_a_standing_one(
    granted: frozenset[Element], taken: frozenset[Element], day: int
) -> None:
    some = facts(granted, FIRST, 1, Page(1000))

    def steps(found: tuple[Slot, ...]) -> set[tuple[int, Element]]:
        return {(slot.start, step) for slot in found for element in slot.elements for step in COVERS[element]}

    standing, lifted = slots(restricted(some, taken, None)), slots(restricted(some, taken, day))
    assert steps(standing) <= steps(lifted) <= steps(slots(some))


@given(SETS, LIFTED)
def test_a_current_value_has_to_be_stated_after_the_day_of_the_notice(taken: frozenset[Element], day: int) -> None:
    some = restricted(facts(frozenset(ELEMENTS), FIRST, 1, Page(1000)), taken, day)
    hit = {element for element in Element if COVERS[element] & taken}
    for slot in slots(some):
        if slot.start == CURRENT:
            assert dict(slot.since) == {element: day + 1 for element in slot.elements if element in hit}


def test_of_two_notices_the_later_day_counts() -> None:
    some = facts(frozenset({Element.ENROLMENT_STATUS}), FIRST, 1, Page())
    patient = some.instruments[0].patient
    both = tuple(Restriction(patient, frozenset({Element.ENROLMENT_STATUS}), None, day) for day in (NOW - 3, NOW - 9))
    assert spoken_since(replace(some, restrictions=both), patient)[Element.ENROLMENT_DATES] == NOW - 2


def test_another_recipients_restriction_and_another_patients_take_nothing() -> None:
    some = facts(frozenset({Element.ENROLMENT_STATUS}), FIRST, 1, Page())
    patient, taken = some.instruments[0].patient, frozenset({Element.ENROLMENT_STATUS})
    others = (Restriction(patient, taken, "another unit"), Restriction("another patient", taken))
    assert slots(replace(some, restrictions=others)) == slots(some) != ()


def test_what_a_court_ordered_is_not_restricted() -> None:
    some = facts(frozenset({Element.ENROLMENT_STATUS}), FIRST, 1, Page())
    one, taken = some.instruments[0], frozenset({Element.ENROLMENT_STATUS})
    order = replace(one, id="order", kind=ConsentKind.COURT_ORDER)
    for day in (None, NOW):
        left = left_by(((one, taken), (order, taken)), restricted(some, taken, day), one.patient)
        assert [elements for _, elements in left] == ([frozenset(), taken] if day is None else [taken, taken])
    verdict = decide(some)
    assert isinstance(verdict, Permit)
    (finding,) = verdict.findings
    by_order = replace(finding, covered=dict.fromkeys(finding.covered, order))
    held = restricted(some, taken, NOW)
    assert set(covered_of(held, finding, NOW)) == {Element.ENROLMENT_ENGAGED}, "the coarser step was not restricted"
    assert covered_of(held, by_order, NOW) == by_order.covered
    assert covered_of(held, finding, NOW + 1) == finding.covered


def test_windowed_elements_were_among_what_was_tried() -> None:
    assert set(ELEMENTS) & WINDOWED and set(ELEMENTS) - WINDOWED
