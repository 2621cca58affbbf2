"""The facts of one ask: instruments by recipient unit and case only, so an unrelated act never slows this read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from app.consent.ask import Ask, Facts, Party, Viewer
from app.consent.instrument import Instrument
from app.consent.profile import Profile
from app.storage.database import GateKey, Reader, Row
from app.storage.gate import of_case, of_client, of_patient, of_unit
from app.storage.instruments import load
from app.storage.sealing import Vault
from app.vocabulary import CaseEvent


@dataclass(frozen=True, slots=True)
class Question:
    """An ask before its case is resolved: the caller's own ``case_id``, the calling client, the unit's name."""

    ask: Ask
    case_id: str
    client: str
    unit_name: str


async def read_facts(reader: Reader, question: Question, vault: Vault, profiles: Mapping[str, Profile]) -> Facts:
    """Everything the decision may depend on, in one statement and so in one snapshot."""
    row = (await reader.raw("facts", question.ask.unit, question.client, question.case_id))[0]
    found = [_instrument(raw) for raw in orjson.loads(row["instruments"] or "[]")]
    instruments = tuple(instrument for instrument, _, _ in found)
    asked = question.ask
    ask = Ask(
        asked.unit, asked.role, asked.purpose, row["case_key"], asked.elements, asked.person, asked.referral, asked.page
    )
    events = {CaseEvent(code): at for code, at in orjson.loads(row["events"] or "{}").items()}
    today = {instrument.discloser: profile for instrument, _, profile in found}
    viewer = _viewer(question, row, [(i, party) for i, party, _ in found], vault)
    return Facts(ask, row["at"], instruments, events, profiles, today, (), viewer, _gates(question, row, instruments))


def hypothetical(
    ask: Ask,
    at: int,
    instrument: Instrument,
    events: Mapping[CaseEvent, int],
    profiles: Mapping[str, Profile],
    today: str,
    viewer: Viewer,
) -> Facts:
    """Facts of a consent that nobody has signed, for a preview: no gate row was read, so nothing can be recorded."""
    return Facts(ask, at, (instrument,), events, profiles, {instrument.discloser: today}, (), viewer)


def _instrument(raw: list[Any]) -> tuple[Instrument, Party | None, str]:
    (
        id_,
        patient,
        discloser,
        document,
        version,
        superseded,
        suspended,
        error,
        pseudonym,
        ref,
        name,
        alias,
        profile,
        revocations,
    ) = raw
    state = (superseded, suspended, error)
    instrument = load(id_, patient, discloser, document, version, state, tuple((a, s) for a, s in revocations or ()))
    party = Party(ref, pseudonym, name, alias) if ref else None
    return instrument, party, profile


def _viewer(question: Question, row: Row, found: list[tuple[Instrument, Party | None]], vault: Vault) -> Viewer | None:
    if row["sealed"] is None:
        return None
    unit = question.ask.unit
    spelling: Any = vault.open(row["sealed"], "case_view", unit, question.case_id)
    type_, value = spelling
    parties = {(i.patient, i.discloser): party for i, party in found if party is not None}
    return Viewer(question.unit_name, question.case_id, type_, value, vault.view_key(unit), parties)


def _gates(question: Question, row: Row, instruments: tuple[Instrument, ...]) -> tuple[tuple[str, str, int], ...]:
    epochs = orjson.loads(row["epochs"] or "{}")
    unit = question.ask.unit
    keys: set[GateKey] = {of_unit(unit), of_client(question.client)}
    keys |= {of_case(row["case_key"])} if row["case_key"] is not None else set()
    keys |= {of_patient(instrument.patient, unit) for instrument in instruments}
    return tuple((key.name, key.lock_unit, epochs.get(key.name, 0)) for key in sorted(keys))
