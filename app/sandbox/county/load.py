"""Play a county into a running instance through its public API, as courts' and clinics' own software would."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

from app.sandbox.county.call import Call, filled
from app.sandbox.county.calls import calls, identifier
from app.sandbox.county.people import Resident
from app.sandbox.party import Party
from app.sandbox.steps import must

AT_ONCE: Final = 8
"""Residents played at a time, so that their writes share commits."""
STATUSES: Final = "/v1/treatment-statuses"

Parties = Callable[[str], Party]
"""A client by its sandbox id without the ``c-``; the same object every time, so that its token is reused."""


async def load(party: Parties, residents: Sequence[Resident], today: date, say: Callable[[str], None]) -> int:
    """Play everybody whom no sender has referred yet; how many they were.

    Somebody whose calls were cut off half-way is not taken up again: then take a new database.

    Raises:
        ExceptionGroup: the API answered a call otherwise than it should, AssertionError inside.
    """
    there = await _referred(party, {resident.sender.client for resident in residents})
    waiting = [resident for resident in residents if identifier(resident) not in there]
    began, played, gate = time.monotonic(), 0, asyncio.Semaphore(AT_ONCE)

    async def one(resident: Resident) -> None:
        nonlocal played
        async with gate:
            await play(party, calls(resident, today))
        played += 1
        if played % 50 == 0 or played == len(waiting):
            say(f"  {played} of {len(waiting)} people, {time.monotonic() - began:.0f} s")

    async with asyncio.TaskGroup() as group:
        for resident in waiting:
            group.create_task(one(resident))
    return len(waiting)


async def play(party: Parties, made: Iterable[Call]) -> dict[str, str]:
    """Make the calls about one resident in their order; what was kept of the answers."""
    known: dict[str, str] = {}
    for call in batched(made):
        now = datetime.now(UTC).replace(microsecond=0).isoformat()
        path, body = filled(call.path, known), filled(call.body, known | {"now": now})
        answer = await must(await party(call.client).call(call.method, path, body), call.status)
        refused = [result for result in answer.get("results", ()) if result["status"] != 201]
        if refused:
            raise AssertionError(f"{call.path}: {refused[0]}")
        known |= {name: answer[member] for name, member in (call.keep or {}).items()}
    return known


def batched(made: Iterable[Call]) -> Iterator[Call]:
    """The calls with the statuses that follow one another put into one batch, as a clinic's night run would."""
    gathered: list[Call] = []
    for call in made:
        if call.path == STATUSES and call.method == "POST":
            gathered.append(call)
            continue
        yield from _batch(gathered)
        gathered = []
        yield call
    yield from _batch(gathered)


def _batch(gathered: Sequence[Call]) -> Iterator[Call]:
    if gathered:
        items = [call.body for call in gathered]
        yield Call(gathered[0].client, "POST", f"{STATUSES}/batch", {"items": items})


async def _referred(party: Parties, senders: Iterable[str]) -> set[str]:
    """The sender's own identifiers of everything that these clients' units have sent."""
    found: set[str] = set()
    for sender in sorted(senders):
        page: dict[str, Any] = {"next": ""}
        while "next" in page:
            after = f"&after={page['next']}" if page["next"] else ""
            page = await must(await party(sender).get(f"/v1/referrals?limit=200{after}"))
            found |= {sent["identifier"]["value"] for sent in page["items"] if "identifier" in sent}
    return found
