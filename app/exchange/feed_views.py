"""What a reader was last told of one view, and whether a view has news (design 6). Keyed hashes: no content is kept."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import orjson

from app.consent.ask import Ask, Page
from app.consent.minimise import Parcel
from app.consent.verdict import Permit
from app.consent.withdrawn import pending
from app.exchange.reads import EVERYTHING
from app.storage.facts import Question
from app.storage.sealing import Vault
from app.vocabulary import COVERS, Element, MessageKind, Purpose, Role
from app.vocabulary.calendar import DAY_US, day_of, monday
from app.vocabulary.codes import Answer
from app.vocabulary.elements import kind_of

Told = dict[str, str]
"""Place (hash of item and element) -> hash of its value; ``COVERED`` where a finer step told it; '' of a stub."""

COVERED: Final = "*"
WINDOWS: Final = 60
"""Newest windows of a case that the feed watches; an older one that is put right is found by reading."""


class Reader(Protocol):
    """Whose view it is: a unit in a role, and a person where one acts; by which client, assignment and key it asks."""

    @property
    def unit(self) -> str: ...
    @property
    def unit_name(self) -> str: ...
    @property
    def role(self) -> Role: ...
    @property
    def person(self) -> str | None: ...
    @property
    def client(self) -> str: ...
    @property
    def assignment(self) -> str: ...
    @property
    def key(self) -> str: ...


def name_of(unit: str, role: Role, person: str | None) -> str:
    """Under which a reader's memory is kept."""
    return "|".join((unit, role, person or ""))


def question_of(reader: Reader, case_id: str, purpose: Purpose) -> Question:
    """Everything that the reader may see of one case for one purpose."""
    ask = Ask(reader.unit, reader.role, purpose, None, EVERYTHING, reader.person, None, Page(WINDOWS, each=True))
    return Question(ask, case_id, reader.client, reader.assignment, reader.key, reader.unit_name)


def week_ends(now: int) -> int:
    """The first instant of the next week, in which every windowed view may be another."""
    return (monday(day_of(now)) + 7 - day_of(0)) * DAY_US


@dataclass(frozen=True, slots=True)
class View:
    """One kind of one case for one purpose, as its reader may see it now."""

    said: Told
    kept: Told
    """What is remembered beside it: coarser steps of what is said, items that are known to be wrong."""
    silent: frozenset[str]
    """Places at which it says that nothing was filed."""
    stubs: frozenset[str]
    open: bool
    """Whether there is anything to read: an item, or the stub of one where items of this kind may be read."""


def view_of(vault: Vault, parcel: Parcel, kind: MessageKind) -> View:
    """A parcel's part of one kind.

    A window that is over and of which nothing was filed is no news, or every Monday would be news of every case.
    """
    unit, items = parcel.verdict.ask.unit, [item.body for item in parcel.items if item.body["kind"] == kind.value]
    said, covered, silent = _cells(vault, unit, items)
    wrong = {what.item for what in pending(parcel.verdict) if what.kind == kind.value}
    shown = {stub.id for stub in parcel.withdrawn}
    stubs = frozenset(_hash(vault, unit, "withdrawn", item) for item in wrong & shown)
    kept = dict.fromkeys(covered, COVERED) | {_hash(vault, unit, "withdrawn", item): "" for item in wrong}
    return View(said, kept, frozenset(silent), stubs, bool(items) or (bool(stubs) and _may_read(parcel, kind)))


def has_news(before: Told, view: View) -> bool:
    """Whether something is said that was not said before, or is no longer said where it may still be read.

    What is merely no longer allowed is no news: nothing is sent because an authorisation ended. Nor is a coarser step
    that comes in the place of a finer one, nor the stub of what was known to be wrong before.
    """
    if not view.open:
        return False
    fresh = any(before.get(place) not in (value, COVERED) for place, value in view.said.items())
    gone = any(before.get(place, COVERED) != COVERED for place in view.silent)
    return fresh or gone or not view.stubs <= before.keys()


def packed(view: View) -> str:
    """As kept: places and values, in order."""
    return " ".join(f"{place}:{value}" for place, value in sorted((view.kept | view.said).items()))


def unpacked(text: str) -> Told:
    """What was kept."""
    return {place: value for place, _, value in (pair.partition(":") for pair in text.split())}


def _cells(vault: Vault, unit: str, items: Iterable[Mapping[str, Any]]) -> tuple[Told, set[str], set[str]]:
    said: Told = {}
    covered: set[str] = set()
    silent: set[str] = set()
    for item in items:
        for element, cell in item["elements"].items():
            place = _hash(vault, unit, item["id"], element)
            if cell["value"] == Answer.INSUFFICIENT_DATA.value:
                silent.add(place)
                continue
            said[place] = _hash(vault, unit, place, orjson.dumps(cell, option=orjson.OPT_SORT_KEYS).decode())
            coarser = COVERS[Element(element)] - {element}
            covered |= {_hash(vault, unit, item["id"], step.value) for step in coarser}
    return said, covered, silent


def _may_read(parcel: Parcel, kind: MessageKind) -> bool:
    findings = parcel.verdict.findings if isinstance(parcel.verdict, Permit) else ()
    return any(kind_of(element) is kind for finding in findings for element in finding.covered)


def _hash(vault: Vault, unit: str, *parts: str) -> str:
    return vault.view_id(unit, "feed", *parts)[:12]
