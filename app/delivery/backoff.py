"""When a doorbell is rung, and again: at fixed ticks, on a schedule that follows from its own id alone.

Nothing of what it rings for enters: neither what was filed nor what became of it. Instants are microseconds.
"""

import hashlib
from typing import Final

TICK_US: Final = 2_000_000
"""Bells ring at whole multiples of this, so that the moment is not that of anybody's act."""

WAITS: Final = (10, 40, 160, 640, 2_560, 10_240, 18_000, 18_000, 18_000, 18_000)
"""Seconds after each try: four times the one before, five hours at most; some 24 hours in all. The first is longer than
one try may take, so that two tries of one ring never run at once."""

TRIES: Final = len(WAITS) + 1


def next_tick(now: int) -> int:
    """The first tick after an instant."""
    return (now // TICK_US + 1) * TICK_US


def ticked_seconds(now: int) -> int:
    """Whole seconds of the tick that an instant belongs to."""
    return now // TICK_US * TICK_US // 1_000_000


def try_again_at(ring: str, tries: int, now: int) -> int:
    """The tick of the next try after ``tries`` of them, up to a tenth later than the schedule says.

    After the last one it is the instant at which the ring is given up.
    """
    wait = WAITS[min(tries, len(WAITS)) - 1] if tries < TRIES else WAITS[0]
    share = int.from_bytes(hashlib.sha256(f"{ring}.{tries}".encode()).digest()[:4], "big") / 2**32
    return next_tick(now + int(wait * (1 + share / 10) * 1_000_000))
