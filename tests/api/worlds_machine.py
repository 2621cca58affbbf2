"""Two worlds as a state machine: Hypothesis chooses what happens, in which order, who looks, and at what.

Every rule ends with answers of both worlds held against each other; a sequence ends with a glance of everybody.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.api.worlds_bells import hurry, look, paced, wait_us
from tests.api.worlds_ground import Ground
from tests.api.worlds_hidden_more import HIDDEN
from tests.api.worlds_observers import Observer
from tests.api.worlds_scene import HILLSIDE
from tests.api.worlds_stage import SECOND, Pair, Stage
from tests.api.worlds_trespass import as_clinic, manuals, trespass
from tests.api.worlds_visible import Named, draw, ending, intake, threads

Facet = Callable[[Observer, random.Random], Awaitable[None]]
FACETS: Final[dict[str, Facet]] = {
    "registry": lambda observer, _: observer.registry(),
    "tokens": lambda observer, _: observer.tokens(),
    "lists": lambda observer, _: observer.lists(),
    "own referrals": lambda observer, _: observer.own_referrals(),
    "cancelling": lambda observer, _: observer.cancelling(),
    "manuals": lambda observer, _: manuals(observer),
    "cases": lambda observer, chance: observer.cases(chance),
    "sending": lambda observer, chance: observer.sending(chance),
    "reading": lambda observer, chance: observer.reading(chance),
    "at scale": lambda observer, chance: observer.at_scale(chance),
    "news": lambda observer, chance: observer.news(chance),
    "bells": lambda observer, chance: observer.bells(chance),
    "wishes": lambda observer, _: observer.wishes(),
}
"""What an observer may look into, beside what is not its own."""

_HILLSIDE_TOO: Final = ("registry", "tokens", "lists", "own referrals", "cancelling", "manuals")
_THREADS: Final = ("police", "court", "reports", "end")
_SKEWS: Final = (0, 10_000, -300_000, 400_000, 90 * SECOND)
"""How far the clock of the hidden world is off during a hidden step, in microseconds; afterwards both are equal."""
_LUCK: Final = st.integers(0, 999)
_HIDDEN: Final = st.lists(
    st.tuples(st.sampled_from(sorted(HIDDEN)), st.sampled_from(_SKEWS), _LUCK), min_size=1, max_size=3
)
_WATCHERS: Final = st.lists(st.integers(0, 13), min_size=1, max_size=2, unique=True)


class TwoWorlds(RuleBasedStateMachine):
    """One sequence. What is chosen by a number is drawn from it alike in both worlds."""

    def __init__(self, ground: Ground) -> None:
        super().__init__()
        self._ground = ground
        self._stage: Stage | None = None
        self._remaining: dict[str, list[Named]] = {}
        self._number = 0
        self._busy = 0
        """How often running the receiver of rings was busy."""
        self._broken = False
        self.happened: list[str] = []
        """Names of the steps so far, hidden ones in parentheses."""

    @property
    def stage(self) -> Stage:
        """The two worlds, which have begun."""
        assert self._stage is not None
        return self._stage

    @initialize(
        seed=_LUCK,
        police=st.integers(0, 3),
        court=st.integers(0, 5),
        reports=st.integers(0, 9),
    )
    def begin(self, seed: int, police: int, court: int, reports: int) -> None:
        """Fresh databases; the clinic finds its referrals; so much of each thread has happened before anybody looks."""

        async def begun() -> None:
            plain, other, begins = await self._ground.two_worlds()
            drawn = draw(str(seed), begins)
            self._stage = Stage(drawn, plain, other)
            self._remaining = {**threads(drawn), "end": ending(drawn)}
            first = intake(drawn)
            for name, many in (("police", police), ("court", court), ("reports", reports)):
                first += self._remaining[name][:many]
                del self._remaining[name][:many]
            for step in first:
                await self._take(step)

        self._run(begun())

    @rule(thread=st.sampled_from(_THREADS), watchers=_WATCHERS)
    def something_visible(self, thread: str, watchers: list[int]) -> None:
        """The next step of a thread that is not over, in both worlds."""

        async def happen() -> None:
            for name in (thread, *_THREADS):
                if self._may(name):
                    await self._take(self._remaining[name].pop(0))
                    break
            await self._glance(watchers)

        self._run(happen())

    @rule(steps=_HIDDEN, watchers=_WATCHERS)
    def something_hidden(self, steps: list[tuple[str, int, int]], watchers: list[int]) -> None:
        """Steps that one world takes alone; one that waits for something visible gives way to another."""

        async def happen() -> None:
            for name, skew, luck in steps:
                await self._hide(name, skew, luck)
            await self._glance(watchers)

        self._run(happen())

    @rule(who=st.integers(0, 13), facet=st.sampled_from(sorted(FACETS)))
    def somebody_looks_into(self, who: int, facet: str) -> None:
        """One observer uses a group of routes by every means."""
        pair = self.stage.watching[who]
        if pair[0].who == HILLSIDE and facet not in _HILLSIDE_TOO:
            self._look(pair, "as clinic", as_clinic)
        else:
            self._look(pair, facet, FACETS[facet])

    @rule(who=st.integers(0, 13))
    def somebody_trespasses(self, who: int, most: int | None = 16) -> None:
        """One observer calls routes of the table, ``most`` of them, with ids of others."""

        async def act(observer: Observer, chance: random.Random) -> None:
            await trespass(observer, self.stage.drawn, chance, most)

        self._look(self.stage.watching[who], "trespass", act)

    @rule(taken=st.booleans())
    def bells_ring(self, taken: bool) -> None:
        """A worker looks at a tick and rings at the next, or much later if the receiver was busy before."""

        async def happen() -> None:
            stage, wait = self.stage, wait_us(self._busy)
            await stage.turn(stage.now + SECOND)
            await asyncio.gather(look(stage.plain), look(stage.other))
            await stage.turn(stage.now + wait)
            plain = await self._ground.door.ring(stage.plain, taken=taken)
            other = await self._ground.door.ring(stage.other, taken=taken)
            stage.comparison.compare(self._when("the bells"), plain, other)
            self._busy = 0 if taken else self._busy + 1

        self._run(happen())

    @rule(who=st.integers(0, 13))
    def somebody_is_too_fast(self, who: int) -> None:
        """One observer sends more than a minute allows, in the one world beside another court that does so too."""

        async def happen() -> None:
            with paced(self.stage.plain, self.stage.other):
                await self._hide("county_hurries", 0, 0)
                await self.stage.both(self._when("too fast"), self.stage.watching[who], hurry)

        self._run(happen())

    def teardown(self) -> None:
        """Everybody looks a last time, another patient's side as well."""
        if self._stage is not None and not self._broken:
            self._run(self._last())

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        try:
            self._ground.run(work)
        except BaseException:
            self._broken = True  # nobody looks any more: the first difference is the one to tell of
            raise

    async def _last(self) -> None:
        stage = self.stage
        await stage.turn(stage.now + SECOND // 2)
        await stage.glance(self._when("the end"), [*stage.watching, *stage.keeping])

    def _may(self, thread: str) -> bool:
        if thread == "end" and len(self._remaining["court"]) > 3:
            return False  # a consent until final disposition is not asked for after it
        return bool(self._remaining[thread])

    async def _take(self, step: Named) -> None:
        self.happened.append(step[0])
        await self.stage.turn(self.stage.now + SECOND if self.stage.now else self.stage.drawn.begins)
        await self.stage.take(step[1])

    async def _hide(self, name: str, skew: int, luck: int) -> None:
        stage = self.stage
        ready = stage.ready(sorted(HIDDEN))
        for chosen in stage.leading_to(name) or [ready[luck % len(ready)]]:
            self.happened.append(f"({chosen})")
            await stage.hide(chosen, stage.now + 10_000 + skew, stage.drawn.chance("hidden", len(self.happened), luck))

    async def _glance(self, watchers: list[int]) -> None:
        stage, named = self.stage, self.stage.named()
        await stage.turn(stage.now + SECOND // 2)
        first = [named[number % len(named)] for number in watchers]
        rest = [stage.watching[number] for number in watchers]
        await stage.glance(self._when(), list({id(pair): pair for pair in [*first, *rest]}.values()))

    def _look(self, pair: Pair, facet: str, act: Facet) -> None:
        self._run(self.stage.both(self._when(facet), pair, act))

    def _when(self, what: str = "") -> str:
        self._number += 1
        return f"rule {self._number} {what}: {', '.join(self.happened)}"
