"""Referrals from justice: send, show the sender's own words, list, cancel. The sender's machine knows no clinic."""

import hashlib
import secrets
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import cases, keys
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.identified import blind, hold
from app.exchange.subjects import name_subject
from app.exchange.times import rfc3339
from app.exchange.unit import Committed, read, write
from app.messages.referral import Referral, flaws_of_referral
from app.storage import referrals, registry
from app.storage.database import Reader, Row, Transaction
from app.vocabulary import JUSTICE, AgencyKind, CaseIdentifierType
from app.vocabulary.calendar import Frame, Grid, day_of, monday
from app.vocabulary.codes import Cadence

_WEEKS: Final = {Cadence.WEEKLY: 1, Cadence.FORTNIGHTLY: 2, Cadence.FOUR_WEEKLY: 4, Cadence.PER_HEARING: 1}
WORDS: Final = TypeAdapter(Referral)
_RECIPIENTS: Final = frozenset({AgencyKind.CLINIC, AgencyKind.PRISON_HEALTH})


async def send(hub: Hub, caller: Caller, referral: Referral, tx: Transaction) -> dict[str, Any]:
    """Store a referral for a clinic and answer with a signed receipt, the same whatever the clinic does.

    The sender's own ``identifier`` names one referral for ever: sent again it gets the first answer again.

    Raises:
        Conflict: the identifier was sent with another body, or is being sent at this moment.
    """
    words = orjson.loads(WORDS.dump_json(referral, exclude_none=True))
    index = blind(hub, caller.unit, "referral", referral.identifier) if referral.identifier is not None else None
    first = await _first(hub, caller, index, words, tx)
    if first is not None:
        return first
    now = await tx.now()
    case = await _case(tx, caller, referral)
    flaws = [*flaws_of_referral(referral, day_of(now)), *await flaws_of_units(tx, referral)]
    if case is None:
        flaws.append(Flaw("/case_id", "case_unknown", "Register the case first: POST /v1/cases gives its case_id."))
    if flaws or case is None:
        raise Invalid(tuple(flaws))
    identifier = await _add(hub, caller, referral, (words, case, index), tx)
    for unit in {caller.unit, *referral.supervising_units}:
        await name_subject(tx, hub, unit, case["case_key"], identifier, words["person"])
    row = await tx.one(referrals.SENT, referral=identifier, unit=caller.unit)
    return sent_view(hub, _present(row))


async def _add(
    hub: Hub, caller: Caller, referral: Referral, given: tuple[Any, Any, str | None], tx: Transaction
) -> str:
    words, case, index = given
    now, identifier = await tx.now(), secrets.token_hex(16)
    type_, value = _spelling(hub, caller, referral, case)
    named = (CaseIdentifierType(type_), value)
    await cases.view(tx, hub, referral.recipient, case["imposing_unit"], case["case_key"], named)
    recipient = await tx.one(registry.UNIT, unit=referral.recipient)
    stored = {
        "words": words,
        "imposed": referral.condition_imposed and case["imposing_unit"] == caller.unit,
        "imposing_unit": case["imposing_unit"],
        "case": [type_, value],
        "transmission": "queued" if recipient is not None and _live(recipient) else "undeliverable",
    }
    await tx.run(
        referrals.ADD,
        id=identifier,
        issuer_unit=caller.unit,
        recipient_unit=referral.recipient,
        case_key=case["case_key"],
        case_id=referral.case_id,
        scope=frame_of(identifier, referral, now).key,
        identifier_index=index,
        sealed=(await keys.new(tx, hub, identifier)).seal(stored, "referral", identifier),
        receipt=receipt_of(hub, identifier, words, now),
        created_at=now,
    )
    return identifier


async def _first(
    hub: Hub, caller: Caller, index: str | None, words: dict[str, Any], tx: Transaction
) -> dict[str, Any] | None:
    """What the first referral with this identifier was answered, if there is one."""
    if index is None:
        return None
    await hold(tx, index)
    row = await tx.one(referrals.OF_IDENTIFIER, unit=caller.unit, index=index)
    if row is None:
        return None
    stored: Any = hub.vault.open(row["sealed"], "referral", row["id"])
    sent = stored.get("sent", stored["words"])
    if sent != words:
        raise Conflict("identifier_in_use", "This identifier names a referral with other words; give a new one.")
    return _as_sent(row, {"words": sent}, "sent", stored["transmission"])


async def own(reader: Reader, caller: Caller, referral: str) -> Row:
    """A referral that this unit sent; NotFound for any other id."""
    return _present(await reader.one(referrals.SENT, referral=referral, unit=caller.unit))


