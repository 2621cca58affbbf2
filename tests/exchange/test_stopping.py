"""What a revocation is said to stop: never what another consent, or another part of this one, still lets flow."""

from typing import Any, Final

import pytest

from app.consent.instrument import Grant
from app.exchange.stopping import Flow, Selection, after, stopped
from app.vocabulary import Element, Purpose, Role

E = Element
MONITOR, COORDINATE = Purpose.CONDITION_MONITORING, Purpose.REFERRAL_COORDINATION
STATUS: Final = frozenset({E.ENROLMENT_STATUS})
ALL: Final = Selection()
NOTHING: Final = Selection(consents=frozenset())


def to(unit: str, *elements: Element, purpose: Purpose = MONITOR, person: str | None = None) -> Grant:
    """A grant of one purpose to a unit's judge."""
    return Grant(unit, Role.JUDGE, frozenset({purpose}), frozenset(elements), person)


def flow(consent: str, *grants: Grant, chosen: Selection = NOTHING, **more: Any) -> Flow:
    """A consent's flow, of which ``chosen`` (default: nothing) is taken back."""
    return Flow(consent, more.get("case", "case-x"), grants, after(consent, grants, chosen), more.get("pending", False))


def told(taken: Flow, chosen: Selection, *others: Flow) -> list[tuple[str, list[str], list[str]]]:
    """What is said to stop: (unit, purposes, elements)."""
    ends = stopped(chosen.of(taken.consent, taken.now), chosen, taken.beside([taken, *others]))
    return [(one["recipient"]["org_unit"], one["purposes"], one["elements"]) for one in ends]


BOTH: Final = ["enrolment.engaged", "enrolment.status"]


@pytest.mark.parametrize(
    ("other", "stops"),
    [
        (flow("b", to("court", E.ENROLMENT_STATUS)), []),
        (flow("b", to("court", E.ENROLMENT_ENGAGED)), ["enrolment.status"]),
        (flow("b", to("court", E.ENROLMENT_DATES)), []),
        (flow("b", to("family", E.ENROLMENT_STATUS)), BOTH),
        (flow("b", to("court", E.ENROLMENT_STATUS, purpose=COORDINATE)), BOTH),
        (flow("b", to("court", E.ENROLMENT_STATUS, person="ofc-1")), BOTH),
        (flow("b", to("court", E.ENROLMENT_STATUS), case="case-y"), BOTH),
        (flow("b"), BOTH),
    ],
)
def test_what_another_consent_still_covers_has_not_stopped(other: Flow, stops: list[str]) -> None:
    """In the same case, to the same unit and role, for the same purpose; by a finer step as well."""
    taken = flow("a", to("court", E.ENROLMENT_STATUS), chosen=Selection(consents=frozenset({"a"})))
    found = told(taken, Selection(consents=frozenset({"a"})), other)
    assert found == ([("court", ["condition_monitoring"], stops)] if stops else [])


def test_to_one_person_is_covered_by_what_the_whole_unit_gets() -> None:
    chosen = Selection(consents=frozenset({"a"}))
    taken = flow("a", to("court", E.ENROLMENT_STATUS, person="ofc-1"), chosen=chosen)
    assert told(taken, chosen, flow("b", to("court", E.ENROLMENT_STATUS))) == []
    (named,) = stopped(taken.now, chosen, [])
    assert named["recipient"] == {"org_unit": "court", "role": "judge", "person": "ofc-1"}


def test_of_two_that_both_stop_both_are_told() -> None:
    one, other = (flow(name, to("court", E.ENROLMENT_STATUS), chosen=ALL) for name in "ab")
    assert told(one, ALL, other) == told(other, ALL, one) == [("court", ["condition_monitoring"], BOTH)]


def test_another_part_of_the_same_consent_still_flows() -> None:
    chosen = Selection(elements=frozenset({E.ENROLMENT_STATUS}))
    grants = (to("court", E.ENROLMENT_STATUS), to("court", E.ENROLMENT_ENGAGED))
    assert told(flow("a", *grants, chosen=chosen), chosen) == [
        ("court", ["condition_monitoring"], ["enrolment.status"])
    ]


def test_what_waits_still_flows_and_is_told_for_its_own_date() -> None:
    """42 CFR 2.35(c): the one that is revoked now stops nothing that the waiting one still lets flow."""
    waiting = flow("b", to("court", E.ENROLMENT_STATUS), chosen=ALL, pending=True)
    now = flow("a", to("court", E.ENROLMENT_STATUS, E.PROGRESS_PLAN_CHANGE), chosen=ALL)
    assert told(now, ALL, waiting) == [("court", ["condition_monitoring"], ["progress.plan_change"])]
    assert told(waiting, ALL, now) == [("court", ["condition_monitoring"], BOTH)]


def test_purposes_that_stop_alike_are_told_together() -> None:
    grants = (to("court", E.ENROLMENT_STATUS), to("court", E.ENROLMENT_STATUS, purpose=COORDINATE))
    assert told(flow("a", *grants, chosen=ALL), ALL) == [
        ("court", ["condition_monitoring", "referral_coordination"], BOTH)
    ]
    chosen = Selection(purposes=frozenset({COORDINATE}))
    assert told(flow("a", *grants, chosen=chosen), chosen) == [("court", ["referral_coordination"], BOTH)]
