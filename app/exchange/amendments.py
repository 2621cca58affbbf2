"""Amendments: the sender changes its own words after it sent them. Nothing about the person is looked at for it.

Whoever is meant, and to which clinic and case, is fixed: a referral of the wrong person is cancelled and sent anew.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson

from app.errors import Conflict, Flaw, Invalid
from app.exchange import keys
from app.exchange import referrals as sent
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.subjects import name_subject
from app.exchange.times import rfc3339
from app.messages.referral import Referral, flaws_of_referral
from app.storage import referrals
from app.storage.database import Row, Transaction
from app.vocabulary.calendar import day_of

FIXED: Final = frozenset({"recipient", "case_id", "person", "identifier"})
"""Members that name the referral itself."""

Words = dict[str, Any]


async def amend(hub: Hub, caller: Caller, referral: str, changes: Mapping[str, Any], tx: Transaction) -> Words:
    """Put ``changes`` (members as sent, each whole) in the place of what the referral said; a signed receipt of it.

    Raises:
        NotFound: the unit sent no referral of this id.
        Conflict: it is cancelled.
        Invalid: the words that would result cannot be meant, or are those that stand already.
    """
    await tx.run(referrals.LOCK_SENT, referral=referral, unit=caller.unit)
    row = await sent.own(tx, caller, referral)
    if row["cancelled_at"] is not None:
        raise Conflict("referral_cancelled", "A cancelled referral is not amended; send a new one.")
    stored: Any = hub.vault.open(row["sealed"], "referral", referral)
    amended = sent.WORDS.validate_json(orjson.dumps(stored["words"] | changes))
    words: Words = orjson.loads(sent.WORDS.dump_json(amended, exclude_none=True))
    changed = sorted(name for name in changes if words.get(name) != stored["words"].get(name))
    now = await tx.now()
    flaws = [*flaws_of_referral(amended, day_of(now)), *await sent.flaws_of_units(tx, amended)]
    if not changed:
        flaws.append(Flaw("", "amendment_empty", "Nothing of this differs from what the referral says already."))
    if flaws:
        raise Invalid(tuple(flaws))
    return await _store(hub, caller, row, stored, (amended, words, changed), tx)


async def _store(
    hub: Hub, caller: Caller, row: Row, stored: Words, new: tuple[Referral, Words, list[str]], tx: Transaction
) -> Words:
    amended, words, changed = new
    now, identifier, referral = await tx.now(), secrets.token_hex(16), row["id"]
    receipt = sent.receipt_of(hub, identifier, words, now)
    scope = sent.frame_of(referral, amended, row["created_at"]).key
    told = {"id": identifier, "at": rfc3339(now), "changed": changed}
    kept = stored | {
        "words": words,
        "sent": stored.get("sent", stored["words"]),  # what the sender's identifier names for ever
        "imposed": amended.condition_imposed and stored["imposing_unit"] == caller.unit,
        "scope": scope,
        "amendments": [*stored.get("amendments", ()), told],
    }
    key = await keys.of(tx, hub, referral)
    sealed = key.seal({"words": words, "changed": changed}, "amendment", identifier)
    await tx.run(
        referrals.ADD_AMENDMENT, id=identifier, referral_id=referral, created_at=now, sealed=sealed, receipt=receipt
    )
    await tx.run(referrals.AMEND, referral=referral, words=key.seal(kept, "referral", referral))
    if scope != row["scope"]:
        await tx.run(referrals.ADD_FRAME, referral_id=referral, scope=scope, since=now)
    for unit in sorted(set(amended.supervising_units) - set(stored["words"].get("supervising_units", ()))):
        await name_subject(tx, hub, unit, row["case_key"], referral, words["person"])
    return {"referral_id": referral, **told, "receipt": orjson.loads(receipt)}
