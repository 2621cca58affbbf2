"""Clients of the soak: each lane one kept-alive connection with one request at a time, timed on bare streams."""

import asyncio
import contextlib
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.instance import Running, token

LASTS: Final = 200.0
"""Seconds for which a token is used; it lives for 300."""


@dataclass
class Tally:
    """What all lanes did: seconds by name, statuses by name, what was answered that no client should meet."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def count(self, name: str, status: int, taken: float) -> None:
        """One answer."""
        self.seconds.setdefault(name, []).append(taken)
        self.statuses.setdefault(name, Counter())[status] += 1


class Lane:
    """One connection of one client."""

    def __init__(self, running: Running, entry: dict[str, Any], tally: Tally) -> None:
        self._running, self._entry, self.tally = running, entry, tally
        self._until, self._held = 0.0, ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The JSON of a good answer; {} of a documented 503, after the wait it asks for. Anything else is a fault."""
        await self._refresh()
        sent = json.dumps(body).encode() if body is not None else b""
        begun = time.perf_counter()
        try:
            status, headers, content = await self._exchange(method, path, sent)
        except (ConnectionError, asyncio.IncompleteReadError) as error:
            self.close()
            self.tally.faults.append(f"{name}: {type(error).__name__}")
            return {}
        self.tally.count(name, status, time.perf_counter() - begun)
        if status == 503 and b"\r\nretry-after: " in headers and b"application/problem+json" in headers:
            await asyncio.sleep(1)
            return {}
        if not 200 <= status < 300:
            self.tally.faults.append(f"{name}: {status} {content[:200]!r}")
            return {}
        found: dict[str, Any] = json.loads(content)
        return found

    def close(self) -> None:
        """End the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _refresh(self) -> None:
        if time.monotonic() > self._until:
            self._held = await asyncio.to_thread(token, self._running, self._entry)
            self._until = time.monotonic() + LASTS

    async def _exchange(self, method: str, path: str, body: bytes) -> tuple[int, bytes, bytes]:
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection("127.0.0.1", self._running.port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self._held}"]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        _, _, rest = head.partition(b"\r\ncontent-length: ")
        content = await reader.readexactly(int(rest.partition(b"\r\n")[0] or 0))
        if b"\r\nconnection: close" in head:
            self.close()
        return int(head[9:12]), head, content


@contextlib.asynccontextmanager
async def running(*tasks: "asyncio.Task[None]") -> Any:
    """Tasks that go on while something is measured; one that failed fails the measurement."""
    try:
        yield
    finally:
        done = [task for task in tasks if task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for task in done:
            task.result()
