"""How many sequences the machine plays, from which seed: fixed in ``make test``, new each time in ``make nightly``."""

import os
import random
from collections.abc import Callable
from contextlib import redirect_stderr
from typing import Final, cast

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.api.worlds_ground import Ground
from tests.api.worlds_hidden_more import HIDDEN
from tests.api.worlds_law import LAW
from tests.api.worlds_leaks_more import PLANTED
from tests.api.worlds_machine import TwoWorlds

RULES: Final = 12
"""Rules a sequence, at most."""

ENOUGH: Final = 60
"""Sequences in which every hidden step happens that no directed sequence takes."""

_SHARES: Final = {"sqlite": 8, "postgresql": 2}
"""Of ten sequences; PostgreSQL takes twice the time."""

_FIXED: Final = 20260215


def play_all(kind: str) -> None:
    """Play this database's share, and see that every hidden step was taken and the observers asked enough.

    What a sequence can take depends on the hour at which it is played; a step that none of these came to is one of
    those that ``test_two_worlds_planted.py`` and ``test_two_worlds_law.py`` take without fail.

    Raises:
        Leak: the worlds can be told apart.
    """
    ground = Ground(kind)
    try:
        played = play(ground)
    finally:
        ground.close()
    taken = {name.strip("()") for one in played for name in one.happened if name.startswith("(")}
    directed = {name for planted in [*PLANTED.values(), *LAW.values()] for name in planted.hidden}
    assert taken | directed == set(HIDDEN) or len(played) < ENOUGH
    assert sum(one.stage.comparison.answers for one in played) > 100 * len(played)


def play(ground: Ground) -> list[TwoWorlds]:
    """Play this database's share of THROUGHCARE_SEQUENCES (100) sequences; gives them, reruns of a failed one included.

    With THROUGHCARE_SEED=new the seed is drawn and printed; with a number it is that one.

    Raises:
        Leak: the worlds can be told apart; what Hypothesis prints reproduces it.
    """
    many = max(int(os.environ.get("THROUGHCARE_SEQUENCES", "100")) * _SHARES[ground.kind] // 10, 1)
    wanted = os.environ.get("THROUGHCARE_SEED", str(_FIXED))
    chosen = random.SystemRandom().randrange(2**32) if wanted == "new" else int(wanted)
    print(f"two worlds on {ground.kind}: {many} sequences, THROUGHCARE_SEED={chosen}")
    played: list[TwoWorlds] = []

    def begin() -> TwoWorlds:
        played.append(TwoWorlds(ground))
        return played[-1]

    with open(os.devnull, "w") as nowhere, redirect_stderr(nowhere):  # a line a request: hundreds of megabytes
        _run(chosen, many, begin)
    answers = sum(one.stage.comparison.answers for one in played)
    print(f"{len(played)} sequences played, {answers} answers compared")
    return played


def _run(chosen: int, many: int, begin: Callable[[], TwoWorlds]) -> None:
    run_state_machine_as_test(
        cast(type[TwoWorlds], seed(chosen)(begin)),  # it says a class and means whatever makes one
        settings=settings(
            max_examples=many,
            stateful_step_count=RULES,
            database=None,
            deadline=None,
            print_blob=True,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )
