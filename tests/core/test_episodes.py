"""What is current of an enrolment: the newest report of the latest episode, in whatever order reports arrive."""

from hypothesis import given
from hypothesis import strategies as st

from app.messages.derive import Stated
from app.messages.episodes import ACCEPTANCE, Report, current, out_of_order
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN
from app.vocabulary.codes import EnrolmentStatus, Epistemic

S = EnrolmentStatus


def report(name: str, last_day: int, status: EnrolmentStatus, *more: Element) -> Report:
    """A report that states its status, engagement, a closure if ended, and ``more``."""
    until = last_day if status is S.ENDED else OPEN
    values = {Element.ENROLMENT_STATUS: status.value, Element.ENROLMENT_ENGAGED: status is not S.ENDED}
    values |= {Element.ENROLMENT_CLOSURE: "completed"} if status is S.ENDED else {}
    values |= dict.fromkeys(more, name)
    return Report(name, last_day, status, tuple(Stated(e, v, Epistemic.FACT, until) for e, v in values.items()))


def accepted(name: str) -> Report:
    """An acceptance."""
    return report(name, ACCEPTANCE, S.PLANNED)


def shown(*reports: Report) -> dict[Element, object]:
    """Element -> value."""
    return {one.element: one.value for _, one in current(reports)}


def test_nothing_filed_is_nothing_said() -> None:
    assert current([]) == []


def test_a_report_beats_the_acceptance_however_old_its_weeks() -> None:
    assert shown(accepted("a"), report("r", 10, S.ACTIVE))[Element.ENROLMENT_STATUS] == "active"
    assert shown(accepted("a"))[Element.ENROLMENT_STATUS] == "planned"
    assert shown(report("r", 10, S.ACTIVE), accepted("a"))[Element.ENROLMENT_STATUS] == "active"


def test_an_acceptance_after_the_end_begins_anew_and_no_late_report_reopens_the_end() -> None:
    ended = (report("1", 10, S.ACTIVE), report("2", 17, S.ENDED))
    assert shown(*ended)[Element.ENROLMENT_CLOSURE] == "completed"
    assert shown(*ended, report("late", 10, S.PAUSED))[Element.ENROLMENT_STATUS] == "ended"
    anew = shown(*ended, accepted("a"))
    assert (anew[Element.ENROLMENT_STATUS], Element.ENROLMENT_CLOSURE in anew) == ("planned", False)
    assert shown(*ended, accepted("a"), report("late", 10, S.PAUSED)) == anew
    assert shown(*ended, report("3", 24, S.ACTIVE))[Element.ENROLMENT_STATUS] == "active"


def test_an_end_that_was_not_the_end_says_nothing_any_more() -> None:
    found = shown(report("2", 17, S.ACTIVE), report("1", 10, S.ENDED))
    assert (found[Element.ENROLMENT_STATUS], Element.ENROLMENT_CLOSURE in found) == ("active", False)


def test_what_the_newest_does_not_say_is_said_by_the_one_before() -> None:
    first = report("1", 10, S.ACTIVE, Element.ENROLMENT_DATES, Element.PROGRESS_PLAN_CHANGE)
    found = dict((one.element, message) for message, one in current([first, report("2", 17, S.PAUSED)]))
    assert found[Element.ENROLMENT_DATES] == "1"
    assert found[Element.ENROLMENT_STATUS] == "2"


OPEN_STATES = st.lists(st.sampled_from([S.PLANNED, S.ACTIVE, S.PAUSED]), min_size=6, max_size=6)


@given(st.permutations(range(1, 6)), OPEN_STATES)
def test_in_an_open_episode_the_order_of_filing_does_not_matter(
    order: list[int], states: list[EnrolmentStatus]
) -> None:
    found = shown(*(report(str(week), 7 * week, states[week]) for week in order))
    assert found[Element.ENROLMENT_STATUS] == states[5].value


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(list(S))), max_size=12))
def test_one_value_an_element_and_status_and_engagement_agree(filed: list[tuple[int, EnrolmentStatus]]) -> None:
    reports = [accepted(str(n)) if week == 0 else report(str(n), 7 * week, s) for n, (week, s) in enumerate(filed)]
    found = current(reports)
    elements = [one.element for _, one in found]
    assert len(elements) == len(set(elements))
    values = {one.element: one.value for _, one in found}
    if values:
        ended = values[Element.ENROLMENT_STATUS] == "ended"
        assert values[Element.ENROLMENT_ENGAGED] is not ended
        assert (Element.ENROLMENT_CLOSURE in values) is ended
        assert len({one.sort_key for _, one in found}) == 1


def test_what_began_is_planned_no_more_and_was_not_declined_at_the_start() -> None:
    """Domain rules 4.3: the states in their order; ``filed`` is the report that is weighed, whichever week it tells."""
    active, planned = report("active", 14, S.ACTIVE), report("planned", 21, S.PLANNED)
    assert out_of_order([accepted("a"), active, planned], "planned")
    late = report("late", 7, S.ACTIVE)
    assert out_of_order([accepted("a"), planned, late], "late"), "a week told late contradicts one told before"
    declined = Report("d", 21, S.ENDED, (Stated(Element.ENROLMENT_CLOSURE, "declined_start", Epistemic.FACT, 21),))
    assert out_of_order([active, declined], "d")
    assert not out_of_order([accepted("a"), report("p", 14, S.PLANNED), declined], "d")


def test_what_was_not_reported_contradicts_nothing() -> None:
    """A clinic that begins to report in the middle is believed; a new episode begins anew."""
    ended = report("e", 21, S.ENDED)
    assert not out_of_order([report("p", 14, S.PAUSED)], "p")
    assert not out_of_order([accepted("a"), ended], "e")
    assert not out_of_order([report("r", 14, S.ACTIVE), ended, report("again", 28, S.PLANNED)], "again")
    assert not out_of_order([report("r", 14, S.ACTIVE), report("p", 21, S.PAUSED), report("b", 28, S.ACTIVE)], "b")
