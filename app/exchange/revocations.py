"""Revocation at the desk: one atomic call, whole or in part. Nothing is ever sent to justice because of it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.consent.clocks import FOREVER, in_force_from
from app.consent.creation import grants as on_form
from app.consent.instrument import Clock, Grant, Instrument, Revocation
from app.consent.rules import coverage
from app.errors import Flaw, Invalid
from app.exchange import patients
from app.exchange.authenticate import Caller
from app.exchange.consent_state import events_of, left, loaded, state_of, whole_revocation
from app.exchange.consents import proposal_of
from app.exchange.hub import Hub
from app.exchange.times import instant_of, not_after, rfc3339
from app.storage import consents
from app.storage.database import Row, Transaction
from app.storage.gate import of_patient
from app.storage.instruments import selection
from app.vocabulary import COVERS, CaseEvent, ConsentState, Element, Purpose


@dataclass(frozen=True, slots=True)
class Selection:
    """What the patient takes back; None is every consent, recipient, element or purpose."""

    consents: frozenset[str] | None = None
    recipients: frozenset[str] | None = None
    elements: frozenset[Element] | None = None
    purposes: frozenset[Purpose] | None = None


async def revoke(
    hub: Hub, caller: Caller, patient: str, chosen: Selection, received: datetime | None, tx: Transaction
) -> dict[str, Any]:
    """Revoke and say, for each consent touched, from when, what stopped and who already received what.

    ``state`` of the whole is ``pending`` if any part waits for ``revocable_from`` (42 CFR 2.35(c)).
    """
    await patients.lock(tx, caller.unit, patient)
    now = await tx.now()
    received_at = not_after(instant_of(received), now) if received is not None else now
    if received_at is None:
        raise Invalid((Flaw("/received_at", "received_in_future", "The revocation was received in the future."),))
    touched, ended = [], []
    for row in await tx.all(consents.OF_PATIENT, patient=patient, unit=caller.unit):
        instrument = await loaded(tx, row)
        state = await state_of(tx, row, instrument, now, hub.profiles[caller.profile])
        given = instrument.grants if instrument is not None else on_form(proposal_of(hub, row))
        grants = _grants(row["id"], given, chosen)
        if grants and instrument is not None and state is ConsentState.ACTIVE:
            given = left(instrument, await events_of(tx, row["case_key"]), now)
            stopped = _stopped(_grants(row["id"], given, chosen), chosen)
            await _take_back(tx, row, grants, chosen, (received_at, now))
            touched.append((row["id"], grants, stopped))
        elif grants and state is ConsentState.PROPOSED:
            # A form that waits for its last signature would become active with no new act of the patient.
            await tx.run(consents.DECLINE, consent=row["id"], at=now)
            ended.append(_refused(row["id"], grants, chosen, received_at))
    # The gate last, after every row is written; then who already received what can be said for certain.
    await tx.narrow(sorted({of_patient(patient, grant.unit) for _, grants, _ in touched for grant in grants}))
    shown = [await _shown(caller, tx, consent, stopped, (received_at, now)) for consent, _, stopped in touched]
    state_of_all = "pending" if any(one["state"] == "pending" for one in shown) else "in_force"
    return {"patient_id": patient, "state": state_of_all, "consents": [*shown, *ended]}


def _refused(consent: str, grants: list[Grant], chosen: Selection, received_at: int) -> dict[str, Any]:
    return {
        "consent_id": consent,
        "state": ConsentState.REFUSED.value,
        "in_force_from": {"at": rfc3339(received_at)},
        "stopped": _stopped(grants, chosen),
        "already_received": [],
    }


def _grants(consent: str, given: tuple[Grant, ...], chosen: Selection) -> list[Grant]:
    if chosen.consents is not None and consent not in chosen.consents:
        return []
    return [
        grant
        for grant in given
        if (chosen.recipients is None or grant.unit in chosen.recipients)
        and (chosen.purposes is None or chosen.purposes & grant.purposes)
        and (chosen.elements is None or any(COVERS[e] & chosen.elements for e in grant.elements))
    ]


async def _take_back(tx: Transaction, row: Row, grants: list[Grant], chosen: Selection, times: tuple[int, int]) -> None:
    received_at, now = times
    for unit in sorted({grant.unit for grant in grants}):
        taken = Revocation(received_at, unit, chosen.elements, chosen.purposes)
        await tx.run(
            consents.ADD_REVOCATION,
            id=secrets.token_hex(16),
            consent_id=row["id"],
            requested_at=received_at,
            created_at=now,
            selection=selection(taken),
        )
    await tx.run(consents.NEW_VERSION, consent=row["id"])


async def _shown(
    caller: Caller,
    tx: Transaction,
    consent: str,
    stopped: list[dict[str, Any]],
    times: tuple[int, int],
) -> dict[str, Any]:
    received_at, now = times
    row = await tx.one(consents.OWN, consent=consent, unit=caller.unit)
    instrument = await loaded(tx, row) if row is not None else None
    if row is None or instrument is None:
        raise RuntimeError("a consent that was just revoked is gone")
    events = await events_of(tx, row["case_key"])
    starts = in_force_from(instrument, Revocation(received_at), events)
    pending = starts > now
    received = await tx.all(consents.RECEIVED, consent=consent)
    whole = whole_revocation(instrument, events)
    return {
        "consent_id": consent,
        "state": "pending" if pending else "revoked" if whole is not None and whole <= now else "narrowed",
        "in_force_from": _from(instrument, starts, events, pending=pending),
        "stopped": stopped,
        "already_received": [
            {"recipient": r["unit_id"], "last_at": rfc3339(r["last_at"]), "times": r["times"]} for r in received
        ],
    }


def _from(instrument: Instrument, starts: int, events: Mapping[CaseEvent, int], *, pending: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"at": rfc3339(starts)} if starts < FOREVER else {}
    clock = instrument.revocable_from or Clock(None)
    if pending and clock.event is not None and clock.event not in events:
        found["event"] = clock.event.value
    return found


def _stopped(grants: list[Grant], chosen: Selection) -> list[dict[str, Any]]:
    """What each recipient no longer gets: the elements taken back and the coarser steps that only they covered.

    ``grants`` is what was given until now: what an earlier revocation took does not stop a second time.
    """
    found: dict[tuple[Any, ...], set[Purpose]] = {}
    for grant in grants:
        elements = coverage(grant.elements) - coverage(_kept(grant, chosen))
        purposes = grant.purposes & chosen.purposes if chosen.purposes is not None else grant.purposes
        found.setdefault((grant.unit, grant.role, grant.person, elements), set()).update(purposes)
    return [
        {
            "recipient": {"org_unit": unit, "role": role.value},
            "purposes": sorted(purposes),
            "elements": sorted(elements),
        }
        for (unit, role, _, elements), purposes in found.items()
    ]


def _kept(grant: Grant, chosen: Selection) -> frozenset[Element]:
    if chosen.elements is None:
        return frozenset()
    return frozenset(element for element in grant.elements if not COVERS[element] & chosen.elements)
