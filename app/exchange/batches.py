"""Many treatment statuses in one request: each with its own result, commits shared by a few dozen of them."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from app.errors import Conflict, Flaw, Invalid, NotFound
from app.exchange import patients, statuses
from app.exchange.authenticate import Caller
from app.exchange.hub import Hub
from app.exchange.idempotent import Once, once
from app.exchange.item_by_item import ItemByItem
from app.exchange.unit import Committed, results_of
from app.messages.treatment_status import TreatmentStatus
from app.storage.database import Transaction
from app.storage.together import TOGETHER

CHUNK: Final = TOGETHER
"""Items of one commit. More would gain little, and every other writer of SQLite waits so long."""

LANES: Final = 3
"""Chunks under way at once: PostgreSQL works at one while this process prepares another. SQLite takes turns."""

Result = dict[str, Any]
_Body = tuple[int, dict[str, Any]]
_STATUS: Final = {Invalid: 422, NotFound: 404, Conflict: 409}


@dataclass(frozen=True, slots=True)
class Item:
    """One status of the batch, and its place there."""

    index: int
    status: TreatmentStatus


async def file_all(hub: Hub, caller: Caller, items: Sequence[Item], this: Once) -> Committed[list[Result]]:
    """File each status as a single request would; one that is refused undoes nothing but itself.

    A key names the whole batch: what was committed before a failure is answered again, the rest is then filed, and so
    is an item that had met another request about its identifier. Results are not in the order sent.
    """
    lanes = (_lane(hub, caller, lane, number, this) for number, lane in enumerate(_lanes(items)))
    done = await asyncio.gather(*lanes, return_exceptions=True)  # each to its end: none is left to run unseen
    failed = [one for one in done if isinstance(one, BaseException)]
    if failed:
        raise failed[0]
    return results_of([part for lane in done if not isinstance(lane, BaseException) for part in lane])


async def _lane(hub: Hub, caller: Caller, lane: Sequence[Item], number: int, this: Once) -> list[Committed[_Body]]:
    parts = []
    for place, chunk in enumerate(_chunks(lane)):
        # A kept answer is that of one chunk, so its name says how the batch was cut.
        name = f"{this.route}#{LANES}x{CHUNK}/{number}.{place}"
        once_ = Once(name, this.key, this.body, this.status, narrowing=_narrows(chunk[0]))
        parts.append(await _file(hub, caller, chunk, once_))
    return parts


def refused(index: int, problem: Invalid | NotFound | Conflict) -> Result:
    """The result of an item that was not filed; pointers lead into the batch."""
    status = next(code for kind, code in _STATUS.items() if isinstance(problem, kind))
    shown: dict[str, Any] = {"code": problem.code, "detail": problem.detail}
    shown |= {"errors": [_entry(index, flaw) for flaw in problem.errors]} if problem.errors else {}
    return {"index": index, "status": status, "problem": shown}


def _entry(index: int, flaw: Flaw) -> dict[str, str]:
    entry = {"pointer": f"/items/{index}{flaw.pointer}", "code": flaw.code, "detail": flaw.detail}
    return entry | ({"section": flaw.section} if flaw.section else {})


def _lanes(items: Sequence[Item]) -> list[list[Item]]:
    """The items of each patient in one lane, in the order sent; patients in the order of their ids.

    Locks that are taken in one order cannot deadlock, and no lane waits for another.
    """
    ordered = sorted(items, key=lambda item: item.status.patient_id)
    lanes: list[list[Item]] = [[]]
    for item in ordered:
        another = bool(lanes[-1]) and lanes[-1][-1].status.patient_id != item.status.patient_id
        if another and len(lanes) < LANES and len(lanes[-1]) >= len(ordered) / LANES:
            lanes.append([])
        lanes[-1].append(item)
    return lanes


def _chunks(lane: Sequence[Item]) -> Iterator[list[Item]]:
    """What is committed together. A correction takes the gate's lock, last and until its end: it is alone."""
    chunk: list[Item] = []
    for item in lane:
        if chunk and (len(chunk) == CHUNK or _narrows(item) or _narrows(chunk[0])):
            yield chunk
            chunk = []
        chunk.append(item)
    if chunk:
        yield chunk


def _narrows(item: Item) -> bool:
    return item.status.supersedes is not None


async def _file(hub: Hub, caller: Caller, chunk: list[Item], part: Once) -> Committed[_Body]:
    async def flow(tx: Transaction) -> dict[str, Any]:
        return {"results": await _each(hub, caller, chunk, tx)}

    async def again(tx: Transaction, kept: dict[str, Any]) -> dict[str, Any]:
        passing = {result["index"] for result in kept["results"] if _passing(result)}
        repeated = [item for item in chunk if item.index in passing]
        anew = {item.index for item in repeated}
        settled = [await _again(caller, result, tx) for result in kept["results"] if result["index"] not in anew]
        return {"results": settled + (await _each(hub, caller, repeated, tx) if repeated else [])}

    return await once(hub, caller, part, flow, again)


async def _each(hub: Hub, caller: Caller, items: Sequence[Item], tx: Transaction) -> list[Result]:
    one_by_one = ItemByItem(tx)
    await one_by_one.foresee(caller.unit, {item.status.patient_id for item in items})
    results = [await _one(hub, caller, item, one_by_one) for item in items]
    await one_by_one.finish()
    return results


async def _one(hub: Hub, caller: Caller, item: Item, one_by_one: ItemByItem) -> Result:
    await asyncio.sleep(0)  # SQLite is asked inline: let other requests in between
    try:
        async with one_by_one.item() as tx:
            filed = await statuses.file(hub, caller, item.status, tx)
    except (Invalid, NotFound, Conflict) as problem:
        return refused(item.index, problem)
    return {"index": item.index, "status": 201, **filed}


def _passing(result: Result) -> bool:
    """Whether it was refused for the moment only: filed again, it is safe from doubles by its identifier alone."""
    return bool(result.get("problem", {}).get("code") == "idempotency_in_flight")


async def _again(caller: Caller, result: Result, tx: Transaction) -> Result:
    """A kept result, authorised as things stand now."""
    try:
        if "patient_id" in result:
            await patients.own(tx, caller.unit, result["patient_id"])
    except NotFound as problem:
        return refused(result["index"], problem)
    return result
