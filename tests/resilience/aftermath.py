"""Where a load begins, and what must be so after it: no news was skipped, every disclosure is in the tree."""

import asyncio
import time
import uuid
from typing import Final

import httpx

from app.sandbox import steps
from app.sandbox.start import COURT
from tests.resilience.acts import Cast
from tests.resilience.books import ledger
from tests.resilience.load import Load, entries
from tests.resilience.patient import NAMES
from tests.resilience.place import Place
from tests.storage.direct import rows

_UNPLACED: Final = "SELECT (SELECT count(*) FROM disclosure) - (SELECT count(*) FROM ledger_leaf)"


async def cast_of(there: Place, http: httpx.AsyncClient) -> Cast:
    """The parties and a new case."""
    judge, clinic = (there.party(http, name) for name in NAMES)
    case_id = await steps.register_case(judge, COURT, "docket", f"CR-{uuid.uuid4().hex[:12]}")
    return Cast(judge, clinic, case_id)


async def nothing_skipped(load: Load) -> int:
    """What the feed tells to one who begins anew, the follower was told under the same number."""
    while True:
        before = len(load.pages)
        await load.pull()
        if len(load.pages) > before and not load.pages[-1]:
            break
    told = {entry for page in load.pages for entry in page}
    answer = await load.cast.judge.get("/v1/events?limit=200")
    assert {entry for entry in entries(answer.json()) if entry[1] == load.cast.case_id} <= told
    return len(told)


async def sequenced(there: Place) -> tuple[int, str]:
    """Wait until every disclosure has its place in the tree, which must hold; its size and root."""
    there.sequencer.start()
    deadline = time.monotonic() + 60
    while rows(there.settings.database_url, _UNPLACED) != [(0,)]:
        assert time.monotonic() < deadline, "the worker does not go on"
        await asyncio.sleep(0.2)
    return await ledger(there.settings)
