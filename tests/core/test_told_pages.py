"""Pages of items: in one order, full until the last, and none lost between two."""

from dataclasses import replace
from typing import Any

import pytest

from app.consent.ask import Ask, Page, Restriction
from app.consent.instrument import Clock, Instrument
from app.consent.slots import CURRENT, every_slot
from app.vocabulary import ConsentKind, Element, Purpose
from app.vocabulary.calendar import Frame, Grid
from tests.core.telling import JUDGE, SCOPE, TODAY, facts, parcel, permit, signed

STATUS, SUMMARY = Element.ENROLMENT_STATUS, Element.ATTENDANCE_SUMMARY


def test_items_come_by_subject_and_the_newest_window_first() -> None:
    of = [
        signed(i, SUMMARY, STATUS, patient=p, scope=SCOPE, records_from=TODAY - 22) for i, p in (("i", "q"), ("j", "p"))
    ]
    slots = list(every_slot(permit(facts(*of))))
    assert [slot.patient for slot in slots] == ["p"] * (len(slots) // 2) + ["q"] * (len(slots) // 2)
    current, *starts = [slot.start for slot in slots if slot.patient == "p"]
    assert current == CURRENT and starts == [starts[0], starts[0] - 7, starts[0] - 14]


@pytest.mark.parametrize("each", [False, True])
def test_a_page_counts_windows_alone_and_for_each_person_where_there_is_no_next_page(each: bool) -> None:
    of = [
        signed(i, SUMMARY, STATUS, patient=p, scope=SCOPE, records_from=TODAY - 36) for i, p in (("i", "p"), ("j", "q"))
    ]
    world = facts(*of, ask=replace(JUDGE, page=Page(limit=2, each=each)))
    cells = {(p, "d", STATUS, CURRENT, ""): ("active", "fact") for p in "pq"}
    got = parcel(world, cells)
    windows = [(item.pseudonym, "period" in item.body) for item in got.items]
    person = [("name-p", False), ("name-p", True), ("name-p", True)]
    if each:
        assert windows == [*person, ("name-q", False), ("name-q", True), ("name-q", True)]
        assert got.next_after is None
    else:
        assert windows == person
        assert got.next_after is not None and got.next_after[0] == "ref-p"


def test_one_person_at_two_clinics_loses_no_window_between_pages_and_each_clinic_has_its_own_count() -> None:
    """By the order of clinics, whatever the record of the person is called there."""
    windows: dict[str, Any] = {"scope": SCOPE, "records_from": TODAY - 36}
    of = [signed("i", SUMMARY, patient="z", **windows), signed("j", SUMMARY, patient="a", discloser="e", **windows)]
    world = facts(*of)
    assert world.viewer is not None
    viewer = replace(world.viewer, parties=dict.fromkeys("ij", world.viewer.parties["i"]))
    whole = [item.body["id"] for item in parcel(replace(world, viewer=viewer), {}).items]
    found, after, more = [], None, True
    while more:
        page = parcel(replace(world, viewer=viewer, ask=replace(JUDGE, page=Page(1, after))), {})
        found += [item.body["id"] for item in page.items]
        after, more = page.next_after, page.next_after is not None
    assert found == whole and len(set(whole)) == len(whole) >= 8
    each = parcel(replace(world, viewer=viewer, ask=replace(JUDGE, page=Page(1, each=True))), {})
    assert [set(item.instruments) for item in each.items] == [{"i"}, {"j"}]


def test_a_consent_without_a_frame_speaks_of_no_window() -> None:
    """Nor one without an element of a window, whatever frame it has."""
    assert [slot.start for slot in every_slot(permit(facts(signed("i", SUMMARY, STATUS))))] == [CURRENT]
    framed = signed("i", STATUS, scope=SCOPE, records_from=TODAY - 36)
    assert [slot.start for slot in every_slot(permit(facts(framed)))] == [CURRENT]
    assert CURRENT == 0, "as it is stored"


def test_windows_of_two_lengths_come_by_their_first_day_then_their_last() -> None:
    """The newest first; of two that begin together the longer."""
    long = Frame("r", 2, Grid(TODAY - 300, 2)).key
    one = signed("i", SUMMARY, scope=SCOPE, records_from=TODAY - 60)
    two = signed("j", Element.PROGRESS_GOALS, scope=long, records_from=TODAY - 60)
    spans = [(slot.start, slot.last) for slot in every_slot(permit(facts(one, two)))]
    assert spans == sorted(spans, key=lambda span: (-span[0], -span[1]))
    assert {last - start for start, last in spans} == {6, 13}
    assert len({start for start, _ in spans}) < len(spans)


def test_an_answer_to_no_referral_has_no_name() -> None:
    item = signed("i", Element.REFERRAL_DECISION, referral=None)
    assert [slot.referral for slot in every_slot(permit(facts(item)))] == [""]


def ordered(*, scope: str = "") -> tuple[Ask, tuple[Instrument, ...]]:
    """A judge's ask in a proceeding, an order of a court, and a consent that ends later and so comes first."""
    ask = replace(JUDGE, purpose=Purpose.PROCEEDING)
    made = []
    for ident, kind, end in (("o", ConsentKind.COURT_ORDER, 2**60), ("p", ConsentKind.PROCEEDING, 2**60 + 1)):
        item = signed(ident, SUMMARY, STATUS, kind=kind, expiry=Clock(end), scope=scope, records_from=TODAY - 36)
        grants = tuple(replace(grant, purposes=frozenset({ask.purpose})) for grant in item.grants)
        made.append(replace(item, grants=grants))
    return ask, tuple(made)


LIFTED = (Restriction("p", frozenset({STATUS, SUMMARY}), None, TODAY - 15),)


def test_what_a_court_ordered_is_told_whole_and_so_goes_before_what_a_notice_cut() -> None:
    ask, (order, consent) = ordered()
    world = facts(order, consent, ask=ask)
    (free,) = every_slot(permit(world))
    assert (free.elements[STATUS].id, dict(free.since)) == ("p", {})
    (cut,) = every_slot(permit(replace(world, restrictions=LIFTED)))
    assert (cut.elements[STATUS].id, dict(cut.since)) == ("o", {})
    (alone,) = every_slot(permit(facts(consent, ask=ask, restrictions=LIFTED)))
    assert (alone.elements[STATUS].id, dict(alone.since)) == ("p", {STATUS: TODAY - 14})


def test_a_notice_cuts_no_window_of_what_a_court_ordered() -> None:
    ask, (order, consent) = ordered(scope=SCOPE)

    def windows(*items: Instrument) -> list[tuple[int, str]]:
        slots = every_slot(permit(facts(*items, ask=ask, restrictions=LIFTED)))
        return [(s.start, s.elements[SUMMARY].id) for s in slots if s.start != CURRENT and SUMMARY in s.elements]

    under_order, under_consent = windows(order), windows(consent)
    assert {ident for _, ident in under_order} == {"o"}
    assert {start for start, _ in under_order} > {start for start, _ in under_consent}
    assert min(start for start, _ in under_consent) > TODAY - 15
    assert windows(order, consent) == under_order
