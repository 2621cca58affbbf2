"""The tree over the disclosures: sequenced after commit, in batches; signed from the committed head (design 8)."""

from dataclasses import dataclass
from typing import Final

import orjson

from app.exchange.hub import Hub
from app.exchange.unit import write
from app.identity.signer import verify
from app.ledger.checkpoint import statement
from app.ledger.entry import leaf
from app.ledger.tree import Frontier
from app.storage import ledger
from app.storage.database import Reader, Transaction

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit of the whole log found: how far it reaches, and the first lie, if there is one."""

    size: int
    root: str
    lie: str | None


async def sequence(hub: Hub) -> int:
    """Give the next batch of disclosures their places and sign the new root; how many were placed.

    Two sequencers cannot both succeed: the place of a leaf and the size of a root are primary keys.
    """

    async def flow(tx: Transaction) -> int:
        rows = await tx.all(ledger.UNSEQUENCED, most=BATCH)
        if not rows:
            return 0
        frontier = await _frontier(tx)
        for row in rows:
            await tx.run(ledger.ADD_LEAF, index=frontier.size, disclosure_id=row["id"])
            frontier = frontier.append(leaf(row["entry"]))
        at = await tx.now()
        signature = hub.signer.sign(statement(hub.issuer, frontier.size, frontier.root(), at))
        await tx.run(
            ledger.ADD_ROOT, size=frontier.size, root=frontier.root(), at=at, signature=orjson.dumps(signature)
        )
        return len(rows)

    return (await write(hub, flow)).value


async def audit(hub: Hub) -> Verdict:
    """Walk the log from its first entry and compare every signed root with what the entries give."""
    async with hub.database.read() as reader:
        frontier = Frontier()
        for root in await reader.all(ledger.ROOTS):
            while frontier.size < root["size"]:
                most = min(BATCH, root["size"] - frontier.size)
                rows = await reader.all(ledger.LEAVES, first=frontier.size, most=most)
                if [row["index"] for row in rows] != list(range(frontier.size, frontier.size + most)):
                    return Verdict(frontier.size, frontier.root().hex(), f"a leaf is missing after {frontier.size}")
                frontier = frontier.extend(leaf(row["entry"]) for row in rows)
            signed = statement(hub.issuer, root["size"], root["root"], root["at"])
            if frontier.root() != root["root"]:
                return Verdict(frontier.size, frontier.root().hex(), f"the root of size {root['size']} is another")
            if not _signed(hub, signed, root["signature"]):
                return Verdict(frontier.size, frontier.root().hex(), f"the signature of {root['size']} is not ours")
        return Verdict(frontier.size, frontier.root().hex(), None)


async def _frontier(reader: Reader) -> Frontier:
    """The frontier of the sequenced leaves, walked again: a batch costs one pass, and no state can be wrong."""
    frontier = Frontier()
    while True:
        rows = await reader.all(ledger.LEAVES, first=frontier.size, most=BATCH)
        if not rows:
            return frontier
        frontier = frontier.extend(leaf(row["entry"]) for row in rows)


def _signed(hub: Hub, signed: bytes, signature: bytes) -> bool:
    keys = hub.keys.jwks()["keys"]
    found = orjson.loads(signature)
    return any(verify(key, signed, found) for key in keys if key.get("kid") == found["kid"])
