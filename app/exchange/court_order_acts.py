"""A second person decides about a court order, and an order that is vacated opens nothing any more, at once.

An approved order is an instrument beside the patient's consents: the one gate, decision and record hold for it too
(docs/decisions/0033). The patient cannot revoke it; a court or the discloser's finding that it never fitted ends it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.consent.instrument import Clock, Instrument
from app.consent.order_checks import flaws_of_order
from app.consent.orders import CourtOrder, basis_of, grants_of, term_of
from app.consent.profile_settings import Told
from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import incidents, keys, patients
from app.exchange.authenticate import Caller
from app.exchange.court_orders import facts_of, held, opened, order_of, resealed, view
from app.exchange.filing import mark_news
from app.exchange.frames import complete, newest
from app.exchange.hub import Hub
from app.exchange.keeping import profile_of
from app.exchange.reviews import close_of_subject
from app.exchange.rights import tells_of
from app.exchange.second_person import actor, require_another
from app.exchange.subjects import name_subject
from app.exchange.times import instant_of, not_after, rfc3339
from app.exchange.withdrawals import withdraw_under
from app.messages.envelope import flaws_of_text
from app.storage import consents, court_orders, referrals, registry
from app.storage.database import GateKey, Row, Transaction
from app.storage.gate import of_patient
from app.storage.instruments import dump
from app.vocabulary import VERSION, ConsentKind
from app.vocabulary.calendar import day_of, monday
from app.vocabulary.ordering import OrderState, VacatingGround

_NOTICE = "court_order"
"""Stands where a consent has the version of the notice that the patient was given (42 CFR 2.22)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What the second person found."""

    approve: bool
    note: str | None = None


async def decide(hub: Hub, caller: Caller, order: str, decision: Decision, tx: Transaction) -> dict[str, Any]:
    """Approve, so that the order's own elements can be read by its own persons, or refuse; its review is closed.

    Raises:
        Conflict: it was decided, has no mandate, or is not decided by another person than entered it.
    """
    row = await held(tx, caller, order)
    keys_moved = await _settle(hub, caller, row, decision, tx)
    kept = {"upheld": decision.approve, "by": actor(caller)}
    await close_of_subject(tx, hub, row["patient_id"], order, kept)
    await tx.narrow(keys_moved)
    return await view(hub, caller, tx, order)


async def decided(
    hub: Hub, caller: Caller, review: Row, _detail: Mapping[str, Any], upheld: bool, tx: Transaction
) -> None:
    """The same where its review is decided."""
    row = await held(tx, caller, review["subject_id"])
    await tx.narrow(await _settle(hub, caller, row, Decision(upheld), tx))


async def _settle(hub: Hub, caller: Caller, row: Row, decision: Decision, tx: Transaction) -> list[GateKey]:
    """What a decision does, save for the gate, whose keys it gives."""
    kept, now, state = opened(hub, row), await tx.now(), OrderState(row["state"])
    flaws = flaws_of_text("/note", decision.note)
    if flaws:
        raise Invalid(tuple(flaws))
    for first in kept["entered_by"]:
        require_another(caller, first)
    if decision.approve and state is OrderState.AUTHORISED_NOT_COMPELLED:
        detail = "The order authorises and does not compel: enter the subpoena or similar mandate first (42 CFR 2.61)."
        raise Conflict("order_not_compelled", detail)
    kept |= {"decided_by": actor(caller)} | ({"note": decision.note} if decision.note is not None else {})
    order = order_of(kept)
    if decision.approve and state is OrderState.HELD:
        await _open(hub, tx, row, order, now)
    became = OrderState.APPROVED if decision.approve else OrderState.REFUSED
    said = {"state_": became.value, "at": now, "sealed_": await resealed(hub, tx, row, kept)}
    instrument = row["id"] if decision.approve else None
    if await tx.run(court_orders.DECIDE, order=row["id"], instrument=instrument, **said) != 1:
        raise Conflict("order_decided", "This order was decided, or is over.")
    if not decision.approve:
        return []
    await mark_news(tx, row["patient_id"])
    return [of_patient(row["patient_id"], order.court_unit)]


async def _open(hub: Hub, tx: Transaction, row: Row, order: CourtOrder, now: int) -> None:
    """The instrument of an order, under the order's own id, and how the court knows the person in the case."""
    patients.refuse_merged(await patients.own(tx, row["unit_id"], row["patient_id"]))
    flaws = flaws_of_order(order, await facts_of(hub, tx, row["unit_id"], order))
    if flaws:
        raise Conflict(
            "order_not_in_force", "The order does not stand any more as it was entered; see errors.", tuple(flaws)
        )
    referral = await tx.one(referrals.RECEIVED, referral=order.referral_id, unit=row["unit_id"])
    discloser = await tx.one(registry.UNIT, unit=row["unit_id"])
    if referral is None or discloser is None:
        raise NotFound
    await complete(tx, hub, row["unit_id"], row["patient_id"], referral)
    instrument = _instrument(hub, row, order, referral, discloser, now)
    key = await keys.of(tx, hub, row["patient_id"])
    await tx.run(
        consents.ADD,
        id=row["id"],
        patient_id=row["patient_id"],
        unit_id=row["unit_id"],
        kind=ConsentKind.COURT_ORDER.value,
        case_key=referral["case_key"],
        referral_id=referral["id"],
        sealed=key.seal({"court_order": row["id"]}, "consent", row["id"]),
        facts=dump(instrument),
        version=1,
        created_at=now,
        activated_at=now,
        suspended=0,
        entered_in_error=0,
    )
    place = {"unit_id": order.court_unit, "case_key": referral["case_key"]}
    await tx.run(consents.ADD_RECIPIENT, consent_id=row["id"], **place)
    stored: Any = hub.vault.open(referral["sealed"], "referral", referral["id"])
    await name_subject(tx, hub, order.court_unit, referral["case_key"], referral["id"], stored["words"]["person"])


