"""Court orders (42 CFR part 2 subpart E): entered by the clinic that holds the record, never by a justice unit.

What is entered opens nothing: an order waits for a second person, one without a mandate for its mandate, and a
subpoena without an order is a task for the clinic's counsel (domain rules 1.15, cases 29 to 33).
"""

import secrets
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.consent.order_checks import OrderFacts, flaws_of_order
from app.consent.orders import CourtOrder, term_of
from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import keys, patients
from app.exchange.authenticate import Caller
from app.exchange.disclosures import subject_of
from app.exchange.entries import Looked, own_consultation
from app.exchange.hub import Hub
from app.exchange.records import records_of
from app.exchange.reviews import ReviewKind, open_review
from app.exchange.second_person import actor, require_person
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, write
from app.messages.envelope import flaws_of_text
from app.storage import court_orders, disclosures, referrals, registry
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import AgencyKind, Purpose
from app.vocabulary.calendar import DAY_US
from app.vocabulary.ordering import OrderState, OrderType

ORDER: Final = TypeAdapter(CourtOrder)
DUE_US: Final = 3 * DAY_US
"""How long the second person has: a mandate names a day on which somebody has to answer it."""
_MOST: Final = 200


async def enter(hub: Hub, caller: Caller, order: CourtOrder, tx: Transaction) -> dict[str, Any]:
    """Store an order without flaws as held, or as what keeps it from being decided; every flaw at once otherwise.

    Raises:
        Invalid: with every flaw.
    """
    require_person(caller, "Another person than who enters an order decides about it.")
    await _hold(tx, caller, order.patient_id)
    flaws = [*_texts(order), *flaws_of_order(order, await facts_of(hub, tx, caller.unit, order))]
    if flaws:
        raise Invalid(tuple(flaws))
    identifier, now, state = secrets.token_hex(16), await tx.now(), _first_state(order)
    kept = {"words": orjson.loads(ORDER.dump_json(order, exclude_none=True)), "entered_by": [actor(caller)]}
    key = await keys.of(tx, hub, order.patient_id)
    await tx.run(
        court_orders.ADD,
        id=identifier,
        unit_id=caller.unit,
        patient_id=order.patient_id,
        state=state.value,
        created_at=now,
        sealed=key.seal(kept, "court_order", identifier),
    )
    kind = ReviewKind.LEGAL_PROCESS if state is OrderState.REFUSED else ReviewKind.COURT_ORDER
    detail = {"type": order.type.value, "state": state.value}
    await open_review(tx, hub, caller.unit, order.patient_id, kind, identifier, now + DUE_US, detail)
    return await view(hub, caller, tx, identifier)


def _first_state(order: CourtOrder) -> OrderState:
    if order.type is OrderType.SUBPOENA:
        return OrderState.REFUSED
    return OrderState.AUTHORISED_NOT_COMPELLED if order.mandate_ref is None else OrderState.HELD


def _texts(order: CourtOrder) -> list[Flaw]:
    found = flaws_of_text("/mandate_ref", order.mandate_ref, _MOST)
    return found + (flaws_of_text("/order_ref", order.order_ref, _MOST) if order.order_ref.strip() else [])


async def _hold(tx: Transaction, caller: Caller, patient: str) -> None:
    try:
        await patients.hold(tx, caller.unit, patient)
    except NotFound:
        raise Invalid((Flaw("/patient_id", "patient_unknown", "This clinic has no patient of this id."),)) from None


async def facts_of(hub: Hub, reader: Reader, unit: str, order: CourtOrder) -> OrderFacts:
    """What the checks may know of an order to the clinic ``unit``."""
    court, own = await reader.one(registry.UNIT, unit=order.court_unit), await reader.one(registry.UNIT, unit=unit)
    if own is None:
        raise NotFound
    row = await reader.one(referrals.RECEIVED, referral=order.referral_id, unit=unit)
    return OrderFacts(
        now=await reader.now(),
        time_zone=own["time_zone"],
        profile=hub.profiles[own["profile"]],
        court=AgencyKind(court["kind"]) if court is not None else None,
        of_patient=row is not None and row["patient_id"] in await records_of(reader, order.patient_id),
    )


