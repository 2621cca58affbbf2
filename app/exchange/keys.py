"""The key that content is sealed under: of the patient, the referral or the transfer that it is about (design 8)."""

from app.exchange.hub import Hub
from app.storage import data_keys
from app.storage.database import Transaction, Unavailable
from app.storage.gate import KEYS
from app.storage.sealing import DataKey


async def of(tx: Transaction, hub: Hub, owner: str) -> DataKey:
    """The key of an owner, made if there is none yet.

    Raises:
        Unavailable: it was destroyed. Whoever is erased takes nothing new; nothing is sealed beside the erasure.
    """
    row = await tx.one(data_keys.OF, owner=owner)
    if row is None:
        return await new(tx, hub, owner)
    if row["wrapped"] is None:
        raise Unavailable("the key was destroyed")
    return hub.vault.key(row["wrapped"], owner)


async def new(tx: Transaction, hub: Hub, owner: str) -> DataKey:
    """The key of an owner that is new; of two that make it at once both get the one that was first."""
    await hold_wrapping(tx, hub)
    wrapped = hub.vault.mint(owner)
    by = wrapped[1:5].hex()
    added = await tx.run(data_keys.ADD, owner=owner, wrapped=wrapped, wrapped_by=by, created_at=await tx.now())
    return hub.vault.key(wrapped, owner) if added == 1 else await of(tx, hub, owner)


async def hold_wrapping(tx: Transaction, hub: Hub) -> None:
    """Keep the current wrapping key from being retired until the transaction ends: for whoever wraps with it.

    Raises:
        Unavailable: it was retired, and the keys name no other as the current one.
    """
    await tx.hold([KEYS])
    if await _is_retired(tx, hub):
        hub.vault.wrapping.look_again()
        if await _is_retired(tx, hub):
            raise Unavailable("the wrapping key is retired")


async def _is_retired(tx: Transaction, hub: Hub) -> bool:
    """Whether the key that this process would wrap with was retired since it read its keys."""
    return await tx.one(data_keys.OF, owner=data_keys.retired(hub.vault.wrapping.current)) is not None
