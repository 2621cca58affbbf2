"""A past decision made again, from what was known then, and held against what was recorded of it.

That both are the same is computed each time and never assumed. Facts are stored and versions named in the record
(profiles, taxonomy, notice); the rules are those of this version, so a rule that changed shows here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from app.consent.decide import decide
from app.consent.item import item_id
from app.consent.slots import CURRENT, Slot, every_slot
from app.consent.verdict import Finding, Permit, Refusal
from app.exchange.entries import ASKED, CORRECTION, outcome_of
from app.exchange.hub import Hub
from app.exchange.replay_facts import ALL, Past, facts_of
from app.exchange.replay_reading import History, history_of
from app.storage import replay
from app.storage.database import Reader, Row
from app.vocabulary import Purpose, Role

UNDER_WAY_US: Final = 15_000_000
"""An act that is written down at an instant can be committed this much later (the longest write, 0031): a read between
the two did not know of it. Which came first is told by no clock, so each order that there can have been is tried."""


@dataclass(frozen=True, slots=True)
class Told:
    """One recorded disclosure of the consultation, opened."""

    id: str
    subject: str
    instrument: str
    purpose: str
    kind: str
    item: str
    elements: frozenset[str]


class Decided(NamedTuple):
    """One question decided again. ``shown`` has a reason also where the read itself passed a closed recipient over."""

    case_id: str
    purpose: Purpose
    verdict: Permit | Refusal
    shown: Permit | Refusal


@dataclass(frozen=True, slots=True)
class Replayed:
    """A consultation with each of its decisions made again."""

    past: Past
    entry: Mapping[str, Any]
    told: tuple[Told, ...]
    decided: tuple[Decided, ...]
    same: bool
    """Whether outcome, reasons and profiles are those recorded, and each element left under the instrument recorded."""

    def is_same_about(self, records: Mapping[str, str]) -> bool:
        """The same of one person alone (record -> the ledger's name for it), whoever else the look was about."""
        slots = _slots_of([one.verdict for one in self.decided])
        own = [one for one in self.told if one.subject in records.values()]
        findings = [finding for one in self.decided for finding in one.verdict.findings if finding.patient in records]
        fell = {reason.value for finding in findings for reason in finding.fell.values()}
        return fell <= set(self.entry["reasons"]) and all(_left_so(one, slots.get(one.purpose, {})) for one in own)

    def findings(self) -> Iterator[tuple[Decided, Finding]]:
        """Every patient of every question."""
        for one in self.decided:
            for finding in one.shown.findings:
                yield one, finding


def is_gated(entry: Mapping[str, Any]) -> bool:
    """Whether a consultation was decided by the rules; a look at what is one's own was not."""
    return entry["op"] == "consultation" and "subject" not in entry and "purpose" in entry


async def replayed(reader: Reader, hub: Hub, row: Row) -> Replayed:
    """A recorded consultation (a row of ``storage.replay.CONSULTATION``) decided again."""
    entry = orjson.loads(row["entry"])
    rows = await reader.all(replay.TOLD, consultation=row["id"])
    opened = [_opened(hub, one) for one in rows]
    told = tuple(_told(one, opening) for one, opening in zip(rows, opened, strict=True))
    past = _past(hub, row, entry, next((opening["referral"][1] for opening in opened if "referral" in opening), ""))
    histories = {one: await history_of(reader, hub, past.unit, one, past.at) for one in past.case_ids}
    for known in _horizons(past.at, histories):
        found = Replayed(past, entry, told, _decided(hub, past, histories, known), same=False)
        if is_same(entry, told, [one.verdict for one in found.decided]):
            return Replayed(past, entry, told, found.decided, same=True)
    return Replayed(past, entry, told, _decided(hub, past, histories, past.at), same=False)


def _opened(hub: Hub, row: Row) -> Mapping[str, Any]:
    opening: Any = hub.vault.open(row["opening"], "disclosure", row["id"])
    return dict(opening)


def _told(row: Row, opening: Mapping[str, Any]) -> Told:
    entry = orjson.loads(row["entry"])
    kind = CORRECTION if entry.get("basis") == CORRECTION else entry["kind"]
    place = (row["id"], row["subject"], row["instrument_id"], entry["purpose"], kind, opening["item"][1])
    return Told(*place, frozenset(entry["elements"]))


def _past(hub: Hub, row: Row, entry: Mapping[str, Any], referral: str) -> Past:
    """A record of before ``asked`` was kept asked for everything, as far as anybody can tell."""
    opening: Any = hub.vault.open(bytes.fromhex(entry["opening"]), "consultation", row["id"])
    case, person = opening["case"][1], opening["person"][1].partition("\n")[0]
    asked = entry.get(ASKED, {"cases": len(case.split(" ")), "kinds": list(ALL), "taxonomy": 1})
    return Past(
        row["id"],
        row["at"],
        row["unit_id"],
        Role(entry["role"]),
        tuple(map(Purpose, entry["purpose"].split())),
        (case,) if asked["cases"] == 1 else tuple(case.split(" ")),
        tuple(asked["kinds"]),
        asked["taxonomy"],
        person or None,
        referral or None,
    )


def _horizons(at: int, histories: Mapping[str, History]) -> Iterator[int]:
    """The instant of the read; then just before each act, latest first, that can have been under way."""
    yield at
    moments = {moment for one in histories.values() for moment in one.moments()}
    for moment in sorted((one for one in moments if at - UNDER_WAY_US < one <= at), reverse=True):
        yield moment - 1


def _decided(hub: Hub, past: Past, histories: Mapping[str, History], known: int) -> tuple[Decided, ...]:
    found = []
    for case_id, history in histories.items():
        for purpose in past.purposes:
            verdict, shown = (
                decide(facts_of(hub, past, case_id, purpose, history, known, closed_too=closed))
                for closed in (False, True)
            )
            found.append(Decided(case_id, purpose, verdict, shown if _covers(shown) == _covers(verdict) else verdict))
    return tuple(found)


def _covers(verdict: Permit | Refusal) -> dict[str, dict[str, str]]:
    return {
        finding.patient: {element.value: one.id for element, one in finding.covered.items()}
        for finding in verdict.findings
        if finding.covered
    }


def is_same(entry: Mapping[str, Any], told: Sequence[Told], verdicts: Sequence[Permit | Refusal]) -> bool:
    """Whether decisions say what a record says: outcome, reasons, profiles; each element under its instrument.

    A record says no more than that of what it could have told and did not, since nothing was on file.
    """
    again = outcome_of(verdicts)
    if any(entry[name] != value for name, value in again.items() if name in entry):
        return False
    slots = _slots_of(verdicts)
    return all(_left_so(one, slots.get(one.purpose, {})) for one in told)


def _slots_of(verdicts: Sequence[Permit | Refusal]) -> Mapping[str, Mapping[str, Slot]]:
    """Purpose -> id of each item that there can be -> what it can hold."""
    found: dict[str, dict[str, Slot]] = {}
    for verdict in verdicts:
        found.setdefault(str(verdict.ask.purpose), {}).update(_slots(verdict))
    return found


def _slots(verdict: Permit | Refusal) -> Iterator[tuple[str, Slot]]:
    viewer = verdict.facts.viewer
    if isinstance(verdict, Permit) and viewer is not None:
        yield from ((item_id(slot, viewer), slot) for slot in every_slot(verdict))


def _left_so(one: Told, slots: Mapping[str, Slot]) -> bool:
    if one.kind == CORRECTION:
        return True  # no instrument permits it: that something is wrong is told to whoever holds it
    if one.kind.startswith("event:"):
        own = [s for s in slots.values() if (f"event:{s.kind}", s.party.pseudonym) == (one.kind, one.subject)]
        return any(one.instrument in {each.id for each in slot.elements.values()} for slot in own)
    slot = slots.get(one.item)
    if slot is None or slot.party.pseudonym != one.subject:
        return False
    under = {element.value for element, each in slot.elements.items() if each.id == one.instrument}
    whole = slot.start != CURRENT  # a window says of each of its elements at least that nothing was filed
    return bool(one.elements) and (one.elements == under if whole else one.elements <= under)
