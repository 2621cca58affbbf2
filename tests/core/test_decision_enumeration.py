"""All worlds of a small finite one against the oracle: nothing is drawn by chance here.

``make test`` looks at up to two instruments, the inner loop (fewer THROUGHCARE_EXAMPLES than 200) at one, and with
THROUGHCARE_ENUMERATION=whole (``make nightly``) at up to three. Each part prints how many decisions were compared.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.consent.ask import Ask, Facts
from app.consent.instrument import Instrument
from app.vocabulary import Purpose, Role
from tests.core.finite import (
    ASKED,
    ASKS,
    CASES,
    COURTS,
    INSTRUMENTS,
    LADDER,
    LIVES,
    MOST,
    OFFICES,
    PURPOSES,
    SETS,
    SWAPPED,
    TIMES,
    differences,
    worlds,
)
from tests.core.worlds import BOTH_US, PROFILES, decided
from tests.oracle.consent import permitted

WHOLE: Final = os.environ.get("THROUGHCARE_ENUMERATION") == "whole"
PAIRS: Final = WHOLE or settings().max_examples >= 200
PARTS: Final = (
    [(0, range(1)), (1, range(len(SWAPPED)))]
    + [(2, range(start, len(SWAPPED), 2)) for start in range(2 if PAIRS else 0)]
    + [(3, range(start, len(SWAPPED), 8)) for start in range(8 if WHOLE else 0)]
)
Recipient = tuple[str, Role]


@pytest.mark.parametrize(("size", "first"), PARTS, ids=lambda each: str(each).replace(" ", ""))
def test_every_world_is_decided_as_the_oracle_decides_it(size: int, first: range) -> None:
    compared = 0
    for items in worlds(size, first):
        count, differ = differences(items)
        assert not differ, differ[0]
        compared += count
    print(f"{compared} decisions compared: {size} instruments, first kind in {first}")
    assert compared >= len(TIMES)


def test_every_set_of_elements_is_answered_as_the_oracle_answers_it() -> None:
    """Every nonempty part of the ladder asked, with up to one instrument; with up to two where all is looked at."""
    asks = tuple(replace(ASKED, elements=some) for some in SETS)
    compared = 0
    for size in range(3 if WHOLE else 2):
        for items in worlds(size):
            count, differ = differences(items, asks)
            assert not differ, differ[0]
            compared += count
    print(f"{compared} decisions compared: {len(SETS)} asked sets")
    assert compared >= len(SETS) * len(TIMES)


def test_every_ask_of_every_single_instrument() -> None:
    """All sixteen asks and no mirror image left out: what the reduction by names stands on, by single instruments."""
    compared = 0
    for item in INSTRUMENTS[0]:
        count, differ = differences((item,), ASKS)
        assert not differ, differ[0]
        compared += count
    print(f"{compared} decisions compared: {len(ASKS)} asks")
    assert compared == len(INSTRUMENTS[0]) * len(ASKS) * len(TIMES)


def test_the_finite_world_is_the_whole_one() -> None:
    """Else a change of its tables could leave worlds out and nobody would see it."""
    assert len(INSTRUMENTS[0]) == 2 * 2 * 2 * 2 * len(LADDER) * len(LIVES) == 144
    assert len(ASKS) == len(set(ASKS)) == 16 and len(SETS) == 7 and MOST == 3
    assert {edge for life in LIVES for edge in life} | {edge - 1 for life in LIVES for edge in life} == set(TIMES)
    assert all(SWAPPED[SWAPPED[n]] == n for n in range(len(SWAPPED)))
    pairs = sum(1 for _ in worlds(2))
    moved = sum(1 for n, m in enumerate(SWAPPED) if n != m)
    still = len(SWAPPED) - moved
    unmoved = still * (still + 1) // 2 + moved // 2
    assert pairs == (len(SWAPPED) * (len(SWAPPED) + 1) // 2 + unmoved) // 2


def _renamed(
    items: tuple[Instrument, ...],
    ask: Ask,
    places: Mapping[Recipient, Recipient],
    cases: Mapping[str, str],
    purposes: Mapping[Purpose, Purpose],
) -> Facts:
    """The same world with other names, asked by the renamed asker."""

    def grant(item: Instrument) -> Instrument:
        (one,) = item.grants
        unit, role = places[one.unit, one.role]
        (purpose,) = one.purposes
        moved = replace(one, unit=unit, role=role, purposes=frozenset({purposes[purpose]}))
        return replace(item, grants=(moved,), case=cases[item.case or ""])

    unit, role = places[ask.unit, ask.role]
    asked = replace(ask, unit=unit, role=role, purpose=purposes[ask.purpose], case=cases[ask.case or ""])
    return Facts(asked, 20, tuple(grant(item) for item in items), {}, PROFILES, BOTH_US)


_SEATS: Final = [
    dict(zip((*COURTS, *OFFICES), seats, strict=True))
    for seats in (
        (*a, *b) for x, y in ((COURTS, OFFICES), (OFFICES, COURTS)) for a in (x, x[::-1]) for b in (y, y[::-1])
    )
]
_TWO: Final = [dict(zip(CASES, cases, strict=True)) for cases in (CASES, CASES[::-1])]
_WHYS: Final = [dict(zip(PURPOSES, whys, strict=True)) for whys in (PURPOSES, PURPOSES[::-1])]
KINDS = st.integers(0, len(SWAPPED) - 1)


@given(st.lists(KINDS, max_size=MOST), st.sampled_from(ASKS), st.sampled_from(list(product(_SEATS, _TWO, _WHYS))))
def test_a_renaming_changes_nothing(
    kinds: list[int], ask: Ask, names: tuple[dict[Recipient, Recipient], dict[str, str], dict[Purpose, Purpose]]
) -> None:
    items = tuple(INSTRUMENTS[n][kind] for n, kind in enumerate(kinds))
    before = Facts(ask, 20, items, {}, PROFILES, BOTH_US)
    places, cases, purposes = names
    after = _renamed(items, ask, places, cases, purposes)
    assert decided(after) == decided(before)
    assert permitted(after) == permitted(before)
