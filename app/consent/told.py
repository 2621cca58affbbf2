"""Which instruments tell what of a record, element by element and window by window."""

from collections.abc import Iterator, Mapping
from functools import lru_cache

from app.consent.instrument import Instrument
from app.consent.restricting import Since, binds
from app.consent.rules import NOTHING, common
from app.vocabulary import FINEST_ONLY, WINDOWED, Element
from app.vocabulary.calendar import Frame

Choice = tuple[Instrument, frozenset[Element]]
Told = list[Choice]
"""The instruments under which something may be told, each with what, in the order of the record."""


def first(chosen: Told, of: frozenset[Element]) -> dict[Element, Instrument]:
    """Each of these elements that may be told, under the first instrument in order."""
    found: dict[Element, Instrument] = {}
    for instrument, elements in reversed(chosen):
        found.update(dict.fromkeys(common(elements, of), instrument))
    return found


def windows(chosen: Told, today: int, since: Since) -> Iterator[tuple[tuple[int, int], Mapping[Element, Instrument]]]:
    """Each elapsed window that an instrument speaks about, newest first, with the finest steps granted for it."""
    speaking: dict[tuple[int, int], tuple[int, ...]] = {}
    for number, (instrument, elements) in enumerate(chosen):
        if instrument.scope and not elements.isdisjoint(WINDOWED):
            for span in _elapsed(instrument.scope, instrument.records_from, today):
                speaking[span] = (*speaking.get(span, ()), number)
    # Most windows have the same instruments speak about them: what leaves is put together once for all of those.
    given: dict[tuple[tuple[int, ...], frozenset[Element]], dict[Element, Instrument]] = {}
    for span in sorted(speaking, key=lambda span: (-span[0], -span[1])):
        early = frozenset(e for e, day in since.items() if span[0] < day) if since else NOTHING
        key = speaking[span], early
        if key not in given:
            given[key] = _finest([_without(chosen[number], early) for number in speaking[span]])
        if given[key]:
            yield span, given[key]


def _without(one: Choice, early: frozenset[Element]) -> Choice:
    """What is told of a window that begins too early for some elements."""
    instrument, elements = one
    return (instrument, elements - early) if early and binds(instrument) else one


def _finest(chosen: Told) -> dict[Element, Instrument]:
    elements = first(chosen, WINDOWED)
    for ladder in FINEST_ONLY:
        for coarser in [step for step in ladder if step in elements][1:]:
            del elements[coarser]
    return elements


@lru_cache(maxsize=1024)
def _elapsed(scope: str, records_from: int, today: int) -> tuple[tuple[int, int], ...]:
    """First and last day of each window of a frame that is over."""
    grid = Frame.parse(scope).grid
    return tuple((start, grid.last_day(start)) for start in grid.elapsed(records_from, today))
