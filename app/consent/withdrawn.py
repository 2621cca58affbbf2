"""Items that a unit holds and that were found wrong after they were sent (GDPR 19, LED 7(3); design 6, D2).

A unit that still reads all of what was wrong sees it put right there, and that settles it. Any other hears only that
the item is withdrawn: no cause, no new value. Nothing is said because an authorisation ended.
"""

from collections.abc import Mapping
from typing import NamedTuple

from app.consent.ask import Ask, Withdrawn
from app.consent.item import item_id
from app.consent.slots import every_slot
from app.consent.verdict import Permit, Refusal
from app.vocabulary import COVERS, Element, MessageKind
from app.vocabulary.elements import kind_of

Shown = Mapping[str, frozenset[Element]]
"""Item id -> the elements that have a value in it, of the items of this page."""


class Stub(NamedTuple):
    """A withdrawn item: its id is all that is told. Its kind, and the subject's ledger name, are for the record.

    Without an id it only made an entry of the feed, that there is something to read.
    """

    id: str
    kind: str
    subject: str


class Pending(NamedTuple):
    """What is wrong with one item that the unit, or one person there, holds, as far as they did not read it right."""

    item: str
    kind: str
    person: str
    referral: str
    subject: str
    elements: frozenset[str]


def pending(verdict: Permit | Refusal) -> tuple[Pending, ...]:
    """What is not settled, oldest first, of the kinds asked for."""
    found: dict[tuple[str, ...], Pending] = {}
    for one in verdict.facts.withdrawn:
        if _is_asked(one, verdict.ask):
            key = (one.item, one.kind, one.person, one.referral, one.subject)
            open_ = found[key].elements if key in found else frozenset()
            found[key] = Pending(*key, open_ - one.elements if one.settled else open_ | one.elements)
    return tuple(what for what in found.values() if what.elements)


def _is_asked(one: Withdrawn, ask: Ask) -> bool:
    """A wrong answer to one referral says nothing of another: that one may be to another clinic."""
    other = one.kind == MessageKind.REFERRAL and ask.referral not in (None, one.referral)
    asked = one.kind in {str(kind_of(element)) for element in ask.elements}
    return asked and not other and (one.role, one.purpose) == (ask.role, ask.purpose)


def withdrawn(verdict: Permit | Refusal, shown: Shown) -> tuple[Stub, ...]:
    """The withdrawn items, each once: on the page of a list where the item would stand, of any other on the first."""
    if not verdict.facts.withdrawn:
        return ()
    first = verdict.ask.page.after is None
    elsewhere = _slots(verdict) - shown.keys() if isinstance(verdict, Permit) else frozenset()
    wrong = (
        what
        for what in pending(verdict)
        if (
            not what.elements <= _steps(shown[what.item])
            if what.item in shown
            else first and what.item not in elsewhere
        )
    )
    return tuple(dict.fromkeys(Stub(what.item, what.kind, what.subject) for what in wrong))


def settled(verdict: Permit | Refusal, shown: Shown) -> tuple[Pending, ...]:
    """What this read shows put right: from now on the unit holds nothing wrong of it."""
    if not verdict.facts.withdrawn:
        return ()
    return tuple(what for what in pending(verdict) if what.elements <= _steps(shown.get(what.item, frozenset())))


def _slots(permit: Permit) -> frozenset[str]:
    """The ids of the items of every page."""
    viewer = permit.facts.viewer
    return frozenset(item_id(slot, viewer) for slot in every_slot(permit)) if viewer is not None else frozenset()


def _steps(elements: frozenset[Element]) -> frozenset[str]:
    """The elements and every coarser step of them: who reads the finer one reads the coarser one as well."""
    return frozenset(str(step) for element in elements for step in COVERS[element])
