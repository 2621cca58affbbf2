"""Revocation at the desk: one atomic call, whole or in part. Nothing is ever sent to justice because of it."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from app.consent.clocks import FOREVER, in_force_from
from app.consent.creation import grants as on_form
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.consent.signature import merge
from app.consent.signing.consenters import CONSENTING
from app.errors import Flaw, Invalid
from app.exchange import late_revocations, oral, patients
from app.exchange.authenticate import Caller
from app.exchange.closing import close_spent
from app.exchange.consent_state import events_of, left, loaded, state_of, whole_revocation
from app.exchange.consent_words import proposal_of
from app.exchange.consents import parts_of
from app.exchange.hub import Hub
from app.exchange.late_revocations import Known
from app.exchange.received import received
from app.exchange.stopping import Flow, Selection, after, stopped
from app.exchange.times import instant_of, not_after, rfc3339
from app.storage import consents
from app.storage.database import Row, Transaction
from app.storage.gate import of_patient
from app.storage.instruments import selection
from app.vocabulary import CaseEvent, ConsentState


@dataclass(frozen=True, slots=True)
class Desk:
    """How the patient said it: when it was received (default: now), and by which channel."""

    received: datetime | None = None
    channel: str | None = None


@dataclass(frozen=True, slots=True)
class _Live:
    """A consent that was live when the revocation came into force, as it stands before anything is taken back.

    ``taken``: of what it gave then; ``stops``: of what it gives now, which is less where something has ended since.
    """

    row: Row
    known: Known
    flow: Flow
    taken: tuple[Grant, ...]
    stops: tuple[Grant, ...]


async def revoke(
    hub: Hub, caller: Caller, patient: str, chosen: Selection, desk: Desk, tx: Transaction
) -> dict[str, Any]:
    """Revoke and say, for each consent touched, from when, what stopped and who already received what.

    ``state`` of the whole is ``pending`` if any part waits for ``revocable_from`` (42 CFR 2.35(c)). Whatever the
    channel, it is in force at once; ``to_document`` says that an oral one has to be written down as well.
    """
    records = await patients.lock_all(tx, caller.unit, patient)
    now = await tx.now()
    received_at = not_after(instant_of(desk.received), now) if desk.received is not None else now
    if received_at is None:
        raise Invalid((Flaw("/received_at", "received_in_future", "The revocation was received in the future."),))
    live, ended = await _gather(hub, caller, tx, records, chosen, (received_at, now))
    touched = [one for one in live if one.taken]
    for one in touched:
        await _take_back(tx, one, chosen, desk, (received_at, now))
    # The gate last, after every row is written; then who already received what can be said for certain.
    await tx.narrow(sorted({of_patient(one.row["patient_id"], grant.unit) for one in touched for grant in one.taken}))
    flows = [one.flow for one in live]
    ends = {one.flow.consent: stopped(one.stops, chosen, one.flow.beside(flows)) for one in touched}
    shown = [await _shown(hub, caller, tx, consent, ends[consent], (received_at, now)) for consent in ends]
    state_of_all = "pending" if any(one["state"] == "pending" for one in shown) else "in_force"
    answer = {"patient_id": patient, "state": state_of_all, "consents": [*shown, *ended]}
    before = {one.flow.consent: one.known for one in touched}
    incident = await late_revocations.draft(hub, caller, tx, records, before, received_at)
    answer |= await oral.documented(hub, caller, tx, patient, desk.channel, list(ends), received_at)
    return answer | ({"incident_id": incident} if incident is not None else {})


async def _gather(
    hub: Hub, caller: Caller, tx: Transaction, records: Sequence[str], chosen: Selection, times: tuple[int, int]
) -> tuple[list[_Live], list[dict[str, Any]]]:
    """Every consent that was live, and what became of the proposals that are taken back: they end here and now.

    A form that was made after the revocation was received is the patient's later word, and stands.
    """
    received_at, now = times
    live, ended = [], []
    rows = [row for one in records for row in await tx.all(consents.OF_PATIENT, patient=one, unit=caller.unit)]
    for row in rows:
        instrument = await loaded(tx, row)
        if instrument is not None:
            found = await _live(hub, caller, tx, (row, instrument), chosen, times)
            live += [found] if found is not None else []
            continue
        state = await state_of(tx, row, None, now, hub.profiles[caller.profile])
        if state is ConsentState.PROPOSED and row["created_at"] <= received_at:
            taken = chosen.of(row["id"], on_form(proposal_of(hub, row)))
            if taken:
                # A form that waits for its last signature would become active with no new act of the patient.
                await tx.run(consents.DECLINE, consent=row["id"], at=now)
                ended.append(_refused(row["id"], received_at))
    return live, ended


async def _live(
    hub: Hub, caller: Caller, tx: Transaction, stored: tuple[Row, Instrument], chosen: Selection, times: tuple[int, int]
) -> _Live | None:
    """None if it was over when the revocation came into force; one that is over by now lets nothing flow."""
    (row, instrument), (received_at, now), profile = stored, times, hub.profiles[caller.profile]
    events = await events_of(tx, row["case_key"])
    starts = in_force_from(instrument, Revocation(received_at), events)
    then = min(starts, now)
    if await state_of(tx, row, instrument, then, profile) is not ConsentState.ACTIVE:
        return None
    active = then == now or await state_of(tx, row, instrument, now, profile) is ConsentState.ACTIVE
    later = await _signed_after(hub, tx, instrument, received_at)
    given = left(instrument, events, now) if active else ()
    flows = given if instrument.effective_from <= now and not instrument.suspended else ()
    taken = () if later else tuple(chosen.of(row["id"], left(instrument, events, then)))
    stops = tuple(chosen.of(row["id"], given)) if taken else ()
    left_over = after(row["id"], flows, chosen) if taken else flows
    flow = Flow(row["id"], row["case_key"], flows, left_over, starts > now and bool(taken))
    return _Live(row, Known(instrument, events), flow, taken, stops)


async def _signed_after(hub: Hub, tx: Transaction, instrument: Instrument, received_at: int) -> bool:
    """Whether every consenting signature is later: what one signed before, the patient took back (42 CFR 2.31(a)(6)).

    ``signed_at`` of the instrument may be the start that the form states, and so later than any signature.
    """
    if instrument.signed_at <= received_at:
        return False
    signed = merge(await parts_of(hub, tx, instrument.id)).signatures
    return all(instant_of(one.signed_at) > received_at for one in signed if one.role in CONSENTING)


def _refused(consent: str, received_at: int) -> dict[str, Any]:
    """A proposal that is taken back never let anything flow: there is nothing to stop."""
    return {
        "consent_id": consent,
        "state": ConsentState.REFUSED.value,
        "in_force_from": {"at": rfc3339(received_at)},
        "stopped": [],
        "already_received": [],
    }


async def _take_back(tx: Transaction, live: _Live, chosen: Selection, desk: Desk, times: tuple[int, int]) -> None:
    received_at, now = times
    for unit in sorted({grant.unit for grant in live.taken}):
        taken = Revocation(received_at, unit, chosen.elements, chosen.purposes)
        channel = {"channel": desk.channel} if desk.channel is not None else {}
        await tx.run(
            consents.ADD_REVOCATION,
            id=secrets.token_hex(16),
            consent_id=live.row["id"],
            requested_at=received_at,
            created_at=now,
            selection=orjson.dumps(orjson.loads(selection(taken)) | channel).decode(),
        )
    await tx.run(consents.NEW_VERSION, consent=live.row["id"])
    await close_spent(tx, live.row, now)


async def _shown(
    hub: Hub, caller: Caller, tx: Transaction, consent: str, ends: Sequence[dict[str, Any]], times: tuple[int, int]
) -> dict[str, Any]:
    received_at, now = times
    row = await tx.one(consents.OWN, consent=consent, unit=caller.unit)
    instrument = await loaded(tx, row) if row is not None else None
    if row is None or instrument is None:
        raise RuntimeError("a consent that was just revoked is gone")
    events = await events_of(tx, row["case_key"])
    starts = in_force_from(instrument, Revocation(received_at), events)
    pending = starts > now
    whole = whole_revocation(instrument, events)
    return {
        "consent_id": consent,
        "state": "pending" if pending else "revoked" if whole is not None and whole <= now else "narrowed",
        "in_force_from": _from(instrument, starts, events, pending=pending),
        "stopped": ends,
        "already_received": await received(hub, tx, caller.unit, row["patient_id"], consent),
    }


def _from(instrument: Instrument, starts: int, events: Mapping[CaseEvent, int], *, pending: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"at": rfc3339(starts)} if starts < FOREVER else {}
    clock = instrument.revocable_from or Clock(None)
    if pending and clock.event is not None and clock.event not in events:
        found["event"] = clock.event.value
    return found
