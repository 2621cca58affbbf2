"""What was found wrong after it was sent: told once put right to who still reads it, else that it is withdrawn."""

from dataclasses import replace
from typing import Any

from app.consent.ask import Facts, Page, Withdrawn
from app.consent.minimise import pointers
from app.consent.slots import CURRENT
from app.consent.withdrawn import Pending, Stub, pending
from app.vocabulary import Element
from tests.core.telling import JUDGE, SCOPE, TODAY, facts, item_id, parcel, permit, signed

E = Element
STATUS, DATES = E.ENROLMENT_STATUS, E.ENROLMENT_DATES
ITEM, KIND = item_id("treatment_status", "current"), "treatment_status"
WRONG = Withdrawn("judge", "condition_monitoring", KIND, ITEM, frozenset({"enrolment.status"}), subject="ledger-p")
STUB = Stub(ITEM, KIND, "ledger-p")
CELLS: dict[Any, Any] = {("p", "d", STATUS, CURRENT, ""): ("active", "fact")}


def held(*wrong: Withdrawn, **changes: Any) -> Facts:
    """Facts of a judge who still reads the status, and holds these wrong items."""
    return replace(facts(signed("i", STATUS)), withdrawn=wrong, **changes)


def test_who_still_reads_the_element_sees_it_put_right_and_nothing_withdrawn() -> None:
    got = parcel(held(WRONG), CELLS)
    assert got.withdrawn == ()
    assert got.settled == (Pending(ITEM, KIND, "", "", "ledger-p", frozenset({"enrolment.status"})),)


def test_a_finer_step_that_is_read_puts_the_coarser_right() -> None:
    world = replace(facts(signed("i", DATES)), withdrawn=(WRONG,))
    got = parcel(world, {("p", "d", DATES, CURRENT, ""): ("x", "fact")})
    assert got.withdrawn == () and len(got.settled) == 1
    finer = replace(WRONG, elements=frozenset({"enrolment.dates"}))
    got = parcel(held(finer), CELLS)
    assert got.withdrawn == (STUB,) and got.settled == ()


def test_exactly_what_was_wrong_read_again_is_put_right() -> None:
    wrong = replace(WRONG, elements=frozenset({"enrolment.engaged"}))
    world = replace(facts(signed("i", E.ENROLMENT_ENGAGED)), withdrawn=(wrong,))
    got = parcel(world, {("p", "d", E.ENROLMENT_ENGAGED, CURRENT, ""): (True, "fact")})
    assert got.withdrawn == () and len(got.settled) == 1


def test_who_reads_only_a_part_of_what_was_wrong_hears_that_it_is_withdrawn() -> None:
    more = replace(WRONG, elements=frozenset({"enrolment.status", "progress.plan_change"}))
    got = parcel(held(more), CELLS)
    assert got.withdrawn == (STUB,) and got.settled == ()


def test_where_nothing_is_filed_now_nothing_is_put_right() -> None:
    got = parcel(held(WRONG), {})
    assert got.items == () and got.withdrawn == (STUB,) and got.settled == ()


def test_who_reads_nothing_any_more_hears_that_it_is_withdrawn() -> None:
    got = parcel(held(WRONG, instruments=()), {})
    assert got.items == () and got.withdrawn == (STUB,) and got.settled == ()


def test_nothing_was_wrong_and_nothing_is_said() -> None:
    got = parcel(held(), CELLS)
    assert got.withdrawn == () and got.settled == ()


def test_what_is_settled_is_not_told_again() -> None:
    assert pending(permit(held(WRONG, replace(WRONG, settled=True)))) == ()
    again = (WRONG, replace(WRONG, settled=True), replace(WRONG, elements=frozenset({"enrolment.dates"})))
    assert [what.elements for what in pending(permit(held(*again)))] == [frozenset({"enrolment.dates"})]
    partly = (replace(WRONG, elements=frozenset({"enrolment.status", "enrolment.dates"})), replace(WRONG, settled=True))
    assert [what.elements for what in pending(permit(held(*partly)))] == [frozenset({"enrolment.dates"})]
    both = (WRONG, replace(WRONG, elements=frozenset({"enrolment.dates"})))
    assert [len(what.elements) for what in pending(permit(held(*both)))] == [2]


def test_each_item_person_referral_and_subject_is_open_by_itself() -> None:
    apart = [replace(WRONG, item="other"), replace(WRONG, person="other")]
    apart += [replace(WRONG, referral="other"), replace(WRONG, subject="other")]
    assert len(pending(permit(held(WRONG, *apart)))) == 5
    assert pending(permit(held(WRONG, *apart)))[0].subject == "ledger-p"


def test_only_who_was_sent_it_in_this_role_for_this_purpose_and_kind_hears_of_it() -> None:
    assert pending(permit(held(replace(WRONG, role="court_team")))) == ()
    assert pending(permit(held(replace(WRONG, purpose="proceeding")))) == ()
    only = replace(JUDGE, elements=frozenset({E.REFERRAL_DECISION}))
    other = replace(facts(signed("i", E.REFERRAL_DECISION), ask=only), withdrawn=(WRONG,))
    assert pending(permit(other)) == ()