def _instrument(hub: Hub, row: Row, order: CourtOrder, referral: Row, discloser: Row, now: int) -> Instrument:
    begins, ends = term_of(order, discloser["time_zone"])
    first = order.records_from.toordinal() if order.records_from else monday(day_of(referral["created_at"]))
    return Instrument(
        id=row["id"],
        version=1,
        kind=ConsentKind.COURT_ORDER,
        patient=row["patient_id"],
        discloser=row["unit_id"],
        case=referral["case_key"],
        grants=grants_of(order),
        name_on_form=_NOTICE,
        signed_at=now,
        effective_from=max(now, begins),
        expiry=Clock(ends, shown=order.valid_to.isoformat()),
        profile=discloser["profile"],
        vocabulary=VERSION,
        notice_version=_NOTICE,
        referral=referral["id"],
        scope=newest(hub, referral),
        lawful_basis=basis_of(order),
        records_from=first,
    )


@dataclass(frozen=True, slots=True)
class Vacating:
    """Why an order ends, and since when it was one no more (default: now)."""

    ground: VacatingGround
    vacated_at: datetime | None = None


async def vacate(hub: Hub, caller: Caller, order: str, why: Vacating, tx: Transaction) -> dict[str, Any]:
    """End an order, at once and by one person: from then on nothing leaves under it.

    What left since it was vacated, or ever under one that was of another person, is drafted as an incident; the latter
    is withdrawn as well where the profile says so (LED 7(3)).

    Raises:
        Conflict: it is over.
    """
    row = await held(tx, caller, order)
    kept, now = opened(hub, row), await tx.now()
    at = not_after(instant_of(why.vacated_at), now) if why.vacated_at is not None else now
    if at is None:
        raise Invalid((Flaw("/vacated_at", "vacated_in_future", "An order that ends later ends by its own day."),))
    kept |= {"vacated_by": actor(caller), "ground": why.ground.value, "vacated_at": rfc3339(at)}
    if await tx.run(court_orders.END, order=order, at=now, sealed_=await resealed(hub, tx, row, kept)) != 1:
        raise Conflict("order_decided", "This order was decided, or is over.")
    await close_of_subject(tx, hub, row["patient_id"], order, {"upheld": False, "by": actor(caller)})
    if row["consent_id"] is not None:
        since = 0 if why.ground is VacatingGround.WRONG_SUBJECT else at
        await end(tx, order, max(since, row["decided_at"] or 0), now)
        profile = await profile_of(hub, tx, row["unit_id"])
        tell = why.ground is VacatingGround.WRONG_SUBJECT and tells_of(profile, Told.UNLAWFUL_TRANSMISSION.value)
        if tell:
            await mark_news(tx, row["patient_id"])
        await tx.narrow([of_patient(row["patient_id"], order_of(kept).court_unit)])
        if tell:
            await withdraw_under(tx, hub, row["unit_id"], row["patient_id"], {order}, 0)
        await _draft(hub, tx, row, (since, now))
    return await view(hub, caller, tx, order)


async def end(tx: Transaction, order: str, at: int, now: int) -> None:
    """Nothing more under the instrument of an order, as from ``at``. The caller moves the gate."""
    await tx.run(consents.SUPERSEDE, consent=order, at=at)
    await tx.run(consents.CLOSE_ALL, of=order, at=now)


async def _draft(hub: Hub, tx: Transaction, row: Row, span: tuple[int, int]) -> None:
    since, now = span
    told = await incidents.releases(tx, hub, row["patient_id"], since, now + 1, {row["id"]})
    if told:
        detail = {"court_order": row["id"], "recipients": told}
        kind = incidents.IncidentKind.VACATED_ORDER
        await incidents.draft(tx, hub, row["unit_id"], row["patient_id"], kind, now, detail)
