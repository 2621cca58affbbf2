"""Maria's live consent for her case, the ask that it answers, and what a decision lets leave; for tables of cases."""

from dataclasses import replace
from typing import Any, Final

from app.consent.ask import Ask, Facts
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument
from app.consent.reason import Reason
from app.consent.verdict import Refusal
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role
from tests.core.worlds import BOTH_US, PROFILES, US, decided

PAIR: Final = ("maria", "clinic-1")
DAY: Final = 86_400_000_000
NOW: Final = 1_000 * DAY
SUMMARY: Final = Element.ATTENDANCE_SUMMARY
PROBATION: Final = Ask("adult", Role.PROBATION_OFFICER, Purpose.CONDITION_MONITORING, "case-x", frozenset({SUMMARY}))


def grant(ask: Ask, *elements: Element, person: str | None = None) -> Grant:
    """A recipient of exactly this ask's unit, role and purpose."""
    return Grant(ask.unit, ask.role, frozenset({ask.purpose}), frozenset(elements or ask.elements), person)


def consent(*grants: Grant, **changes: Any) -> Instrument:
    """A live 2.35 consent for case-x, for ten days more, unless changed."""
    item = Instrument(
        id="i1",
        version=1,
        kind=ConsentKind.CJS_2_35,
        patient=PAIR[0],
        discloser=PAIR[1],
        case="case-x",
        grants=grants or (grant(PROBATION),),
        name_on_form="Maria Garcia",
        signed_at=NOW - 20 * DAY,
        effective_from=NOW - 20 * DAY,
        expiry=Clock(NOW + 10 * DAY, CaseEvent.FINAL_DISPOSITION),
        profile=US.name,
        vocabulary=1,
        notice_version="1",
        condition_imposed=True,
    )
    return replace(item, **changes)


def world(ask: Ask, *instruments: Instrument, at: int = NOW, events: dict[CaseEvent, int] | None = None) -> Facts:
    """The facts of one ask under today's profile."""
    return Facts(ask, at, instruments, events or {}, PROFILES, BOTH_US)


def covered(facts: Facts) -> dict[Element, str]:
    """What leaves about Maria, by instrument."""
    return decided(facts)[PAIR]


def reasons(facts: Facts) -> set[Reason]:
    """Why each asked element fell about Maria; nothing may leave."""
    verdict = decide(facts)
    assert isinstance(verdict, Refusal)
    (finding,) = verdict.findings
    assert not finding.covered and set(finding.fell) == facts.ask.elements
    return set(finding.fell.values())