def test_a_wrong_answer_to_one_referral_says_nothing_of_another() -> None:
    answer = replace(WRONG, kind="referral", referral="r")
    for asked, heard in ((None, 1), ("r", 1), ("s", 0)):
        world = facts(signed("i", E.REFERRAL_DECISION), ask=replace(JUDGE, referral=asked))
        assert len(pending(permit(replace(world, withdrawn=(answer,))))) == heard
    status = replace(WRONG, referral="r")
    world = facts(signed("i", E.REFERRAL_DECISION), ask=replace(JUDGE, referral="s"))
    assert len(pending(permit(replace(world, withdrawn=(status,))))) == 1


def test_a_withdrawn_item_stands_where_the_item_would_and_any_other_on_the_first_page() -> None:
    of = signed("i", STATUS, E.ATTENDANCE_SUMMARY, scope=SCOPE, records_from=TODAY - 36)
    gone = replace(WRONG, item="f" * 32)
    partly = replace(WRONG, elements=frozenset({"enrolment.status", "progress.plan_change"}))
    first = replace(facts(of, ask=replace(JUDGE, page=Page(limit=1))), withdrawn=(gone, partly))
    page = parcel(first, CELLS)
    assert {stub.id for stub in page.withdrawn} == {gone.item, ITEM}
    later = replace(JUDGE, page=Page(limit=1, after=page.next_after))
    assert parcel(replace(first, ask=later), CELLS).withdrawn == ()
    assert [stub.id for stub in page.withdrawn] == [gone.item, ITEM]
    window = replace(WRONG, item=item_id(KIND, "2026-11-02/2026-11-08"), elements=frozenset({"testing.result_panel"}))
    assert parcel(replace(first, withdrawn=(window,)), CELLS).withdrawn == ()
    everything = replace(first, withdrawn=(window,), ask=JUDGE)
    assert [stub.id for stub in parcel(everything, CELLS).withdrawn] == [window.item]


def test_one_withdrawn_item_is_told_once() -> None:
    twice = (replace(WRONG, person="a"), replace(WRONG, person="b"))
    assert parcel(held(*twice, instruments=()), {}).withdrawn == (STUB,)


def test_without_a_viewer_nothing_leaves() -> None:
    got = parcel(held(viewer=None), CELLS)
    assert (got.items, got.next_after, got.withdrawn, got.settled) == ((), None, (), ())


def test_the_feed_says_that_there_is_something_to_read_and_nothing_of_it() -> None:
    """One entry a kind and record, under the instruments of its items, with no id and no element."""
    of = signed("i", STATUS, E.ATTENDANCE_SUMMARY, E.REFERRAL_DECISION, scope=SCOPE, records_from=TODAY - 22)
    cells = {**CELLS, ("p", "d", E.REFERRAL_DECISION, CURRENT, "r"): ("accepted", "fact")}
    cells["q", "d", STATUS, CURRENT, ""] = ("active", "fact")
    world = facts(of, signed("j", STATUS, patient="q"), signed("k", E.PROGRESS_PLAN_CHANGE, expiry=JUST_LATER))
    told = pointers(parcel(world, cells | {("p", "d", E.PROGRESS_PLAN_CHANGE, CURRENT, ""): ("none", "fact")}), {KIND})
    assert [(item.pseudonym, dict(item.instruments)) for item in told.items] == [
        ("name-p", {"k": (3, ()), "i": (3, ())}),
        ("name-q", {"j": (3, ())}),
    ]
    case = {"case_id": "case-1", "type": "docket", "value": "D-1"}
    assert {str(item.body) for item in told.items} == {
        str({"id": "", "kind": f"event:{KIND}", "case": case, "elements": {}})
    }
    assert told.next_after is None and told.withdrawn == () and told.settled == ()
    both = pointers(parcel(world, cells), {KIND, "referral"})
    assert [item.body["kind"] for item in both.items] == ["event:referral", f"event:{KIND}", f"event:{KIND}"]
    assert pointers(parcel(world, cells), ()).items == ()


def test_the_feed_says_of_a_withdrawn_item_only_where_it_says_nothing_else_of_that_record() -> None:
    alone = parcel(held(WRONG, replace(WRONG, item="f" * 32), instruments=()), {})
    assert pointers(alone, {KIND}).withdrawn == (Stub("", KIND, "ledger-p"),)
    assert pointers(alone, {"referral"}).withdrawn == ()
    beside = parcel(held(replace(WRONG, item="f" * 32, subject="name-p")), CELLS)
    assert len(beside.withdrawn) == 1 and pointers(beside, {KIND}).withdrawn == ()
    others = parcel(held(*(replace(WRONG, subject=name) for name in "zbqafk"), instruments=()), {})
    assert [stub.subject for stub in pointers(others, {KIND}).withdrawn] == list("abfkqz")


JUST_LATER = signed("x", expiry=replace(signed("x").expiry, at=2**60 + 1)).expiry
