"""The facts of one ask: instruments by recipient unit and case only, so an unrelated act never slows this read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from app.consent.ask import Ask, Facts, Party, Restriction, Viewer, Withdrawn
from app.consent.instrument import Instrument
from app.consent.profile import Profile
from app.storage.database import GateKey, Reader, Row
from app.storage.gate import of_assignment, of_case, of_client, of_patient, of_unit
from app.storage.instruments import load
from app.storage.sealing import Vault, behind
from app.storage.withdrawals import named_person
from app.vocabulary import CaseEvent, Element


@dataclass(frozen=True, slots=True)
class Question:
    """An ask before its case is resolved: the caller's own ``case_id``; client, assignment and key; the unit's name."""

    ask: Ask
    case_id: str
    client: str
    assignment: str
    key: str
    unit_name: str


async def read_facts(
    reader: Reader, questions: Sequence[Question], vault: Vault, profiles: Mapping[str, Profile]
) -> list[Facts]:
    """Everything that the decisions may depend on, in one statement; of one caller, a case each, in the order asked.

    PostgreSQL reads all in one snapshot. SQLite reads them one by one, and the epochs tell if something came between.
    """
    caller, cases = questions[0], [question.case_id for question in questions]
    rows = await reader.raw("facts", caller.ask.unit, caller.client, cases, caller.assignment, caller.key)
    at = max(row["at"] for row in rows)
    return [_facts(question, row, at, vault, profiles) for question, row in zip(questions, rows, strict=True)]


def _facts(question: Question, row: Row, at: int, vault: Vault, profiles: Mapping[str, Profile]) -> Facts:
    stored = [_Stored(*raw) for raw in orjson.loads(row["instruments"] or "[]")]
    corrected = orjson.loads(row["withdrawals"] or "[]")
    read = [(one, _instrument(one)) for one in stored]
    instruments = tuple(instrument for _, instrument in read if instrument is not None)
    restrictions, unreadable = _restrictions(stored)
    asked = question.ask
    ask = Ask(
        asked.unit, asked.role, asked.purpose, row["case_key"], asked.elements, asked.person, asked.referral, asked.page
    )
    events = {CaseEvent(code): at for code, at in orjson.loads(row["events"] or "{}").items()}
    return Facts(
        ask,
        at,
        instruments,
        events,
        profiles,
        today={one.discloser: one.profile for one in stored},
        viewer=_viewer(question, row, stored, vault),
        unreadable=unreadable | {(one.patient, one.discloser) for one, instrument in read if instrument is None},
        gates=_gates(question, row, stored),
        withdrawn=_withdrawn(asked, corrected, vault),
        keys=_keys(stored, corrected),
        restrictions=restrictions,
        recipient_profile=row["profile"] or "",
        assigned=_assigned(asked, orjson.loads(row["assignments"] or "[]"), vault),
        closed=frozenset(one.discloser for one in stored if one.closed_at is not None),
    )


def _restrictions(stored: list["_Stored"]) -> tuple[tuple[Restriction, ...], frozenset[tuple[str, str]]]:
    """What is restricted, as it stands beside each instrument; and of whom it cannot be read: that forbids."""
    found: dict[str, list[Restriction]] = {}
    unreadable = set()
    for one in stored:
        try:
            found[one.patient] = restrictions_of(one.patient, one.restricted)
        except Exception:  # whatever is wrong with a stored restriction, it forbids
            unreadable.add((one.patient, one.discloser))
    return tuple(each for own in found.values() for each in own), frozenset(unreadable)


def restrictions_of(patient: str, stored: Sequence[Sequence[Any]] | None) -> list[Restriction]:
    """The restrictions of a patient as stored: elements as a JSON list, one recipient unit or all, last day or none."""
    return [
        Restriction(patient, frozenset(map(Element, orjson.loads(elements))), unit, lifted)
        for elements, unit, lifted in stored or ()
    ]


def _assigned(asked: Ask, rows: list[list[Any]], vault: Vault) -> bool:
    """Whoever is assigned now; where the unit never assigned anybody, all of it. '' is the unit as a whole."""
    if not rows:
        return True
    now = {person for person, until in rows if until is None}
    return "" in now or (asked.person is not None and named_person(vault, asked.unit, asked.person) in now)


def _keys(stored: list["_Stored"], corrected: list[list[Any]]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    of_corrected = ((subject, patient, key) for *_, subject, _, patient, key in corrected)
    for subject, patient, key in (*((one.pseudonym, one.patient, one.key) for one in stored), *of_corrected):
        if subject not in found:
            found[subject] = found[patient] = behind(key, patient)
    return found


def _withdrawn(ask: Ask, stored: list[list[Any]], vault: Vault) -> tuple[Withdrawn, ...]:
    """What was told to one person is nobody else's to hear of: to any other it does not exist."""
    mine = ("", named_person(vault, ask.unit, ask.person or "")) if stored else ()
    return tuple(
        Withdrawn(role, purpose, kind, item, frozenset(orjson.loads(wrong)), person, referral, subject, bool(right))
        for role, purpose, kind, item, wrong, person, referral, subject, right, *_ in stored
        if person in mine
    )


