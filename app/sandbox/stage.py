"""The stage of a story: its parties, what is narrated, and every difference from what should have happened."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from app.sandbox.party import Party
from app.sandbox.steps import must, reading

Seen = tuple[int, bytes, str]
"""Status, body and ETag: all that a justice unit can hold against an earlier answer."""
Told = tuple[str, dict[str, Any]]
"""First day of a window or ``CURRENT``, and element -> value."""
CURRENT: Final = "current"


@dataclass
class Stage:
    """Where a story is played."""

    clients: Mapping[str, dict[str, Any]]
    http: httpx.AsyncClient
    token_url: str
    say: Callable[[str], None]
    differences: list[str] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict)

    def party(self, client: str) -> Party:
        """A client by its sandbox id without the ``c-``; the same object every time, so that its token is reused."""
        parties: dict[str, Party] = self.memory.setdefault("parties", {})
        if client not in parties:
            parties[client] = Party(self.http, self.clients[f"c-{client}"], self.token_url)
        return parties[client]

    async def through(self, *scenes: Callable[["Stage"], Awaitable[None]]) -> list[str]:
        """Play the scenes one after the other; the differences from what should be, if any."""
        for scene in scenes:
            await scene(self)
        return self.differences

    def expect(self, what: str, actual: Any, wanted: Any) -> None:
        """Note a difference; a story goes on, so that one run tells all of them."""
        if actual == wanted:
            self.say(f"    ok  {what}")
        else:
            self.differences.append(f"{what}: expected {wanted!r}, got {actual!r}")
            self.say(f"  DIFF  {what}: expected {wanted!r}, got {actual!r}")

    async def elements(self, client: str, kind: str, case_id: str, purpose: str = "condition_monitoring") -> list[str]:
        """The names of every element that a client is shown of one kind in a case, sorted."""
        body = await must(await self.party(client).get(reading(kind, case_id, purpose)))
        return sorted({name for item in body["items"] for name in item["elements"]})

    async def looks(self, client: str, *paths: str) -> list[Seen]:
        """What a client sees on each of these paths, to be held against another time."""
        return [seen(await self.party(client).get(path)) for path in paths]

    async def values(self, client: str, kind: str, case_id: str, purpose: str = "condition_monitoring") -> list[Told]:
        """What a client is told of one kind in a case: the current item, if any, then windows from the newest."""
        items = (await must(await self.party(client).get(reading(kind, case_id, purpose))))["items"]
        told = [(item, {name: cell["value"] for name, cell in item["elements"].items()}) for item in items]
        return [(item.get("period", {}).get("start", CURRENT), values) for item, values in told]


def seen(response: httpx.Response) -> Seen:
    """What a unit can compare."""
    return response.status_code, response.content, response.headers.get("etag", "")
