"""Clients that write, read and follow the feed without end, and keep every answer that reached them whole."""

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from app.sandbox.steps import reading
from tests.resilience.acts import MONITOR, Act, Cast, course

GONE: Final = (httpx.HTTPError, KeyError)
"""What a client meets when the other side dies."""
HANGS_UP: Final = 0.1
"""Share of the requests whose client hangs up before the answer is there whole."""

Entry = tuple[int, str, str, str]
"""Number, case, kind and purpose of an entry of the feed."""


@dataclass
class Load:
    """What was sent and what was received since the beginning."""

    cast: Cast
    acts: list[Act] = field(default_factory=list)
    bodies: list[list[str]] = field(default_factory=list)
    """The item ids of every body that arrived whole."""
    pages: list[list[Entry]] = field(default_factory=list)
    statuses: "Counter[str]" = field(default_factory=Counter)
    hung_up: int = 0
    cursor: str | None = None
    _people: "itertools.count[int]" = field(default_factory=itertools.count)

    async def run(self, stop: asyncio.Event, *, courses: int = 3, readers: int = 2) -> None:
        """Act until told to stop; what is under way then is left as it is, for ``finish``."""
        tasks = [asyncio.create_task(self._courses()) for _ in range(courses)]
        tasks += [asyncio.create_task(self._reads()) for _ in range(readers)]
        tasks.append(asyncio.create_task(self._follow()))
        ended = asyncio.create_task(stop.wait())
        await asyncio.wait([ended, *tasks], return_when=asyncio.FIRST_COMPLETED)
        failed = [task for task in tasks if task.done()]
        for task in (ended, *tasks):
            task.cancel()
        await asyncio.gather(ended, *tasks, return_exceptions=True)
        for task in failed:
            task.result()

    async def finish(self) -> None:
        """Send what was not acknowledged again, each with its own key, until it is."""
        for act in self.acts:
            async with asyncio.timeout(60):
                await self._until_acknowledged(act)

    async def _courses(self) -> None:
        while True:
            async for act in course(self.cast, next(self._people)):
                self.acts.append(act)
                await self._until_acknowledged(act)

    async def _until_acknowledged(self, act: Act) -> None:
        while act.answer is None:
            act.sent += 1
            headers = {"Idempotency_Key": act.key} if act.method == "POST" else {}
            answer = await self._answer(act.party.call(act.method, act.path, act.body, **headers))
            if answer is None or answer.status_code == 503 or _in_flight(answer):
                await asyncio.sleep(0.05)
                continue
            assert answer.status_code == act.status, (act.method, act.path, answer.status_code, answer.text)
            act.answer = answer.json()

    async def _answer(self, request: Awaitable[httpx.Response]) -> httpx.Response | None:
        """The whole answer, unless somebody died or the client hung up."""
        patience = random.uniform(0.001, 0.03) if random.random() < HANGS_UP else 30.0
        try:
            async with asyncio.timeout(patience):
                answer = await request
        except TimeoutError:
            self.hung_up += 1
            return None
        except GONE:
            return None
        self.statuses[f"{answer.status_code // 100}xx" if answer.status_code != 503 else "503"] += 1
        return answer

    async def _reads(self) -> None:
        kinds = itertools.cycle(("treatment-statuses", "assessments"))
        while True:
            await asyncio.sleep(random.uniform(0.02, 0.1))
            path = reading(next(kinds), self.cast.case_id, MONITOR)
            answer = await self._answer(self.cast.judge.get(path))
            if answer is not None and answer.status_code != 503:
                assert answer.status_code == 200, answer.text
                self.bodies.append([item["id"] for item in answer.json()["items"]])

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(random.uniform(0.05, 0.3))
            await self.pull()

    async def pull(self) -> None:
        """One page of the feed after the last one that arrived."""
        after = f"?after={self.cursor}" if self.cursor else ""
        answer = await self._answer(self.cast.judge.get(f"/v1/events{after}"))
        if answer is not None and answer.status_code != 503:
            assert answer.status_code == 200, answer.text
            page = answer.json()
            self.pages.append(entries(page))
            self.cursor = page["next"]


def entries(page: dict[str, Any]) -> list[Entry]:
    """The entries of a page."""
    return [(one["number"], one["case_id"], one["kind"], one["purpose"]) for one in page["items"]]


def _in_flight(answer: httpx.Response) -> bool:
    return answer.status_code == 409 and answer.json()["code"] == "idempotency_in_flight"
