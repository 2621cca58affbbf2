"""Whether there is something to ask the feed for: the same views, decided in the same way, told to nobody (design 6).

A doorbell has a memory of its own beside the feed's: what the views said when it last looked. It rings iff a view says
something that neither the reader was told nor the bell has rung for. What ends, and what is filed and not
shown, makes no news of any view and so rings for nobody. Nothing is numbered, no disclosure is recorded: none is made.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.consent.minimise import Parcel, minimise
from app.delivery.backoff import next_tick
from app.exchange.authenticate import BY_SECRET
from app.exchange.feed_views import has_news, name_of, packed, question_of, unpacked, view_of, week_ends
from app.exchange.hub import Hub
from app.exchange.release import granted
from app.exchange.unit import write
from app.log import log
from app.storage import feed, webhooks
from app.storage.database import Reader, Row, Transaction, Unavailable
from app.vocabulary import PURPOSES_OF_ROLE, MessageKind, Purpose, Role

CHUNK: Final = 50
"""Cases that one transaction looks at."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is rung: a unit in a role, with no person; through a client that could ask at this moment."""

    webhook: str
    unit: str
    unit_name: str
    role: Role
    client: str
    assignment: str
    key: str
    person: None = None


def memory_of(webhook: str) -> str:
    """Under which a bell's memory stands among those of the feed; a unit's id has no such form."""
    return f"{webhooks.BELL}{webhook}"


async def look(hub: Hub) -> None:
    """Look for every live webhook, and set a ring for the next tick where there is news.

    One whose case the database cannot answer is looked at again at the next tick.
    """
    async with hub.database.read() as reader:
        silenced = await reader.all(webhooks.SILENCED)
        rows = await reader.all(webhooks.LISTENING)
    for row in silenced:
        await _silence(hub, row["webhook_id"])
    for row in rows:
        try:
            await _look(hub, _listener(hub, row))
        except Unavailable:
            log("doorbell_unseen", level="error", unit_id=row["unit_id"], client_id=row["client_id"])


async def _silence(hub: Hub, webhook: str) -> None:
    """The client may ask no longer: its ring ends. Its memory goes too, so that one who is let in again is rung."""

    async def flow(tx: Transaction) -> None:
        await tx.run(webhooks.SILENCE, webhook=webhook)
        await tx.run(webhooks.FORGET_SEEN, webhook=webhook)
        await tx.run(webhooks.FORGET_VIEWS, webhook=webhook)

    await write(hub, flow)


def _listener(hub: Hub, row: Row) -> Listener:
    by_secret = BY_SECRET if hub.sandbox and row["secret_hash"] is not None else ""
    key = row["key"] or by_secret  # none: the facts find no live caller, and nothing is granted
    role = Role(row["role"])
    return Listener(row["id"], row["unit_id"], row["unit_name"], role, row["client_id"], row["assignment"], key)


async def _look(hub: Hub, listener: Listener) -> None:
    async with hub.database.read() as reader:
        state = await reader.one(webhooks.STATE, webhook=listener.webhook)
        if not await _changed(reader, listener, "", 1) and (state is None or not state["unscheduled"]):
            return
    after: str | None = ""
    while after is not None:
        async with hub.database.write() as tx:
            after = await _Look(hub, listener, tx).chunk(after)
    # Not before every chunk was looked at: how many cases were is nothing that a ring may tell.
    async with hub.database.write() as tx:
        await tx.run(webhooks.SCHEDULE, webhook=listener.webhook, at=next_tick(await tx.now()))


async def _changed(reader: Reader, listener: Listener, after: str, most: int) -> Sequence[Row]:
    """Cases whose view may be another than when the bell last looked."""
    asked = {"reader": memory_of(listener.webhook), "unit": listener.unit, "now": await reader.now()}
    return await reader.all(feed.CANDIDATES, after_case=after, most=most, **asked)


class _Look:
    """One transaction of one webhook."""

    def __init__(self, hub: Hub, listener: Listener, tx: Transaction) -> None:
        self._hub = hub
        self._listener = listener
        self._tx = tx
        self._memory = memory_of(listener.webhook)
        self._told = name_of(listener.unit, listener.role, None)
        self._purposes = sorted(PURPOSES_OF_ROLE[listener.role])

    async def chunk(self, after: str) -> str | None:
        """Look at the next cases; the last one of them, or None where no further ones are left."""
        webhook = self._listener.webhook
        if await self._tx.run(webhooks.HOLD, of=webhook) != 1:
            return None  # it was ended meanwhile
        found = await _changed(self._tx, self._listener, after, CHUNK)
        views = [(row["case_id"], purpose) for row in found for purpose in self._purposes]
        questions = [question_of(self._listener, *view) for view in views]
        rows = await granted(self._hub, self._tx, questions) if questions else []
        parcels = dict(zip(views, map(minimise, rows), strict=True))
        news = [said for row in found for said in await self._case(row, parcels)]
        state = await self._tx.one(webhooks.STATE, webhook=webhook)
        if news and state is not None:
            fresh = self._hub.vault.view_id(self._listener.unit, "bell", state["digest"], *news)
            await self._tx.run(webhooks.NEWS, webhook=webhook, fresh=fresh, other=secrets.token_hex(16))
        return found[-1]["case_id"] if len(found) == CHUNK else None

    async def _case(self, row: Row, parcels: dict[tuple[str, Purpose], Parcel]) -> list[str]:
        """What is news in one case. The bell remembers what the views say now, whether they rang or not."""
        case_id, now = row["case_id"], await self._tx.now()
        told, rung = await self._kept(self._told, case_id), await self._kept(self._memory, case_id)
        news, until = [], week_ends(now)
        for purpose in self._purposes:
            parcel = parcels[case_id, purpose]
            until = min(until, parcel.verdict.valid_until)
            for kind in MessageKind:
                view, place = view_of(self._hub.vault, parcel, kind), (kind.value, purpose.value)
                before, says = rung.get(place, ""), packed(view)
                if has_news(unpacked(before), view) and has_news(unpacked(told.get(place, "")), view):
                    news.append("|".join((case_id, *place, says)))
                if says != before:
                    await self._remember(case_id, place, says, now)
        await self._tx.run(feed.SEE, reader=self._memory, case_id=case_id, mark=row["mark"], due_at=until)
        return news

    async def _kept(self, reader: str, case_id: str) -> dict[tuple[str, str], str]:
        rows = await self._tx.all(feed.VIEWS, reader=reader, case_id=case_id)
        return {(row["kind"], row["purpose"]): row["digest"] for row in rows}

    async def _remember(self, case_id: str, place: tuple[str, str], says: str, now: int) -> None:
        kind, purpose = place
        await self._tx.run(
            feed.TELL,
            reader=self._memory,
            case_id=case_id,
            kind=kind,
            purpose=purpose,
            digest=says,
            number=0,
            created_at=now,
        )
