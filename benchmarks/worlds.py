"""Random worlds of one question: five consents about one person, each a near miss or a hit, and a judge who asks."""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any, Final

from app.consent.ask import Ask, Facts
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.main import profiles
from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role
from benchmarks.decision import ASKED, DAY, NOW, PURPOSES, consent

SEED: Final = 20_26
CONSENTS: Final = 5
_Change = Callable[[Instrument, Random], Instrument]


def _set(**changes: Any) -> _Change:
    return lambda item, _: replace(item, **changes)


def _grants(**changes: Any) -> _Change:
    return lambda item, _: replace(item, grants=tuple(replace(grant, **changes) for grant in item.grants))


def _named(item: Instrument, rng: Random) -> Instrument:
    grants = (Grant("court", Role.JUDGE, PURPOSES, _some(rng)), *item.grants[1:])
    return replace(item, grants=grants)


def _revoked(item: Instrument, rng: Random) -> Instrument:
    elements = rng.choice((None, _some(rng)))
    unit, role = rng.choice((None, "court", "adult")), rng.choice((None, Role.JUDGE, Role.COURT_TEAM))
    purposes = rng.choice((None, PURPOSES, frozenset({Purpose.PROCEEDING})))
    taken = Revocation(NOW + rng.choice((-DAY, 0, DAY)), unit, elements, purposes, role)
    opens = rng.choice((None, Clock(NOW + rng.choice((-DAY, DAY)), CaseEvent.FINAL_DISPOSITION)))
    return replace(item, revocations=(taken,), revocable_from=opens)


def _some(rng: Random) -> frozenset[Element]:
    return frozenset(rng.sample(sorted(Element), rng.randint(1, 12)))


CHANGES: Final[tuple[_Change, ...]] = (
    *(_named,) * 6,
    *(_revoked,) * 4,
    *(_set(expiry=Clock(NOW + days * DAY, CaseEvent.FINAL_DISPOSITION)) for days in (-1, 0, 1, 40)),
    *(_set(effective_from=NOW + days * DAY) for days in (-30, 0, 1)),
    *(_set(superseded_at=NOW + days * DAY) for days in (-1, 1)),
    *(_set(**{flag: True}) for flag in ("suspended", "entered_in_error")),
    *(_set(case=case) for case in ("another", None)),
    _set(kind=ConsentKind.NAMED_DISCLOSURE),
    _set(kind=ConsentKind.NAMED_DISCLOSURE, condition_imposed=False),
    _set(condition_imposed=False),
    _set(profile="unknown@1"),
    _set(notice_version=""),
    _grants(unit="another"),
    _grants(role=Role.PROSECUTOR),
    _grants(purposes=frozenset({Purpose.PROCEEDING})),
    _grants(person="staff-1"),
)


def world(number: int) -> Facts:
    """The world of this number, the same every time."""
    rng = Random(SEED + number)
    consents = []
    for place in range(CONSENTS):
        item = consent(place)
        for change in rng.sample(CHANGES, rng.choice((0, 0, 1, 1, 2))):
            item = change(item, rng)
        consents.append(item)
    event = {CaseEvent.FINAL_DISPOSITION: NOW + rng.choice((-DAY, DAY))} if rng.random() < 0.3 else {}
    ask = Ask("court", Role.JUDGE, Purpose.CONDITION_MONITORING, "case", frozenset(ASKED))
    return Facts(ask, NOW, tuple(consents), event, profiles(), {"clinic": "us-42cfr2@1"})