def hypothetical(
    ask: Ask,
    at: int,
    instrument: Instrument,
    events: Mapping[CaseEvent, int],
    profiles: Mapping[str, Profile],
    today: str,
    viewer: Viewer,
    keys: Mapping[str, bytes],
    restrictions: tuple[Restriction, ...] = (),
    recipient: str = "",
) -> Facts:
    """Facts of a consent that nobody has signed, for a preview: no gate row was read, so nothing can be recorded."""
    now = {instrument.discloser: today}
    known = (ask, at, (instrument,), events, profiles, now, restrictions, viewer)
    return Facts(*known, keys=keys, recipient_profile=recipient)


def treating(
    ask: Ask,
    at: int,
    instruments: tuple[Instrument, ...],
    disclosers: tuple[Mapping[str, str], frozenset[str]],
    profiles: Mapping[str, Profile],
    unreadable: frozenset[tuple[str, str]],
    gates: tuple[tuple[str, str, int], ...],
    restrictions: tuple[Restriction, ...],
    recipient: str,
) -> Facts:
    """Facts of an ask between treating units: no case, so neither events nor a viewer's spelling of one.

    ``disclosers`` are the profile in force at each of them, and those that have closed.
    """
    today, closed = disclosers
    return Facts(
        ask,
        at,
        instruments,
        {},
        profiles,
        today,
        restrictions,
        unreadable=unreadable,
        gates=gates,
        recipient_profile=recipient,
        closed=closed,
    )


def remembered(
    ask: Ask,
    at: int,
    instruments: tuple[Instrument, ...],
    events: Mapping[CaseEvent, int],
    profiles: Mapping[str, Profile],
    disclosers: tuple[Mapping[str, str], frozenset[str]],
    restrictions: tuple[Restriction, ...],
    viewer: Viewer | None,
    unreadable: frozenset[tuple[str, str]],
    recipient: str,
    assigned: bool,
) -> Facts:
    """Facts of a past ask as they were known then, to explain it: no gate row was read, so nothing can be recorded."""
    today, closed = disclosers
    known = (ask, at, instruments, events, profiles, today, restrictions, viewer, unreadable)
    return Facts(*known, recipient_profile=recipient, assigned=assigned, closed=closed)


@dataclass(frozen=True, slots=True)
class _Stored:
    """One row of the facts statement, in its order."""

    id: str
    patient: str
    discloser: str
    document: str
    version: int
    superseded_at: int | None
    suspended: int
    entered_in_error: int
    pseudonym: str
    subject_ref: str | None
    discloser_name: str
    discloser_alias: str
    profile: str
    closed_at: int | None
    revocations: list[list[Any]] | None
    key: str | None
    """Hexadecimal of the wrapped key of the patient; '' if it was destroyed, None if there is none."""
    restricted: list[list[Any]] | None


def _instrument(one: _Stored) -> Instrument | None:
    """The instrument of a stored row; None if it cannot be read, which forbids rather than being skipped."""
    state = (one.superseded_at, one.suspended, one.entered_in_error)
    taken = tuple((at, text) for at, text in one.revocations or ())
    try:
        return load(one.id, one.patient, one.discloser, one.document, one.version, state, taken)
    except Exception:  # whatever is wrong with a stored document, it forbids
        return None


def _viewer(question: Question, row: Row, stored: list[_Stored], vault: Vault) -> Viewer | None:
    if row["sealed"] is None:
        return None
    unit = question.ask.unit
    spelling: Any = vault.open(row["sealed"], "case_view", unit, question.case_id)
    type_, value = spelling
    parties = {
        one.id: Party(one.subject_ref, one.pseudonym, one.discloser_name, one.discloser_alias)
        for one in stored
        if one.subject_ref is not None
    }
    return Viewer(question.unit_name, question.case_id, type_, value, vault.view_key(unit), parties)


def _gates(question: Question, row: Row, stored: list[_Stored]) -> tuple[tuple[str, str, int], ...]:
    epochs = orjson.loads(row["epochs"] or "{}")
    unit = question.ask.unit
    keys: set[GateKey] = {of_unit(unit), of_client(question.client)}
    if row["case_key"] is not None:
        keys |= {of_case(row["case_key"]), of_assignment(row["case_key"], unit)}
    keys |= {of_patient(one.patient, unit) for one in stored}
    return tuple((key.name, key.lock_unit, epochs.get(key.name, 0)) for key in sorted(keys))
