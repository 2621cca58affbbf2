"""One client on one kept-alive connection, one request at a time: what both sides of a comparison are asked through."""

import http.client
import json
import time
from types import TracebackType
from typing import Any

from benchmarks.instance import Running, token
from benchmarks.processes import cpu_seconds

LASTS: float = 200.0
"""Seconds for which a token is used; it lives for 300."""


class Client:
    """Standard library only, so that the client costs as little as it can of the cores that it shares."""

    def __init__(self, running: Running, entry: dict[str, Any]) -> None:
        self._running = running
        self._entry = entry
        self._until = 0.0
        self._authorization = ""
        self._connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=600)

    def __enter__(self) -> "Client":
        self.refresh()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._connection.close()

    def refresh(self) -> None:
        """A token that outlives what is timed next; asked for outside of it."""
        if time.monotonic() > self._until:
            self._authorization = f"Bearer {token(self._running, self._entry)}"
            self._until = time.monotonic() + LASTS

    def get(self, path: str) -> bytes:
        """The body of a 200."""
        return self._ask("GET", path, None, 200)

    def post(self, path: str, body: bytes, status: int = 200) -> bytes:
        """The body of the answer to a JSON body; anything but ``status`` is an error of the measurement."""
        return self._ask("POST", path, body, status)

    def _ask(self, method: str, path: str, body: bytes | None, status: int) -> bytes:
        headers = {"Authorization": self._authorization}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != status:
            raise AssertionError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content


class Meter:
    """CPU seconds of the server and its database since the meter was made."""

    def __init__(self, running: Running, postmaster: int | None) -> None:
        self._roots = [running.process.pid, *([postmaster] if postmaster is not None else [])]
        self._before = self._now()

    def _now(self) -> float:
        return sum(cpu_seconds(root) for root in self._roots)

    def seconds(self) -> float:
        """So many seconds; the kernel counts in hundredths."""
        return self._now() - self._before


def body_of(value: object) -> bytes:
    """A request's JSON body."""
    return json.dumps(value).encode()
