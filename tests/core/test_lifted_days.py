"""From which day on an element is told again after a restriction was ended by notice (42 CFR 2.26(a)(5))."""

from app.consent.ask import Restriction
from app.consent.restricting import ALWAYS, spoken_since
from app.vocabulary import Element
from tests.core.telling import facts, signed

STATUS, DATES, PLAN = Element.ENROLMENT_STATUS, Element.ENROLMENT_DATES, Element.PROGRESS_PLAN_CHANGE
FINER = (STATUS, DATES, Element.ENROLMENT_CLOSURE, Element.ENROLMENT_CLOSURE_REASON)


def since(*restrictions: Restriction) -> dict[Element, int]:
    """What these restrictions of patient p leave to the court, by day."""
    return dict(spoken_since(facts(signed("i", STATUS), restrictions=restrictions), "p"))


def lifted(element: Element, day: int, unit: str | None = None, patient: str = "p") -> Restriction:
    """One that was ended by notice on that day."""
    return Restriction(patient, frozenset({element}), unit, day)


def test_it_is_the_day_after_the_notice_for_the_element_and_every_step_it_can_be_derived_from() -> None:
    assert since(lifted(STATUS, 700)) == dict.fromkeys(FINER, 701)


def test_of_two_notices_the_later_counts_whatever_their_order() -> None:
    one, two = lifted(STATUS, 700), lifted(STATUS, 800)
    assert since(one, two) == since(two, one) == dict.fromkeys(FINER, 801)
    assert since(one, lifted(PLAN, 900)) == {**dict.fromkeys(FINER, 701), PLAN: 901}


def test_only_notices_about_this_patient_and_this_unit_count() -> None:
    assert since(lifted(STATUS, 700, unit="u")) == dict.fromkeys(FINER, 701)
    for other in (
        lifted(STATUS, 700, "elsewhere"),
        lifted(STATUS, 700, None, "q"),
        Restriction("p", frozenset({STATUS})),
    ):
        assert since(other) == {} == ALWAYS
    assert spoken_since(facts(signed("i", STATUS)), "p") is ALWAYS