async def listed(
    hub: Hub, caller: Caller, status: str | None, after: tuple[int, str], limit: int
) -> Committed[tuple[list[dict[str, Any]], tuple[int, str] | None]]:
    """The unit's own referrals in the order sent. Lists never carry what a clinic did."""
    statement = {
        None: referrals.LIST_SENT,
        "sent": referrals.LIST_SENT_OPEN,
        "cancelled": referrals.LIST_SENT_CANCELLED,
    }[status]

    async def flow(reader: Reader) -> tuple[list[dict[str, Any]], tuple[int, str] | None]:
        rows = await reader.all(statement, unit=caller.unit, after_at=after[0], after_id=after[1], most=limit + 1)
        following = (rows[limit - 1]["created_at"], rows[limit - 1]["id"]) if len(rows) > limit else None
        return [sent_view(hub, row) for row in rows[:limit]], following

    return await read(hub, flow)


async def cancel(hub: Hub, caller: Caller, referral: str) -> Committed[dict[str, Any]]:
    """Cancel the unit's own referral. Always the same answer: whether it was accepted meanwhile is not the sender's."""

    async def flow(tx: Transaction) -> dict[str, Any]:
        await own(tx, caller, referral)
        await tx.run(referrals.CANCEL, referral=referral, at=await tx.now())
        return {"id": referral, "status": "cancelled"}

    return await write(hub, flow)


def sent_view(hub: Hub, row: Row) -> dict[str, Any]:
    """The sender's own words, its own status and what became of the transmission: never of the person."""
    stored: Any = hub.vault.open(row["sealed"], "referral", row["id"])
    return _as_sent(row, stored, "cancelled" if row["cancelled_at"] is not None else "sent", _transmission(row))


def _as_sent(row: Row, stored: Any, status: str, transmission: str) -> dict[str, Any]:
    return {
        "id": row["id"],
        "status": status,
        "transmission": transmission,
        "receipt": orjson.loads(row["receipt"]),
        **stored["words"],
        **({"amendments": stored["amendments"]} if "amendments" in stored else {}),
    }


def _transmission(row: Row) -> str:
    if row["delivered_at"] is not None:
        return "delivered"
    return "undeliverable" if row["recipient_suspended_at"] is not None else "queued"


def _live(unit: Row) -> bool:
    return unit["suspended_at"] is None and unit["agency_suspended_at"] is None


def _spelling(hub: Hub, caller: Caller, referral: Referral, case: Row) -> tuple[str, str]:
    """Type and value of the case as the sender writes them."""
    opened: Any = hub.vault.open(case["sealed"], "case_view", caller.unit, referral.case_id)
    type_, value = opened
    return type_, value


def _present(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


async def _case(tx: Transaction, caller: Caller, referral: Referral) -> Any:
    try:
        return await cases.own(tx, caller.unit, referral.case_id)
    except NotFound:
        return None


async def flaws_of_units(tx: Transaction, referral: Referral) -> list[Flaw]:
    """Units that the referral names and that are not registered, or not as what it takes them for."""
    found = []
    row = await tx.one(registry.UNIT, unit=referral.recipient)
    if row is None or AgencyKind(row["kind"]) not in _RECIPIENTS:
        detail = "No clinic or prison health unit of this id is registered; see GET /v1/units."
        found.append(Flaw("/recipient", "unit_unknown", detail))
    for number, unit in enumerate(referral.supervising_units):
        row = await tx.one(registry.UNIT, unit=unit)
        if row is None or AgencyKind(row["kind"]) not in JUSTICE:
            detail = "No justice unit of this id is registered; see GET /v1/units."
            found.append(Flaw(f"/supervising_units/{number}", "unit_unknown", detail))
    return found


def frame_of(identifier: str, referral: Referral, sent_at: int) -> Frame:
    """The threshold and the grid of windows that a referral's words ask for, counted from the week it was sent."""
    weeks = _WEEKS[referral.conditions.cadence]
    return Frame(identifier, referral.conditions.attendance_threshold or 0, Grid(monday(day_of(sent_at)), weeks))


def receipt_of(hub: Hub, identifier: str, words: Any, now: int) -> bytes:
    """Signed proof that these words were stored at this instant under this id."""
    digest = hashlib.sha256(orjson.dumps(words, option=orjson.OPT_SORT_KEYS)).hexdigest()
    receipt = {"id": identifier, "digest": f"sha256:{digest}", "time": rfc3339(now)}
    signature = hub.signer.sign(orjson.dumps(receipt, option=orjson.OPT_SORT_KEYS))
    return orjson.dumps({**receipt, "signature": signature})
