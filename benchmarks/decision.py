"""The decision, with its reasons, in process: five consents about one person, thirty elements asked."""

import timeit
from dataclasses import replace
from typing import Final

from app.consent.ask import Ask, Facts
from app.consent.decide import decide
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.main import profiles
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role
from benchmarks.figures import Report

AIM_US: Final = 10.0
DAY: Final = 86_400_000_000
NOW: Final = 1_000 * DAY
ASKED: Final = tuple(Element)[:30]
PURPOSES: Final = frozenset({Purpose.CONDITION_MONITORING})


def measure(report: Report) -> None:
    """All five live and reaching; then the same five of which two have ended and one names another unit."""
    report.heading("decision with reasons, 5 consents x 30 elements")
    live = facts([consent(number) for number in range(5)])
    ended = [replace(consent(number), expiry=Clock(NOW - DAY)) for number in (0, 1)]
    elsewhere = replace(consent(2), grants=tuple(replace(grant, unit="another") for grant in consent(2).grants))
    mixed = facts([*ended, elsewhere, consent(3), consent(4)])
    report.add("decision, five live consents", best_us(live), "µs", most=AIM_US)
    report.add("decision, two live of five", best_us(mixed), "µs")


def best_us(given: Facts, repeats: int = 15, number: int = 2_000) -> float:
    """The fastest of the repeats: what else runs on the machine can only add."""
    return min(timeit.repeat(lambda: decide(given), repeat=repeats, number=number)) / number * 1e6


def consent(number: int) -> Instrument:
    """A live 2.35 consent for three recipients, each consent with other elements; the third was revoked in part."""
    elements = frozenset(ASKED[number * 5 : number * 5 + 9])
    roles = (("court", Role.JUDGE), ("court", Role.COURT_TEAM), ("adult", Role.PROBATION_OFFICER))
    taken_back = Revocation(NOW - DAY, "court", frozenset(ASKED[number * 5 : number * 5 + 2]))
    return Instrument(
        id=f"instrument-{number}",
        version=1,
        kind=ConsentKind.CJS_2_35,
        patient="patient",
        discloser="clinic",
        case="case",
        grants=tuple(Grant(unit, role, PURPOSES, elements) for unit, role in roles),
        name_on_form="given",
        signed_at=NOW - (20 + number) * DAY,
        effective_from=NOW - (20 + number) * DAY,
        expiry=Clock(NOW + (10 + number) * DAY, CaseEvent.FINAL_DISPOSITION),
        profile="us-42cfr2@1",
        vocabulary=1,
        notice_version="2026-02",
        condition_imposed=True,
        revocations=(taken_back,) if number == 2 else (),
    )


def facts(instruments: list[Instrument]) -> Facts:
    """The judge asks about thirty elements under today's profile."""
    ask = Ask("court", Role.JUDGE, Purpose.CONDITION_MONITORING, "case", frozenset(ASKED))
    return Facts(ask, NOW, tuple(instruments), {}, profiles(), {"clinic": "us-42cfr2@1"})
