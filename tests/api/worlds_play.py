"""Play one sequence in both worlds and hold the observers' transcripts against each other after every step."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.vocabulary import SCOPES_OF_ROLE
from app.vocabulary.actors import JUSTICE_ROLES
from tests.api.worlds_hidden_more import due
from tests.api.worlds_observers import Observer
from tests.api.worlds_scene import HILLSIDE, Scene, two_worlds
from tests.api.worlds_stage import SECOND, Pair, Stage
from tests.api.worlds_trespass import answering, as_clinic, manuals, operations, trespass
from tests.api.worlds_visible import draw, script


@dataclass
class Played:
    """What a sequence came to."""

    answers: int = 0
    hidden: list[str] = field(default_factory=list)
    unreached: set[str] = field(default_factory=set)
    """Operations that no observer was granted although its scope is one that justice holds, or that were not called."""


async def play(kind: str, seed: str, *, forced: Sequence[str] = (), most: int = 4, lookers: int = 1) -> Played:
    """Play the sequence of a seed; ``lookers`` of the observers try every route after every third step, all at the end.

    ``forced`` hidden steps are taken, in that order, whenever they can be and before those drawn by chance; of those,
    ``most`` after a step. With ``lookers`` 0 nobody does more than glance.

    Raises:
        Leak: the worlds can be told apart.
    """
    drawn, played = draw(seed), Played()
    async with two_worlds(kind) as (plain, other):
        stage = Stage(drawn, plain, other)
        for number, (name, step) in enumerate(script(drawn)):
            at = drawn.begins + number * SECOND
            await stage.turn(at)
            await stage.take(step)
            chance = drawn.chance("hidden", number)
            names = [*stage.ready(forced), *(due(other, chance, most) if most else ())]
            for index, each in enumerate(names):
                await stage.hide(each, at + 10_000 * (index + 1), chance)
                played.hidden.append(each)
            await stage.turn(at + SECOND // 2)
            when = f"step {number} {name}, hidden: {', '.join(played.hidden[-8:])} (seed {seed})"
            named = stage.named()
            rest = [pair for pair in stage.watching if pair not in named]
            await stage.glance(when, [*named, *drawn.chance("who", when).sample(rest, 3)])
            if number % 3 == 2:
                await _look(stage, when, chance.sample(stage.watching, lookers))
        if lookers:
            await _look(stage, f"the end (seed {seed})", stage.watching)
            await stage.both("the end", stage.watching[0], lambda observer, _: manuals(observer))
        played.answers, played.unreached = stage.comparison.answers, _unreached(plain)
    return played


async def _look(stage: Stage, when: str, whose: Sequence[Pair]) -> None:
    """Some observers try everything, one after the other."""

    async def look(observer: Observer, chance: random.Random) -> None:
        await observer.look(chance)

    async def stray(observer: Observer, chance: random.Random) -> None:
        await trespass(observer, stage.drawn, chance)

    for pair in whose:
        # Each at an instant of its own: what is stored at one and the same is listed by its random id.
        for act in (look, as_clinic, stray) if pair[0].who == HILLSIDE else (look, stray):
            await stage.both(when, pair, act)


def _unreached(scene: Scene) -> set[str]:
    justice = set(scene.observers) - {HILLSIDE}
    scopes = {scope.value for role in JUSTICE_ROLES for scope in SCOPES_OF_ROLE[role]} | {None}
    routes: dict[tuple[str, str | None], set[tuple[str, int]]] = {}
    for method, path, who, status in scene.answered:
        routes.setdefault((method, answering(scene.app, method, path)), set()).add((who, status))
    missing = set()
    for operation in operations(scene.app):
        called = routes.get((operation.method, operation.path), set())
        granted = any(who in justice and 200 <= status < 300 for who, status in called)
        refused = any(who in justice and status == 403 for who, status in called)
        if not (granted if operation.scope in scopes else refused):
            missing.add(f"{operation.method} {operation.path}")
    return missing