async def compel(hub: Hub, caller: Caller, order: str, mandate_ref: str, tx: Transaction) -> dict[str, Any]:
    """The subpoena or similar mandate came after the order: it is held for the second person now.

    Raises:
        Conflict: it has one, or is over.
    """
    require_person(caller, "Another person than who enters a mandate decides about the order.")
    row = await held(tx, caller, order)
    flaws = flaws_of_text("/mandate_ref", mandate_ref, _MOST)
    if flaws:
        raise Invalid(tuple(flaws))
    kept = opened(hub, row)
    kept["words"]["mandate_ref"], kept["entered_by"] = mandate_ref, [*kept["entered_by"], actor(caller)]
    sealed = await resealed(hub, tx, row, kept)
    if await tx.run(court_orders.COMPEL, order=order, sealed_=sealed) != 1:
        raise Conflict("order_not_waiting", "This order does not wait for a mandate.")
    return await view(hub, caller, tx, order)


async def held(tx: Transaction, caller: Caller, order: str) -> Row:
    """The row of an order as it stands once nobody else can change it; NotFound for any id that is not the caller's."""
    row = await own(tx, caller, order)
    await patients.lock(tx, row["unit_id"], row["patient_id"])
    return await own(tx, caller, order)


async def own(reader: Reader, caller: Caller, order: str) -> Row:
    """The row of an order of this clinic, or of one that appointed this privacy office; NotFound for any other id."""
    row = await reader.one(court_orders.OWN, order=order, unit=caller.unit)
    if row is None:
        raise NotFound
    return row


def opened(hub: Hub, row: Row) -> dict[str, Any]:
    """What is kept of an order: its words, who entered it, and what was decided of it by whom."""
    kept: Any = hub.vault.open(row["sealed"], "court_order", row["id"])
    return dict(kept)


def order_of(kept: dict[str, Any]) -> CourtOrder:
    """The order as it was entered."""
    return ORDER.validate_json(orjson.dumps(kept["words"]))


async def resealed(hub: Hub, tx: Transaction, row: Row, kept: dict[str, Any]) -> bytes:
    """The same, sealed for its row."""
    return (await keys.of(tx, hub, row["patient_id"])).seal(kept, "court_order", row["id"])


async def show(hub: Hub, caller: Caller, order: str) -> Committed[dict[str, Any]]:
    """One order; NotFound for any id that is not the caller's. That somebody looked is recorded."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        row = await own(tx, caller, order)
        await _looked(hub, caller, tx, row["patient_id"])
        return await view(hub, caller, tx, order)

    return await write(hub, flow)


async def listed(hub: Hub, caller: Caller, patient: str) -> Committed[list[dict[str, Any]]]:
    """The orders about one patient of this clinic, or of one that appointed this office, oldest first."""

    async def flow(tx: Transaction) -> list[dict[str, Any]]:
        await _looked(hub, caller, tx, patient)
        now = await tx.now()
        records = await records_of(tx, patient)
        rows = [row for record in records for row in await tx.all(court_orders.OF_PATIENT, patient=record)]
        zones = {row["unit_id"]: await _zone(tx, row["unit_id"]) for row in rows}
        return [_shown(hub, row, now, zones[row["unit_id"]]) for row in rows]

    return await write(hub, flow)


async def _looked(hub: Hub, caller: Caller, tx: Transaction, patient: str) -> None:
    subject = await subject_of(tx, caller, patient)
    purpose = Purpose.OVERSIGHT if caller.kind is AgencyKind.PRIVACY_OFFICE else Purpose.OPERATIONS
    looked = Looked("court_orders", purpose.value, subject.pseudonym)
    await tx.run(disclosures.ADD_CONSULTATION, **own_consultation(caller, hub.vault, looked, await tx.now()))


async def view(hub: Hub, caller: Caller, reader: Reader, order: str) -> dict[str, Any]:
    """An order as its clinic sees it, its state computed now."""
    row = await own(reader, caller, order)
    return _shown(hub, row, await reader.now(), await _zone(reader, row["unit_id"]))


async def _zone(reader: Reader, unit: str) -> str:
    row = await reader.one(registry.UNIT, unit=unit)
    return str(row["time_zone"]) if row is not None else "UTC"


def _shown(hub: Hub, row: Row, now: int, time_zone: str) -> dict[str, Any]:
    kept = opened(hub, row)
    words = kept.pop("words")
    state = OrderState(row["state"])
    over = now >= term_of(order_of({"words": words}), time_zone)[1]
    open_ = (OrderState.HELD, OrderState.AUTHORISED_NOT_COMPELLED, OrderState.APPROVED)
    shown = {"id": row["id"], "state": (OrderState.EXPIRED if over and state in open_ else state).value}
    shown |= {**words, "discloser": row["unit_id"], "created_at": rfc3339(row["created_at"]), **kept}
    times = {"decided_at": row["decided_at"], "ended_at": row["ended_at"]}
    return shown | {name: rfc3339(at) for name, at in times.items() if at is not None}
