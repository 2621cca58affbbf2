"""The server's side of a connection: how many there may be, and how long the head of a request may take.

What stands here happens before there is a request that the edge could refuse; the rest is in ``middleware``.
"""

import asyncio
from typing import Any, Final

from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from app.routers.problems import response_of, unavailable
from app.routers.refusals import BadRequest, HeadTooSlow

MOST: Final = 2000
"""Open connections of one process, idle ones included."""
HEAD_SECONDS: Final = 20.0
WRITE_SECONDS: Final = 20.0
"""How long a client may take nothing of an answer: what waits behind it holds one of the few places at the edge."""
HEAD_BYTES: Final = 65_536
"""What is read of a head that does not end: the parser sets no limit, and would keep all of it."""


class Connection(HttpToolsProtocol):
    """uvicorn's own, with limits. One that is idle between requests it closes by itself, after five seconds.

    What comes after an answer and begins no request (a body that nobody read, empty lines) stops that clock for good:
    it has the time of a head, then the connection is closed without a word, for the request has had its answer.
    """

    most = MOST
    head_seconds = HEAD_SECONDS
    head_bytes = HEAD_BYTES
    write_seconds = WRITE_SECONDS
    _unended = 0
    _timer: asyncio.TimerHandle | None = None
    _rest: asyncio.TimerHandle | None = None
    _in_head = True
    _unread: asyncio.TimerHandle | None = None
    _answered: RequestResponseCycle | None = None

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
        self._limit_rest()
        self._unended = self._unended + len(data) if self._timer is not None else 0
        if self._unended > self.head_bytes and not self.transport.is_closing():
            self._refuse(response_of(BadRequest("request_malformed", "The head of the request is too long.")))

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._stop_waiting()
        self._stop_rest()
        self._stop_unread()
        if self._answered is not None:
            self._answered.disconnected = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """The client does not take what is sent; closing would wait for it as well."""
        super().pause_writing()
        self._stop_unread()
        self._unread = self.loop.call_later(self.write_seconds, self._cut)

    def resume_writing(self) -> None:
        """It does."""
        self._stop_unread()
        super().resume_writing()

    def on_message_begin(self) -> None:
        """From its first byte on, a head has its time."""
        super().on_message_begin()
        self._in_head = True
        self._stop_rest()
        self._wait_for_head()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, unless it is a trailer: nobody before us has looked at that, and it is none (RFC 9110 6.5.1)."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there; the body has its own time."""
        self._stop_waiting()
        self._in_head = False
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._stop_waiting()
        self._timer = self.loop.call_later(self.head_seconds, self._too_slow)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _limit_rest(self) -> None:
        """Once, when something came, nothing is to be answered, and no head has begun."""
        answered = getattr(self.cycle, "response_complete", False)
        if answered and self._timer is None and self._rest is None and not self.transport.is_closing():
            self._rest = self.loop.call_later(self.head_seconds, self.transport.close)

    def _stop_rest(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
            self._rest = None

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        """One request is answered at a time, not always the last that came: uvicorn remembers that one alone."""
        self._answered = cycle
        super()._start_asgi_task(cycle, app)

    def _cut(self) -> None:
        """What is answered learns first that nobody is there, or it would write to what is closed and fail."""
        if self._answered is not None:
            self._answered.disconnected = True
        self.transport.abort()

    def _stop_unread(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

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
