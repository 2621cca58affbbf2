"""Restrictions that a patient asks for and the programme agrees to: they bind whatever a consent says (42 CFR 2.26).

One that is agreed subtracts at once, from reads of justice and from transfers. It stands with every record that is of
the same person. No justice unit is ever told of it: what is restricted is absent, as if it had not been allowed.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import orjson

from app.errors import Conflict, Flaw, Invalid
from app.exchange import keys
from app.exchange.authenticate import Caller
from app.exchange.filing import mark_news, readers_of
from app.exchange.hub import Hub
from app.exchange.restriction_rows import BINDING, State, Words, add, all_of, own, said_of, same, share, view
from app.exchange.rights import Kept, held, looked, tells_of
from app.exchange.times import not_after, rfc3339
from app.exchange.unit import Committed, narrow, write
from app.exchange.withdrawn_rights import withdraw_of
from app.storage import registry, restrictions
from app.storage.database import Row, Transaction
from app.vocabulary import Element
from app.vocabulary.calendar import day_of


class Ending(StrEnum):
    """How a restriction ends (45 CFR 164.522(a)(2))."""

    PATIENT_WRITTEN = "patient_written"
    ORAL_DOCUMENTED = "oral_documented"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the patient wants kept from whom: from one recipient unit, or (None) from all."""

    elements: tuple[Element, ...]
    recipient_unit: str | None
    note: str | None
    paid_in_full: bool


async def request(hub: Hub, caller: Caller, patient: str, asked: Asked, tx: Transaction) -> Words:
    """Write down what a patient asks for; it takes nothing away before it is agreed to.

    Raises:
        NotFound: no patient of this clinic, or of one that appointed this privacy office.
        Invalid: the recipient is no registered unit.
    """
    kept = await held(tx, hub, caller, patient)
    unit = asked.recipient_unit
    if unit is not None and await tx.one(registry.UNIT, unit=unit) is None:
        raise Invalid(
            (Flaw("/recipient_unit", "unit_unknown", "No unit of this id is registered; see GET /v1/units."),)
        )
    identifier = secrets.token_hex(16)
    said = {"paid_in_full": asked.paid_in_full} | ({"note": asked.note} if asked.note is not None else {})
    elements = orjson.dumps(sorted({element.value for element in asked.elements})).decode()
    times = {"requested_at": await tx.now(), "agreed_at": None, "ended_at": None, "lifted_day": None}
    place = {"elements": elements, "recipient_unit": unit, "state": State.REQUESTED.value, "unit_id": kept.unit} | times
    await add(tx, hub, identifier, patient, said, place)
    return view(hub, await own(tx, [patient], identifier))


async def again(hub: Hub, caller: Caller, tx: Transaction, kept: Words) -> Words:
    """A replayed answer, as things stand now."""
    found = await held(tx, hub, caller, kept["patient_id"])
    return view(hub, await own(tx, found.records, kept["id"]))


async def decide(hub: Hub, caller: Caller, patient: str, restriction: str, *, agreed: bool) -> Committed[Words]:
    """Agree or decline. What is agreed takes effect with this call; the same decision again, the same answer.

    Raises:
        NotFound: this patient has no such restriction here.
        Conflict: it was decided otherwise, or has ended.
        Invalid: it keeps from a health plan what the patient paid for in full, which is not the programme's to decline.
    """
    wanted = State.AGREED if agreed else State.DECLINED

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        row = await own(tx, kept.records, restriction)
        if row["state"] == wanted:
            return view(hub, row)
        if row["state"] != State.REQUESTED:
            raise Conflict("restriction_decided", "This restriction was decided already, or has ended.")
        if not agreed and said_of(hub, row)["paid_in_full"]:
            detail = "What was paid for in full is kept from the health plan whenever the patient asks for it."
            raise Invalid((Flaw("/agreed", "restriction_must_be_agreed", detail, "42 CFR 2.26(a)(6)"),))
        now = await tx.now()
        await _change(tx, hub, row, wanted, {"agreed": now if agreed else None})
        if agreed:
            await share(tx, hub, kept.records)
            await _close(tx, kept.records)
            await _tell(tx, hub, kept, row)
        return view(hub, await own(tx, kept.records, restriction))

    return await narrow(hub, flow)


