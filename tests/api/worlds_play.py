"""Play one sequence in both worlds and hold the observers' transcripts against each other after every step."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.vocabulary import SCOPES_OF_ROLE
from app.vocabulary.actors import JUSTICE_ROLES
from tests.api.worlds_bijection import Comparison
from tests.api.worlds_hidden import HIDDEN, due
from tests.api.worlds_observers import Observer
from tests.api.worlds_scene import HILLSIDE, Scene, two_worlds
from tests.api.worlds_trespass import as_clinic, manuals, operations, trespass
from tests.api.worlds_visible import Sequence20, draw, script

_SECOND = 1_000_000


@dataclass
class Played:
    """What a sequence came to."""

    answers: int = 0
    hidden: list[str] = field(default_factory=list)
    unreached: set[str] = field(default_factory=set)
    """Operations that no observer was granted although its scope is one that justice holds, or that were not called."""


@dataclass
class _Stage:
    drawn: Sequence20
    plain: Scene
    other: Scene
    comparison: Comparison = field(default_factory=Comparison)
    now: int = 0
    watching: list[tuple[Observer, Observer]] = field(default_factory=list)

    async def turn(self, at: int) -> None:
        """Both clocks."""
        self.now = max(self.now + 1000, at)
        await asyncio.gather(self.plain.turn(self.now), self.other.turn(self.now))

    async def glance(self, when: str) -> None:
        """Those whom Maria's consents name, and some of the others, look at what they have, all at once."""
        named = [pair for pair in self.watching if pair[0].unit in self.drawn.named]
        others = [pair for pair in self.watching if pair not in named]
        glancing = [*named, *self.drawn.chance("who", when).sample(others, 3)]

        async def one(observer: Observer) -> None:
            await observer.glance(self.drawn.chance("glance", when, observer.who))

        at_once = [pair for pair in glancing if pair[0].who != HILLSIDE]
        await asyncio.gather(*(one(observer) for pair in at_once for observer in pair))
        # The clinic fetches its list afterwards: what was delivered when is an act of its system, not of the race.
        await asyncio.gather(*(one(observer) for pair in glancing if pair not in at_once for observer in pair))
        self._compare(when)

    async def look(self, when: str, whose: Sequence[tuple[Observer, Observer]]) -> None:
        """Some observers try everything, one after the other."""

        async def one(observer: Observer) -> None:
            chance = self.drawn.chance("look", when, observer.who)
            await observer.look(chance)
            if observer.who == HILLSIDE:
                await as_clinic(observer, chance)
            await trespass(observer, self.drawn, chance)

        for pair in whose:
            await self.turn(self.now)
            await asyncio.gather(*(one(observer) for observer in pair))
            self._compare(when)

    def _compare(self, when: str) -> None:
        for left, right in self.watching:
            self.comparison.compare(when, left.seen, right.seen)
            left.seen.clear()
            right.seen.clear()


async def play(kind: str, seed: str, *, forced: Sequence[str] = (), most: int = 4, lookers: int = 1) -> Played:
    """Play the sequence of a seed; ``lookers`` of the observers try every route after every third step, all at the end.

    ``forced`` hidden steps are taken, in that order, whenever they can be and before those drawn by chance; of those,
    ``most`` after a step. With ``lookers`` 0 nobody does more than glance.

    Raises:
        Leak: the worlds can be told apart.
    """
    drawn, played = draw(seed), Played()
    async with two_worlds(kind) as (plain, other):
        stage = _Stage(drawn, plain, other)
        for number, (name, step) in enumerate(script(drawn)):
            await stage.turn(drawn.begins + number * _SECOND)
            await asyncio.gather(step(plain), step(other))
            stage.watching = stage.watching or [(Observer(plain, who), Observer(other, who)) for who in plain.observers]
            chance = drawn.chance("hidden", number)
            ready = [each for each in forced if set(HIDDEN[each][0]) <= other.kept.keys()]
            for index, each in enumerate([*ready, *(due(other, chance, most) if most else ())]):
                await other.turn(drawn.begins + number * _SECOND + 10_000 * (index + 1))
                await HIDDEN[each][1](other, drawn, chance)
                played.hidden.append(each)
            await stage.turn(drawn.begins + number * _SECOND + _SECOND // 2)
            when = f"step {number} {name}, hidden: {', '.join(played.hidden[-8:])} (seed {seed})"
            await stage.glance(when)
            if number % 3 == 2:
                await stage.look(when, chance.sample(stage.watching, lookers))
        if lookers:
            await stage.look(f"the end (seed {seed})", stage.watching)
            await asyncio.gather(*(manuals(observer) for observer in stage.watching[0]))
            stage.comparison.compare("the end", stage.watching[0][0].seen, stage.watching[0][1].seen)
        played.answers, played.unreached = stage.comparison.answers, _unreached(plain)
    return played


def _unreached(scene: Scene) -> set[str]:
    justice = set(scene.observers) - {HILLSIDE}
    scopes = {scope.value for role in JUSTICE_ROLES for scope in SCOPES_OF_ROLE[role]} | {None}
    missing = set()
    for operation in operations(scene.app):
        called = {(who, status) for who, status in scene.routes.get((operation.method, operation.path), set())}
        granted = any(who in justice and 200 <= status < 300 for who, status in called)
        refused = any(who in justice and status == 403 for who, status in called)
        if not (granted if operation.scope in scopes else refused):
            missing.add(f"{operation.method} {operation.path}")
    return missing
