"""Rows x permit -> parcel: allow-list by construction, even though only granted rows were read (design 3)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from app.consent.ask import Position
from app.consent.item import day, item_id
from app.consent.obligations import Terms, discloser
from app.consent.plan import Plan
from app.consent.slots import CURRENT, Slot
from app.consent.verdict import Permit, Refusal
from app.consent.withdrawn import Pending, Stub, settled, withdrawn
from app.vocabulary import Element
from app.vocabulary.codes import Answer, Epistemic

Cell = tuple[Any, str]
"""A value and its epistemic mark, as filed."""

Place = tuple[str, str, Element, int, str]
"""Where a value belongs: patient, discloser, element, start of its slot, and the referral it answers or ''."""

_NOT_FILED: Final[Cell] = (str(Answer.INSUFFICIENT_DATA), str(Epistemic.FACT))


@dataclass(frozen=True, slots=True)
class Rows:
    """What was read for a permit: (patient, discloser, element, slot start, referral) -> cell."""

    verdict: Permit | Refusal
    plan: Plan
    cells: Mapping[Place, Cell]


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
    withdrawn: tuple[Stub, ...] = ()
    """Items that this unit holds with something since found wrong in them, and no longer reads whole."""
    settled: tuple[Pending, ...] = ()
    """Items whose wrong elements are shown here put right."""


def minimise(rows: Rows) -> Parcel:
    """Project the rows onto the permit. An item with no element left does not exist."""
    verdict, viewer = rows.verdict, rows.verdict.facts.viewer
    if isinstance(verdict, Refusal) or viewer is None:
        return Parcel(verdict, (), None, withdrawn(verdict, {}))
    terms = Terms(verdict.facts, viewer)
    made = [_item(slot, rows, terms) for slot in rows.plan.slots]
    items = tuple(item for item in made if item is not None)
    shown = _shown(rows, made) if verdict.facts.withdrawn else {}
    return Parcel(verdict, items, rows.plan.next_after, withdrawn(verdict, shown), settled(verdict, shown))


def _shown(rows: Rows, made: list[Item | None]) -> dict[str, frozenset[Element]]:
    """Item id -> what is told in it, of every slot of this page: where nothing is, nothing is put right."""
    viewer = rows.verdict.facts.viewer
    if viewer is None:
        return {}
    told = [frozenset(map(Element, item.body["elements"])) if item is not None else frozenset() for item in made]
    return {item_id(slot, viewer): elements for slot, elements in zip(rows.plan.slots, told, strict=True)}


def pointers(parcel: Parcel, kinds: Collection[str]) -> Parcel:
    """What tells only that there is something to read of these kinds: an item a kind and record, with no element.

    Of a record of which there is only a withdrawn item, a stub without its id.
    """
    items = []
    told = [(item.body["kind"], item.pseudonym) for item in parcel.items if item.body["kind"] in kinds]
    for kind, pseudonym in sorted(set(told)):
        own = [item for item in parcel.items if (item.body["kind"], item.pseudonym) == (kind, pseudonym)]
        instruments = {name: (held[0], ()) for item in own for name, held in item.instruments.items()}
        body = {"id": "", "kind": f"event:{kind}", "case": own[0].body["case"], "elements": {}}
        items.append(Item(body, pseudonym, instruments))
    alone = {Stub("", stub.kind, stub.subject) for stub in parcel.withdrawn if stub.kind in kinds}
    said = {(kind, pseudonym) for kind, pseudonym in told}
    stubs = (stub for stub in sorted(alone) if (stub.kind, stub.subject) not in said)
    return Parcel(parcel.verdict, tuple(items), None, tuple(stubs))


def _item(slot: Slot, rows: Rows, terms: Terms) -> Item | None:
    values: dict[str, Any] = {}
    used: dict[str, tuple[int, tuple[Element, ...]]] = {}
    for element in sorted(slot.elements):
        cell = rows.cells.get((slot.patient, slot.discloser, element, slot.start, slot.referral))
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
        body["period"] = {"start": day(slot.start), "end": day(slot.last)}
    return body