async def end(
    hub: Hub, caller: Caller, patient: str, restriction: str, how: Ending, told_at: int | None
) -> Committed[Words]:
    """End a restriction: with the patient, everything flows again; by notice, only what is recorded after today.

    ``told_at`` (microseconds) is when the patient was told; where the profile follows GDPR 18(3) that comes first.

    Raises:
        NotFound: this patient has no such restriction here.
        Conflict: it is not in force.
        Invalid: by notice, of what was paid for in full, or before the patient was told.
    """

    async def flow(tx: Transaction) -> Words:
        kept = await held(tx, hub, caller, patient)
        row = await own(tx, kept.records, restriction)
        by_notice, now = how is Ending.NOTICE, await tx.now()
        if row["state"] not in ((State.AGREED,) if by_notice else BINDING):
            raise Conflict("restriction_not_in_force", "This restriction is not in force.")
        _refuse(hub, kept, row, how, told_at, now)
        state = State.TERMINATED if by_notice else State.ENDED
        times = {"agreed": row["agreed_at"], "ended": now, "lifted": day_of(now) if by_notice else None}
        said = {"how": how.value} | ({"told_at": rfc3339(told_at)} if told_at is not None else {})
        for one in await same(tx, hub, kept.records, row):
            await _change(tx, hub, one, state, times, said)
        await _close(tx, kept.records)
        return view(hub, await own(tx, kept.records, restriction))

    return await narrow(hub, flow)


async def listed(hub: Hub, caller: Caller, patient: str) -> Committed[list[Words]]:
    """What a patient asked to have restricted, oldest first; that somebody looked is recorded."""

    async def flow(tx: Transaction) -> list[Words]:
        kept = await held(tx, hub, caller, patient)
        await looked(tx, hub, caller, "restrictions", kept.pseudonym)
        rows = await all_of(tx, kept.records)
        here = {row["id"] for row in rows}
        return [view(hub, row) for row in rows if said_of(hub, row).get("copy_of") not in here]

    return await write(hub, flow)


async def impose(tx: Transaction, hub: Hub, kept: Kept, patient: str, elements: Collection[Element]) -> None:
    """Restrict without a request for just that: what may not be erased yet is kept and not released (GDPR 18).

    The last part of a narrowing transaction.
    """
    now, named = await tx.now(), orjson.dumps(sorted({one.value for one in elements})).decode()
    place: Words = {"unit_id": kept.unit, "elements": named, "state": State.AGREED.value, "recipient_unit": None}
    times: Words = {"requested_at": now, "agreed_at": now, "ended_at": None, "lifted_day": None}
    identifier = secrets.token_hex(16)
    await add(tx, hub, identifier, patient, {"paid_in_full": False}, place | times)
    await share(tx, hub, kept.records)
    await _close(tx, kept.records)
    await _tell(tx, hub, kept, await own(tx, kept.records, identifier))


def _refuse(hub: Hub, kept: Kept, row: Row, how: Ending, told_at: int | None, now: int) -> None:
    if how is Ending.NOTICE and said_of(hub, row)["paid_in_full"]:
        detail = "What was paid for in full stays kept from the health plan until the patient agrees."
        raise Invalid((Flaw("/how", "restriction_paid_in_full", detail, "42 CFR 2.26(a)(5)(ii)"),))
    if told_at is not None and not_after(told_at, now) is None:
        raise Invalid((Flaw("/told_at", "told_in_future", "The patient was told in the future."),))
    if how is Ending.NOTICE and told_at is None and tells_of(kept.profile, "restriction"):
        detail = "Tell the patient before it is lifted, and say when that was."
        raise Invalid((Flaw("/told_at", "told_first", detail, "GDPR 18(3)"),))


async def _tell(tx: Transaction, hub: Hub, kept: Kept, row: Row) -> None:
    """Where the profile says so, whoever holds what is now restricted hears that it is withdrawn (GDPR 19)."""
    if tells_of(kept.profile, "restriction"):
        elements = orjson.loads(row["elements"])
        for record in kept.records:
            await withdraw_of(tx, hub, kept.unit, record, elements, row["recipient_unit"])


async def _change(
    tx: Transaction, hub: Hub, row: Row, state: State, times: dict[str, int | None], said: Words | None = None
) -> None:
    key = await keys.of(tx, hub, row["patient_id"])
    before = said_of(hub, row)
    if row["lifted_day"] is not None:  # what a past read met is explained by how it stood then
        before |= {"noticed": [row["ended_at"], row["lifted_day"]]}
    sealed = key.seal(before | (said or {}), "restriction", row["id"])
    await tx.run(restrictions.CHANGE, restriction=row["id"], new_state=state.value, said=sealed, **times)


async def _close(tx: Transaction, records: Collection[str]) -> None:
    """The gate of every reader of any of these records, last."""
    await mark_news(tx, *records)
    await tx.narrow([key for record in records for key in await readers_of(tx, record)])
