"""Two worlds side by side: their common clock, steps in both or in one, and observers whose answers are compared."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.api.worlds_bijection import Comparison
from tests.api.worlds_hidden_more import GIVES, HIDDEN
from tests.api.worlds_observers import Observer
from tests.api.worlds_robin import Keeper
from tests.api.worlds_scene import HARBOR, HILLSIDE, PRIVACY, Scene
from tests.api.worlds_visible import Sequence20, Step

SECOND = 1_000_000
Pair = tuple[Observer, Observer]


@dataclass
class Stage:
    """The plain world and the one with hidden steps, and everybody who compares them."""

    drawn: Sequence20
    plain: Scene
    other: Scene
    comparison: Comparison = field(default_factory=Comparison)
    now: int = 0
    watching: list[Pair] = field(default_factory=list)
    keeping: list[Pair] = field(default_factory=list)
    """Another patient's side: the clinic's desk and the privacy office, about her alone."""

    def __post_init__(self) -> None:
        """What is guessed in one world is guessed in both."""
        self.plain.twin = self.other

    async def turn(self, at: int) -> None:
        """Both clocks: the same instant, and always a later one."""
        self.now = max(self.now + 1000, at)
        await asyncio.gather(self.plain.turn(self.now), self.other.turn(self.now))

    async def take(self, step: Step) -> None:
        """A visible step."""
        await asyncio.gather(step(self.plain), step(self.other))
        if not self.watching:
            self.watching = [(Observer(self.plain, who), Observer(self.other, who)) for who in self.plain.observers]
            self.keeping = [(Keeper(self.plain, who), Keeper(self.other, who)) for who in (HARBOR, PRIVACY)]

    async def hide(self, name: str, at: int, chance: random.Random) -> None:
        """A hidden step, in the one world alone and with its clock put to ``at``."""
        await self.other.turn(at)
        await HIDDEN[name][1](self.other, self.drawn, chance)

    def ready(self, names: Sequence[str]) -> list[str]:
        """Those of the hidden steps that can be taken now."""
        return [name for name in names if set(HIDDEN[name][0]) <= self.other.kept.keys()]

    def leading_to(self, name: str) -> list[str]:
        """A hidden step after those that give what it waits for; none if it waits for something visible."""
        lacking = [need for need in HIDDEN[name][0] if need not in self.other.kept]
        if not all(need in GIVES for need in lacking):
            return []
        first = [self.leading_to(GIVES[need]) for need in lacking]
        return [*dict.fromkeys(step for steps in first for step in steps), name] if all(first) else []

    def named(self) -> list[Pair]:
        """Observers whom Maria's consents name."""
        return [pair for pair in self.watching if pair[0].unit in self.drawn.named]

    async def glance(self, when: str, pairs: Sequence[Pair]) -> None:
        """Some observers look at what they have, all at once.

        Clinics do so afterwards: what was delivered when is an act of a clinic's system, not of the race.
        """

        async def one(observer: Observer) -> None:
            await observer.glance(self.drawn.chance("glance", when, observer.who))

        at_once = [pair for pair in pairs if pair[0].who not in (HILLSIDE, HARBOR, PRIVACY)]
        await asyncio.gather(*(one(observer) for pair in at_once for observer in pair))
        for pair in pairs:
            if pair not in at_once:
                await asyncio.gather(*(one(observer) for observer in pair))
        self.compare(when)

    async def both(self, when: str, pair: Pair, act: Callable[[Observer, random.Random], Awaitable[None]]) -> None:
        """One observer does something in both worlds, with the same luck."""
        await self.turn(self.now)
        await asyncio.gather(*(act(one, self.drawn.chance("look", when, one.who)) for one in pair))
        self.compare(when)

    def compare(self, when: str) -> None:
        """Hold everything that was answered since against each other.

        Raises:
            Leak: the worlds can be told apart.
        """
        for left, right in [*self.watching, *self.keeping]:
            self.comparison.compare(when, left.seen, right.seen)
            left.seen.clear()
            right.seen.clear()
