"""Rows x permit -> parcel: allow-list by construction, even though only granted rows were read (design 3)."""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from app.consent.ask import Position, Viewer
from app.consent.obligations import Terms, discloser
from app.consent.plan import CURRENT, Plan, Slot
from app.consent.verdict import Permit, Refusal
from app.vocabulary import Element
from app.vocabulary.calendar import iso
from app.vocabulary.codes import Answer, Epistemic

Cell = tuple[Any, str]
"""A value and its epistemic mark, as filed."""

_NOT_FILED: Final[Cell] = (str(Answer.INSUFFICIENT_DATA), str(Epistemic.FACT))


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read for a permit: (patient, discloser, element, slot start) -> cell."""

    verdict: Permit | Refusal
    plan: Plan
    cells: Mapping[tuple[str, str, Element, int], Cell]


class Item(NamedTuple):
    """One item as it will leave, with what its record must say of it."""

    body: Mapping[str, Any]
    pseudonym: str
    instruments: Mapping[str, tuple[int, tuple[Element, ...]]]
    """Instrument id -> (its version, the elements it covered here)."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Everything that may leave in answer to one ask. Empty for a refusal: refused looks like never asked."""

    verdict: Permit | Refusal
    items: tuple[Item, ...]
    next_after: Position | None


def minimise(rows: Rows) -> Parcel:
    """Project the rows onto the permit. An item with no element left does not exist."""
    verdict, viewer = rows.verdict, rows.verdict.facts.viewer
    if isinstance(verdict, Refusal) or viewer is None:
        return Parcel(verdict, (), None)
    terms = Terms(verdict.facts, viewer)
    made = [_item(slot, rows, terms) for slot in rows.plan.slots]
    return Parcel(verdict, tuple(item for item in made if item is not None), rows.plan.next_after)


def _item(slot: Slot, rows: Rows, terms: Terms) -> Item | None:
    values: dict[str, Any] = {}
    used: dict[str, tuple[int, tuple[Element, ...]]] = {}
    for element in sorted(slot.elements):
        cell = rows.cells.get((slot.patient, slot.discloser, element, slot.start))
        if cell is None and slot.start != CURRENT:
            cell = _NOT_FILED
        if cell is not None:
            values[str(element)] = {"value": cell[0], "epistemic": cell[1]}
            instrument = slot.elements[element]
            version, elements = used.get(instrument.id, (instrument.version, ()))
            used[instrument.id] = version, (*elements, element)
    return Item(_body(slot, values, used, terms), slot.party.pseudonym, used) if values else None


def _body(slot: Slot, values: Mapping[str, Any], used: Iterable[str], terms: Terms) -> dict[str, Any]:
    name = discloser(slot.party, values)
    body: dict[str, Any] = {
        "id": item_id(slot, terms.viewer),
        "kind": str(slot.kind),
        "case": terms.case,
        "subject_ref": slot.party.subject_ref,
        "discloser": name,
        "elements": values,
        "obligations": terms.obligations(slot.discloser, name, sorted(used)),
    }
    if slot.start != CURRENT:
        body["period"] = {"start": _iso(slot.start), "end": _iso(slot.last)}
    return body


def item_id(slot: Slot, viewer: Viewer) -> str:
    """HMAC of (case, subject, discloser, kind, slot) under the unit's key; never from a message."""
    window = "current" if slot.start == CURRENT else f"{_iso(slot.start)}/{_iso(slot.last)}"
    named = "\0".join((viewer.case_id, slot.party.subject_ref, slot.discloser, slot.kind, window))
    return hmac.digest(viewer.key, named.encode(), "sha256").hex()[:32]


_iso = lru_cache(maxsize=4096)(iso)
