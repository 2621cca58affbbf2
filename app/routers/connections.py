"""The server's side of a connection: how many there may be, and how long the head of a request may take.

What stands here happens before there is a request that the edge could refuse; the rest is in ``middleware``.
"""

import asyncio
from typing import Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from app.routers.problems import response_of, unavailable
from app.routers.refusals import BadRequest, HeadTooSlow

MOST: Final = 2000
"""Open connections of one process, idle ones included."""
HEAD_SECONDS: Final = 20.0
HEAD_BYTES: Final = 65_536
"""What is read of a head that does not end: the parser sets no limit, and would keep all of it."""


class Connection(HttpToolsProtocol):
    """uvicorn's own, with three limits. One that is idle between requests it closes by itself, after five seconds."""

    most = MOST
    head_seconds = HEAD_SECONDS
    head_bytes = HEAD_BYTES
    _unended = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn's own
        """Serve it, unless there are too many."""
        super().connection_made(transport)
        if len(self.connections) > self.most:
            self._refuse(unavailable())
        else:
            self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Read on, unless a head has grown beyond what any honest client sends."""
        super().data_received(data)
        self._unended = self._unended + len(data) if self._timer is not None else 0
        if self._unended > self.head_bytes and not self.transport.is_closing():
            self._refuse(response_of(BadRequest("request_malformed", "The head of the request is too long.")))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """From its first byte on, a head has its time."""
        super().on_message_begin()
        self._wait_for_head()

    def on_headers_complete(self) -> None:
        """The head is there; the body has its own time."""
        self._stop_waiting()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if not getattr(self.cycle, "response_complete", True):
            self._wait_for_head()  # an answer to the request before is under way
        else:
            self._refuse(response_of(HeadTooSlow()))

    def _refuse(self, response: Response) -> None:
        """Say why, as every other refusal does, and close."""
        head = [STATUS_LINE[response.status_code]]
        headers = [(name, value) for name, value in response.raw_headers if name != b"connection"]
        head += [name + b": " + value + b"\r\n" for name, value in headers]
        self.transport.write(b"".join([*head, b"connection: close\r\n\r\n", bytes(response.body)]))
        self.transport.close()
