"""What one party leaves behind is not found by another: cookies of receivers, busy threads, waits for a count."""

import asyncio
import socket
import threading
import time
from typing import Any

import pytest

from app.delivery import addresses
from app.delivery.addresses import AddressRefused, addresses_of, parse
from app.delivery.sender import Sender
from app.exchange.allowances import Allowances
from app.storage.database import Unavailable
from tests.api.receiver import receiver
from tests.api.test_doorbell_sending import ring
from tests.service import run


@run
async def test_a_receiver_that_sets_a_cookie_is_sent_none_the_next_time() -> None:
    """Cookies go by address, and many receivers stand behind one: each would be sent what another had set."""
    sender = Sender(sandbox=True)
    async with receiver() as there:
        there.answer = b"HTTP/1.1 204 No Content\r\nSet-Cookie: a=b; Path=/\r\n\r\n"
        assert [await sender.send(ring(there.url)) for _ in range(2)] == ["taken", "taken"]
        assert [sorted(one.headers) for one in there.rung] == 2 * [sorted(there.rung[0].headers)]
        assert "cookie" not in there.rung[1].headers
    await sender.close()


@run
async def test_names_that_nobody_answers_for_hold_up_no_other_work_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A look-up cannot be stopped, only left alone: in threads of its own, or SQLite's commits would wait behind it."""
    ends = threading.Event()
    monkeypatch.setattr(addresses, "RESOLVE_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: ends.wait(10) and [])
    target = parse("https://slow.example/", sandbox=False)

    async def look() -> None:
        with pytest.raises(AddressRefused):
            await addresses_of(target, sandbox=False)

    try:
        await asyncio.gather(*(look() for _ in range(40)))
        async with asyncio.timeout(1):
            await asyncio.to_thread(int)
    finally:
        ends.set()


class Stalled:
    """A database whose row nobody gets at, for a while each time."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def write(self) -> "Stalled":
        return self

    async def __aenter__(self) -> Any:
        await asyncio.sleep(self._seconds)
        raise Unavailable("locked")

    async def __aexit__(self, *_: object) -> None:
        return None


@run
async def test_requests_that_wait_for_one_count_fail_together_and_not_one_after_the_other() -> None:
    begun, allowances = time.monotonic(), Allowances(600)
    database: Any = Stalled(0.2)
    outcomes = await asyncio.gather(
        *(allowances.spend(database, "c", 1_900_000_000) for _ in range(30)), return_exceptions=True
    )
    assert {type(one) for one in outcomes} == {Unavailable}
    assert time.monotonic() - begun < 1
