"""The arithmetic behind ``make timing``: it tells two means apart, however rare and long the pauses around them."""

import random
from array import array

from benchmarks.timing_statistics import LIMIT, compare

COUNT = 5000


def _taken(seed: int, more: float = 0.0) -> "array[int]":
    """Nanoseconds of requests of 1 ms; one in a hundred meets a pause of 20 ms."""
    chance = random.Random(seed)
    pauses = (20_000_000 if chance.random() < 0.01 else 0 for _ in range(COUNT))
    return array("q", (int(chance.gauss(1_000_000, 100_000) + more + pause) for pause in pauses))


def test_fifty_microseconds_are_found_under_pauses_that_are_four_hundred_times_as_long() -> None:
    found = compare(_taken(1, more=50_000), _taken(2))
    assert found.told_apart and found.t > 0 and 30 < found.mean_us < 70
    assert compare(_taken(2), _taken(1, more=50_000)).t < 0


def test_two_of_a_kind_are_not_told_apart() -> None:
    apart = [compare(_taken(seed), _taken(seed + 100)) for seed in range(1, 21)]
    assert max(abs(one.t) for one in apart) < LIMIT
