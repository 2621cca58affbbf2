"""Staff of a justice unit who are assigned to a case of its own: it narrows what that unit reads there, nothing else.

A unit that never said anything reads as a whole. Once it named somebody, or said that somebody's assignment ended, only
who is assigned now reads in that case, by the id in ``Acting-User``. Everybody ended: the unit left the case (domain
rules, cases 3 and 85; 42 CFR 2.31(a)(4)). Whoever is named reads no more than the patient's consents allow.
"""

import secrets
from typing import Any

from app.consent.creation.parties import STAFF_ID
from app.errors import Flaw, Invalid
from app.exchange.authenticate import Caller
from app.exchange.feed_views import name_of
from app.exchange.hub import Hub
from app.storage import assignments, cases, feed
from app.storage.database import GateKey, Transaction
from app.storage.gate import of_assignment
from app.storage.withdrawals import named_person
from app.vocabulary import KIND_OF_ROLE

Body = dict[str, Any]
RECEIVED: Body = {"status": "received"}


def checked(staff_id: str) -> str:
    """A staff id as ``Acting-User`` could say it.

    Raises:
        Invalid: any other text.
    """
    if STAFF_ID.fullmatch(staff_id) is None:
        detail = "A staff id is what your unit sends in Acting-User: 1 to 64 visible ASCII characters, no quote."
        raise Invalid((Flaw("/staff_id", "staff_id_malformed", detail),))
    return staff_id


async def assign(hub: Hub, caller: Caller, case_id: str, staff_id: str, tx: Transaction) -> Body:
    """Assign a member of the caller's own staff. The answer is the same whether the unit has such a case or not."""
    key = await _key(tx, caller, case_id)
    person = named_person(hub.vault, caller.unit, staff_id)
    if key is None or (person, None) in await _said(tx, caller.unit, key):
        return RECEIVED
    now = await tx.now()
    await _add(tx, caller.unit, key, person, now, None)
    await _look_again(tx, caller, key, staff_id)
    await tx.narrow([of_assignment(key, caller.unit)])
    return RECEIVED


async def end(hub: Hub, caller: Caller, case_id: str, staff_id: str | None, tx: Transaction) -> Body:
    """End one assignment, or (None) every one: the unit left the case. The answer is always the same."""
    key = await _key(tx, caller, case_id)
    if key is not None:
        person = named_person(hub.vault, caller.unit, staff_id) if staff_id is not None else None
        await tx.narrow([await leave(tx, caller.unit, key, person)])
    return RECEIVED


async def leave(tx: Transaction, unit: str, key: str, person: str | None = None) -> GateKey:
    """Write that an assignment ended, that of everybody if ``person`` is None; the gate key to bump last.

    Who ends an assignment that it never told of has told of it now, or its end would leave everything as it was.
    """
    now = await tx.now()
    said = await _said(tx, unit, key)
    await tx.run(assignments.END, unit=unit, key=key, person=person, at=now)
    known = bool(said) if person is None else person in {name for name, _ in said}
    if not known:
        await _add(tx, unit, key, person or "", now, now)
    return of_assignment(key, unit)


async def _key(tx: Transaction, caller: Caller, case_id: str) -> str | None:
    row = await tx.one(cases.VIEW, unit=caller.unit, case_id=case_id)
    return row["case_key"] if row is not None else None


async def _said(tx: Transaction, unit: str, key: str) -> set[tuple[str, int | None]]:
    return {(row["person"], row["until_at"]) for row in await tx.all(assignments.OF_CASE, unit=unit, key=key)}


async def _add(tx: Transaction, unit: str, key: str, person: str, from_at: int, until_at: int | None) -> None:
    values = {"person": person, "from_at": from_at, "until_at": until_at}
    await tx.run(assignments.ADD, id=secrets.token_hex(16), unit=unit, key=key, **values)


async def _look_again(tx: Transaction, caller: Caller, key: str, staff_id: str) -> None:
    """Who is assigned now may read what their feed looked at in vain before: it has to look once more."""
    rows = await tx.all(cases.CASE_IDS, unit=caller.unit, key=key)
    for role in sorted(role for role, kind in KIND_OF_ROLE.items() if kind is caller.kind):
        for row in rows:
            await tx.run(feed.FORGET, reader=name_of(caller.unit, role, staff_id), case_id=row["case_id"])
