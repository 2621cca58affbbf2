"""The stage of a story: its parties, what is narrated, and every difference from what should have happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.sandbox.party import Party
from app.sandbox.steps import must, reading

Seen = tuple[int, bytes, str]
"""Status, body and ETag: all that a justice unit can hold against an earlier answer."""


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


def seen(response: httpx.Response) -> Seen:
    """What a unit can compare."""
    return response.status_code, response.content, response.headers.get("etag", "")
