"""The load: a process of its own that repeats one GET over kept-alive connections. Standard library only.

``python -m benchmarks.loader`` reads one JSON object from standard input, ``{"host", "port", "path", "token",
"connections", "seconds"}``, and prints ``{"counted", "seconds", "total", "p50_ms", "p99_ms", "statuses", "bytes"}``.
It speaks HTTP/1.1 on bare sockets, so that the client costs as little as it can of the cores that it shares.
"""

import asyncio
import json
import sys
import time
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

WARM_UP_SECONDS: Final = 0.3
_END_OF_HEAD: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"


@dataclass
class Tally:
    """What all connections did together."""

    started: float = 0.0
    ends: float = 0.0
    total: int = 0
    times: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    size: int = 0


class Connection(asyncio.Protocol):
    """One connection with one request in flight, until the time is over."""

    def __init__(self, request: bytes, tally: Tally, over: "asyncio.Future[None]") -> None:
        self._request, self._tally, self._over = request, tally, over
        self._received = bytearray()
        self._needed = 0
        self._asked_at = 0.0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask at once."""
        self._transport = transport
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        """A connection that ends before the time is over is an error of the measurement."""
        if not self._over.done():
            self._over.set_exception(exc or ConnectionError("the server closed a kept-alive connection"))

    def data_received(self, data: bytes) -> None:
        """Collect one whole response, then ask again."""
        self._received += data
        if not self._needed:
            self._needed = self._length()
        if self._needed and len(self._received) >= self._needed:
            self._count()
            self._received.clear()
            self._needed = 0
            if time.perf_counter() < self._tally.ends:
                self._ask()
            elif not self._over.done():
                self._over.set_result(None)

    def _ask(self) -> None:
        self._asked_at = time.perf_counter()
        self._transport.write(self._request)

    def _length(self) -> int:
        """Bytes of the whole response, 0 while its head is incomplete."""
        end = self._received.find(_END_OF_HEAD)
        if end < 0:
            return 0
        head = bytes(self._received[:end]).lower()
        _, found, rest = head.partition(_LENGTH)
        return end + len(_END_OF_HEAD) + (int(rest.split(b"\r\n", 1)[0]) if found else 0)

    def _count(self) -> None:
        tally, now = self._tally, time.perf_counter()
        tally.total += 1
        status = self._received[9:12].decode("ascii")
        tally.statuses[status] = tally.statuses.get(status, 0) + 1
        tally.size = len(self._received) - self._received.find(_END_OF_HEAD) - len(_END_OF_HEAD)
        if self._asked_at >= tally.started and now <= tally.ends:
            tally.times.append(now - self._asked_at)


async def load(job: dict[str, Any]) -> dict[str, Any]:
    """Run one job and give what was counted between the warm-up and the end."""
    loop = asyncio.get_running_loop()
    host = f"{job['host']}:{job['port']}"
    head = f"GET {job['path']} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {job['token']}\r\n\r\n"
    tally = Tally()
    tally.started = time.perf_counter() + WARM_UP_SECONDS
    tally.ends = tally.started + job["seconds"]
    futures, transports = [], []
    for _ in range(job["connections"]):
        over: asyncio.Future[None] = loop.create_future()
        futures.append(over)
        made = partial(Connection, head.encode("ascii"), tally, over)
        transport, _ = await loop.create_connection(made, job["host"], job["port"])
        transports.append(transport)
    await asyncio.gather(*futures)
    for transport in transports:
        transport.close()
    times = sorted(tally.times) or [0.0]
    return {
        "counted": len(tally.times),
        "seconds": job["seconds"],
        "total": tally.total,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[min(len(times) - 1, len(times) * 99 // 100)] * 1000,
        "statuses": tally.statuses,
        "bytes": tally.size,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(load(json.load(sys.stdin)))))
