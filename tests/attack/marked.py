"""A world with more than one of everything, and a real cursor of every list of the contract that has a second page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from tests.api.contract import operation, operations
from tests.attack import ground
from tests.attack.ground import Asked, Side, asked_of, settle
from tests.service import World, world

Cursors = dict[tuple[str, str], tuple[Asked, str]]
"""(client, operation) -> the request of a first page, and the cursor of the second."""
FILTERS = {
    "list_transfers": {"direction": "sent"},
    "list_reports_due": {"until": (datetime.now(UTC) + timedelta(days=300)).date().isoformat()},
}
"""What is asked for beside a page of one, so that there is a second."""


def lists() -> list[str]:
    """Every operation that takes a cursor."""
    return [
        documented["operationId"]
        for _, _, documented in operations()
        if any(one["name"] == "after" for one in documented["parameters"])
    ]


def page(name: str, side: Side) -> Asked:
    """The first page of a list, one item long."""
    asked = asked_of(name, side)
    return replace(asked, query=asked.query | FILTERS.get(name, {}) | {"limit": "1"})


@dataclass
class Marked:
    """Two units of one agency on each side, and the cursors of the first."""

    w: World
    side: Side
    other: Side
    cursors: Cursors


@asynccontextmanager
async def marked() -> AsyncIterator[Marked]:
    """A world in which every list has a second page, if it can have one."""
    async with world("sqlite") as w:
        await ground.more_units(w)
        side, other = await settle(w, ground.owner()), await settle(w, ground.neighbours()[0])
        for one in (side, other):
            await _more(w, one)
        yield Marked(w, side, other, await _cursors(w, side))


async def _more(w: World, side: Side) -> None:
    """A second one of what has only one so far: referral, wish, transfer, request, week; two incidents."""
    sent = (await ground.send(w, side.justice, asked_of("send_referral", side))).json()["id"]
    wish = replace(asked_of("request_consent", side), body={"referral_id": sent, "purpose": "condition_monitoring"})
    transfer, week = asked_of("send_transfer", side), asked_of("file_treatment_status", side)
    number = {"identifier": {"system": "s", "value": "second"}}
    period = {"period": {"start": "2026-11-16", "end": "2026-11-22"}, "sessions": [], "testing": []}
    more = replace(transfer, body=transfer.body | number), asked_of("register_request", side)
    for client, one in ((side.justice, wish), *((side.clinic, each) for each in more)):
        answer = await ground.send(w, client, one)
        assert answer.is_success, answer.text
    second = (await ground.send(w, side.clinic, replace(week, body=week.body | period))).json()["id"]
    await ground.send(w, side.justice, asked_of("read_treatment_statuses", side))
    for status in (side.known["status_id"], second):
        path = f"/v1/treatment-statuses/{status}/retraction"
        taken = await ground.send(w, side.clinic, Asked("POST", path, {}, {"reason": "wrong_patient"}))
        assert taken.is_success, taken.text


async def _cursors(w: World, side: Side) -> Cursors:
    found: Cursors = {}
    for name in lists():
        for client in side.client(operation(name)[2]):
            asked = page(name, side)
            answer = await ground.send(w, client, asked)
            assert answer.status_code == 200, f"{client} {name} {answer.text}"
            if "next" in answer.json():
                found[client, name] = asked, answer.json()["next"]
    return found
