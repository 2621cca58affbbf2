"""Pages of items: in one order, full until the last, and none lost between two."""

from dataclasses import replace
from typing import Any

import pytest

from app.consent.ask import Page
from app.consent.slots import CURRENT, every_slot
from app.vocabulary import Element
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
