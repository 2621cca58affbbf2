"""The sender's own identifier of what it files: a permanent guard against doubles, beside the Idempotency-Key."""

import hashlib
from typing import Any, NamedTuple, TypeVar

import orjson
from pydantic import TypeAdapter

from app.errors import Conflict
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.messages.envelope import Identifier
from app.storage import messages
from app.storage.database import BusyElsewhere, Transaction
from app.vocabulary import MessageKind

T = TypeVar("T")


class Guard(NamedTuple):
    """The blind index to be stored with the message (None without an identifier), and the first answer, if any."""

    blind: str | None
    first: dict[str, Any] | None


async def guarded(
    hub: Hub,
    caller: Caller,
    kind: MessageKind,
    named: Identifier | None,
    said: tuple[TypeAdapter[T], T],
    tx: Transaction,
) -> Guard:
    """Hold the identifier until the transaction ends, and look for the message of this clinic that has it.

    ``said`` are the words with their adapter: they are compared as values, so that neither the order of members nor a
    default that was left out tells two sendings of one message apart.

    Raises:
        Conflict: it names a message with other words, or is being filed at this moment.
    """
    if named is None:
        return Guard(None, None)
    index = blind(hub, caller.unit, "message", named)
    await hold(tx, index)
    row = await tx.one(messages.OF_IDENTIFIER, unit=caller.unit, index=index)
    if row is None:
        return Guard(index, None)
    stored: Any = hub.vault.open(row["sealed"], row["patient_id"], row["id"], "message")
    adapter, words = said
    if row["kind"] != kind.value or adapter.validate_json(orjson.dumps(stored["words"])) != words:
        raise Conflict("identifier_in_use", "This identifier names a message with other words; give a new one.")
    return Guard(index, {"id": row["id"], "patient_id": row["patient_id"]})


def blind(hub: Hub, unit: str, noun: str, identifier: Identifier) -> str:
    """A blind index of a sender's own identifier, to the letter: its system may tell a case or a space apart."""
    named = orjson.dumps([identifier.system, identifier.value])
    return hub.vault.blind(f"{noun}_identifier", unit, hashlib.sha256(named).hexdigest())


async def hold(tx: Transaction, index: str) -> None:
    """Hold an identifier until the transaction ends.

    Raises:
        Conflict: another request with it is being carried out at this moment.
    """
    try:
        await tx.try_lock(index)
    except BusyElsewhere as error:
        detail = "The first request with this identifier is still running; repeat this one shortly."
        raise Conflict("idempotency_in_flight", detail) from error
