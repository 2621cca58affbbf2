"""A world so small that all of it can be looked at: every ask, every instrument, every instant at which one changes.

Two agencies of two units each, two purposes, two cases, three elements of one ladder, three lives whose edges meet.
Names mean nothing to the decision, so worlds that differ by a renaming of units, agencies, purposes or cases are one
world: ``ASKED`` stands for the sixteen asks, and of two worlds that swap the units of the other agency one is kept.
``test_a_renaming_changes_nothing`` holds what this takes for granted.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, combinations_with_replacement, product
from typing import Final

from app.consent.ask import Ask, Facts
from app.consent.instrument import Clock, Grant, Instrument
from app.vocabulary import FINEST_ONLY, ConsentKind, Element, Purpose, Role
from tests.core.worlds import BOTH_US, PROFILES, decided, matching
from tests.oracle.consent import permitted

LADDER: Final = FINEST_ONLY[0][1:]
COURTS: Final = (("court-1", Role.JUDGE), ("court-2", Role.JUDGE))
OFFICES: Final = (("adult", Role.PROBATION_OFFICER), ("juvenile", Role.PROBATION_OFFICER))
PURPOSES: Final = (Purpose.CONDITION_MONITORING, Purpose.REFERRAL_COORDINATION)
CASES: Final = ("case-x", "case-y")
LIVES: Final = ((10, 20), (10, 30), (20, 30))
TIMES: Final = (9, 10, 19, 20, 29, 30)
PLACES: Final = tuple(product((*COURTS, *OFFICES), PURPOSES, CASES))
ASKS: Final = tuple(Ask(unit, role, purpose, case, frozenset(LADDER)) for (unit, role), purpose, case in PLACES)
ASKED: Final = ASKS[0]
SETS: Final = tuple(frozenset(some) for size in (1, 2, 3) for some in combinations(LADDER, size))
MOST: Final = 3
"""Instruments in one world."""


def _instrument(place: tuple[tuple[str, Role], Purpose, str], element: Element, life: tuple[int, int]) -> Instrument:
    (unit, role), purpose, case = place
    road = (role, purpose, ConsentKind.NAMED_DISCLOSURE, False)
    granted = (Grant(unit, role, frozenset({purpose}), frozenset({element})),)
    item = matching("i", ASKED, road, case=case, grants=granted, effective_from=life[0], expiry=Clock(life[1]))
    return replace(item, signed_at=1)


_KINDS: Final = [_instrument(*each) for each in product(PLACES, LADDER, LIVES)]
INSTRUMENTS: Final = tuple(tuple(replace(item, id=f"i{n}") for item in _KINDS) for n in range(MOST))
"""By position in a world, then kind of instrument: the same kind twice is two instruments."""
_OTHER: Final = {OFFICES[0][0]: OFFICES[1][0], OFFICES[1][0]: OFFICES[0][0]}


def _swapped(item: Instrument) -> int:
    (granted,) = item.grants
    twin = replace(granted, unit=_OTHER.get(granted.unit, granted.unit))
    return _KINDS.index(replace(item, grants=(twin,)))


SWAPPED: Final = tuple(_swapped(item) for item in _KINDS)


def worlds(size: int, first: range = range(len(_KINDS))) -> Iterator[tuple[Instrument, ...]]:
    """Each choice of ``size`` instruments, order aside, whose first kind is in ``first``; one of two mirror images."""
    for chosen in combinations_with_replacement(range(len(_KINDS)), size):
        if (not chosen or chosen[0] in first) and list(chosen) <= sorted(SWAPPED[n] for n in chosen):
            yield tuple(INSTRUMENTS[n][kind] for n, kind in enumerate(chosen))


def differences(items: tuple[Instrument, ...], asks: tuple[Ask, ...] = (ASKED,)) -> tuple[int, list[Facts]]:
    """How many decisions were compared with the oracle's, at every edge, and those that differ."""
    facts = [Facts(ask, at, items, {}, PROFILES, BOTH_US) for ask in asks for at in TIMES]
    return len(facts), [each for each in facts if decided(each) != permitted(each)]
