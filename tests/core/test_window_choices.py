"""Several consents for one window: the first in order that speaks about it; a further one takes nothing away."""

from dataclasses import replace
from typing import Final

from hypothesis import given
from hypothesis import strategies as st

from app.consent.ask import Facts, Page, Viewer
from app.consent.decide import decide
from app.consent.instrument import Clock, Instrument
from app.consent.plan import plan
from app.consent.slots import CURRENT, Slot, ambiguous
from app.consent.verdict import Permit
from app.vocabulary import FINEST_ONLY, WINDOWED, Element
from app.vocabulary.calendar import Frame, Grid
from tests.core.test_windows import ELEMENTS, FIRST, GRANTED, NOW, WEEKS, facts

SUMMARY: Final = frozenset({Element.ATTENDANCE_SUMMARY})
STATUS: Final = frozenset({Element.ENROLMENT_STATUS})
ENDS: Final = st.integers(2**59, 2**60)
CONSENT: Final = st.tuples(GRANTED, FIRST, WEEKS, ENDS, st.sampled_from(["r1", "r2"]), st.integers(1, 2))


def made(name: str, drawn: tuple[frozenset[Element], int, int, int, str, int]) -> Instrument:
    """A live consent of the one patient, with a frame of its own referral."""
    elements, first, weeks, ends, referral, threshold = drawn
    one = facts(elements, first, weeks, Page()).instruments[0]
    frame = Frame(referral, threshold, Grid(NOW - 300, weeks)).key
    return replace(one, id=name, expiry=Clock(ends), referral=referral, scope=frame)


def told(*instruments: Instrument, referral: str | None = None) -> Permit | None:
    """The permit of a read of statuses under these, the same reference for every patient."""
    some = facts(SUMMARY, NOW, 1, Page(1000))
    assert some.viewer is not None
    (party,) = some.viewer.parties.values()
    viewer = Viewer("Court", "case", "docket", "D-1", b"key", {one.id: party for one in instruments})
    ask = replace(some.ask, referral=referral)
    verdict = decide(Facts(ask, some.at, instruments, {}, some.profiles, some.today, (), viewer))
    return verdict if isinstance(verdict, Permit) else None


def slots(*instruments: Instrument, referral: str | None = None) -> tuple[Slot, ...]:
    """What is given."""
    permit = told(*instruments, referral=referral)
    return plan(permit).slots if permit is not None else ()


def given_by(found: tuple[Slot, ...]) -> set[tuple[int, int, Element]]:
    """Each window and element given; a finer step of a ladder stands for the coarser ones too."""
    steps = set()
    for slot in found:
        for element in slot.elements:
            ladder = next((ladder for ladder in FINEST_ONLY if element in ladder), (element,))
            steps |= {(slot.start, slot.last, step) for step in ladder[ladder.index(element) :]}
    return steps


@given(st.lists(CONSENT, min_size=1, max_size=3), CONSENT)
def test_a_further_consent_takes_no_window_away(
    before: list[tuple[frozenset[Element], int, int, int, str, int]],
    further: tuple[frozenset[Element], int, int, int, str, int],
) -> None:
    some = [made(str(number), drawn) for number, drawn in enumerate(before)]
    for referral in (None, "r1"):
        earlier = given_by(slots(*some, referral=referral))
        assert earlier <= given_by(slots(*some, made("further", further), referral=referral))


@given(st.lists(CONSENT, min_size=1, max_size=4))
def test_each_window_is_given_under_the_first_in_order_that_speaks_about_it(
    drawn: list[tuple[frozenset[Element], int, int, int, str, int]],
) -> None:
    some = [made(str(number), one) for number, one in enumerate(drawn)]
    order = sorted(some, key=lambda one: (-(one.expiry.at or 0), one.effective_from, one.id))
    permit = told(*some)
    for slot in plan(permit).slots if permit is not None else ():
        if slot.start != CURRENT:
            for element, instrument in slot.elements.items():
                assert permit is not None
                covers = {one.id for one, elements in permit.findings[0].choices if element in elements}
                speak = [one for one in order if one.id in covers and _speaks(one, slot)]
                assert speak[0] is instrument


def _speaks(one: Instrument, slot: Slot) -> bool:
    grid = Frame.parse(one.scope).grid
    starts_here = grid.start_of(slot.start) == slot.start and grid.last_day(slot.start) == slot.last
    return starts_here and slot.start >= one.records_from


@given(st.lists(CONSENT, min_size=1, max_size=4))
def test_a_read_of_one_referral_is_a_read_of_its_consents_alone(
    drawn: list[tuple[frozenset[Element], int, int, int, str, int]],
) -> None:
    some = [made(str(number), one) for number, one in enumerate(drawn)]
    own = [one for one in some if one.referral == "r1"]
    windows = [slot for slot in slots(*some, referral="r1") if slot.start != CURRENT]
    assert windows == [slot for slot in slots(*own, referral="r1") if slot.start != CURRENT]


def test_an_equal_span_of_two_frames_is_given_once_and_other_grids_stand_beside_it() -> None:
    first, second = made("a", (SUMMARY, NOW - 40, 1, 9, "r1", 2)), made("b", (SUMMARY, NOW - 40, 1, 8, "r2", 1))
    first, second = replace(first, expiry=Clock(2**60)), replace(second, expiry=Clock(2**59))
    both = slots(second, first)
    assert both and [slot.elements[Element.ATTENDANCE_SUMMARY].id for slot in both] == ["a"] * len(both)
    wide = replace(second, scope=Frame("r2", 1, Grid(NOW - 300, 2)).key)
    assert {slot.last - slot.start for slot in slots(first, wide)} == {6, 13}


def test_two_records_of_one_discloser_that_match_one_person_are_both_left_out() -> None:
    one = made("a", (SUMMARY | STATUS, NOW - 40, 1, 2**60, "r1", 2))
    twin = replace(made("b", (STATUS, NOW - 40, 1, 2**60, "r2", 2)), patient="q")
    alone, both = told(one), told(one, twin)
    assert alone is not None and not ambiguous(alone) and plan(alone).slots
    assert both is not None and ambiguous(both) and plan(both).slots == ()
    silent = replace(twin, suspended=True)  # says nothing to this court, so it must change nothing either
    kept = told(one, silent)
    assert kept is not None and not ambiguous(kept) and plan(kept).slots == plan(alone).slots


def test_every_finest_only_ladder_is_of_windows() -> None:
    """Windows choose their finest step themselves; a state-like ladder would need the same under a referral filter."""
    assert all(element in WINDOWED for ladder in FINEST_ONLY for element in ladder) and ELEMENTS
