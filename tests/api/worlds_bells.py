"""Doorbells and paces, as observers meet them: rings at a real receiver, and requests beyond what a minute allows."""

import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Final

import pytest

from app.delivery.backoff import TICK_US, WAITS
from app.delivery.sender import Sender
from app.exchange import clock, doorbells
from app.exchange.allowances import Allowances
from app.exchange.ringing import ring
from tests.api.receiver import BUSY, OK, Receiver, Rung, receiver
from tests.api.worlds_bijection import Transcript
from tests.api.worlds_http import Answered, Asked
from tests.api.worlds_observers import Observer
from tests.api.worlds_scene import DIVERSION, JUDGE, PROBATION, Scene

LISTENING: Final = (JUDGE, DIVERSION, PROBATION)
PER_MINUTE: Final = 20


class Door:
    """Where every bell of both worlds rings, one world after the other, and what rings them."""

    def __init__(self, door: Receiver, sender: Sender) -> None:
        self.url = door.url
        self._door = door
        self._sender = sender

    async def ring(self, scene: Scene, *, taken: bool) -> Transcript:
        """Ring what is due in one world; what came, by receiver. Those of one instant have no order among them."""
        self._door.answer = OK if taken else BUSY
        self._door.rung.clear()
        await ring(scene.hub, self._sender, once=True)
        return [_heard(one) for one in sorted(self._door.rung, key=lambda one: one.line)]


def _heard(one: Rung) -> tuple[Asked, Answered]:
    who = one.line.split(" ")[1]
    return Asked(who, "ring", "POST", who), Answered(0, tuple(one.headers.items()), one.body)


@asynccontextmanager
async def door() -> AsyncIterator[Door]:
    """A receiver, and a sender as a worker has one."""
    sender = Sender(sandbox=True)
    async with receiver() as one:
        try:
            yield Door(one, sender)
        finally:
            await sender.close()


async def listen(scene: Scene, url: str) -> None:
    """Some observers ask to be rung, each at a path of its own."""
    for who in LISTENING:
        await scene.does(who, "POST", "/v1/webhooks", {"url": f"{url}/{who}"})


def wait_us(busy: int) -> int:
    """How long to wait until any ring is surely due that was refused ``busy`` times running, in microseconds.

    When exactly it is tried again follows from its random id, which the worlds do not share.
    """
    return TICK_US if not busy else int(WAITS[min(busy, len(WAITS)) - 1] * 1.1 + 6) * 1_000_000


async def look(scene: Scene) -> None:
    """What a worker does at a tick before it rings."""
    await doorbells.look(scene.hub)


@contextmanager
def paced(*scenes: Scene) -> Iterator[None]:
    """While it lasts, each client has a small allowance, and the minutes of both worlds stand still."""
    stopped = int(time.time())
    unlimited = [scene.app.state.hub for scene in scenes]
    for scene, hub in zip(scenes, unlimited, strict=True):
        scene.app.state.hub = replace(hub, allowances=Allowances(PER_MINUTE))
    try:
        with pytest.MonkeyPatch.context() as minutes:
            minutes.setattr(clock, "seconds", lambda: stopped)
            yield
    finally:
        for scene, hub in zip(scenes, unlimited, strict=True):
            scene.app.state.hub = hub


async def hurry(observer: Observer, chance: random.Random) -> None:
    """More requests than a minute allows, of what the observer may read and of what it may not."""
    for _ in range(PER_MINUTE + 5):
        await observer.get("me", "/v1/me")
        if chance.random() < 0.3:
            await observer.glance(chance)
