"""Welch's t on cropped samples, as dudect does it: whether two kinds of subject can be told apart by time.

A few requests take ten times as long as the rest, for reasons that have nothing to do with the subject. Cropped at a
percentile of both kinds together, they no longer hide a small difference; several crops are tried, since which of them
shows it best is not known before (Reparaz, Balasch, Verbauwhede: Dude, is my code constant time?, DATE 2017).
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

CROPS: Final = (1.0, 0.99, 0.95, 0.9, 0.75, 0.5)
"""Which part of all samples is kept, the fastest first."""
LIMIT: Final = 4.5
"""|t| from which on two kinds are told apart."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One kind beside the other one: t, and by how much its mean is greater, at the crop where t is farthest from 0."""

    t: float
    mean_us: float
    crop: float
    samples: int
    """How many of the first kind the crop kept."""

    @property
    def told_apart(self) -> bool:
        """Whether a client could tell the two by time, given as many requests."""
        return abs(self.t) > LIMIT


def compare(one: "array[int]", other: "array[int]") -> Difference:
    """``one`` beside ``other``, nanoseconds each."""
    pooled = sorted([*one, *other])
    found = [_at(one, other, crop, pooled[min(len(pooled) - 1, int(len(pooled) * crop))]) for crop in CROPS]
    return max(found, key=lambda difference: abs(difference.t))


def _at(one: "array[int]", other: "array[int]", crop: float, most: int) -> Difference:
    mine, theirs = ([value for value in values if value <= most] for values in (one, other))
    if min(len(mine), len(theirs)) < 2:
        return Difference(0.0, 0.0, crop, len(mine))
    (mean, error), (other_mean, other_error) = _moments(mine), _moments(theirs)
    spread = math.sqrt(error + other_error)
    t = (mean - other_mean) / spread if spread else 0.0
    return Difference(t, (mean - other_mean) / 1000, crop, len(mine))


def _moments(values: Sequence[int]) -> tuple[float, float]:
    """The mean, and the square of its standard error."""
    count = len(values)
    mean = sum(values) / count
    return mean, sum((value - mean) ** 2 for value in values) / (count - 1) / count


def median_us(values: "array[int]") -> float:
    """The median in microseconds."""
    return sorted(values)[len(values) // 2] / 1000
