"""Values of a setting: which may stand there, and which of two is the stricter. Nothing here knows a key."""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

Stricter = Callable[[str, str], str | None]
"""The stricter of two admitted values; None where neither is, so that only equal ones go together."""


class Setting(NamedTuple):
    """What a key means, what it may say (in words), whether a value may stand there, and the order of strictness."""

    means: str
    allowed: str
    admits: Callable[[str], bool]
    stricter: Stricter


def _same(one: str, other: str) -> str | None:
    return one if one == other else None


def choice(means: str, *chains: tuple[str, ...]) -> Setting:
    """One of these values. Within a chain a later one is the stricter; of two chains neither is."""

    def stricter(one: str, other: str) -> str | None:
        for chain in chains:
            if one in chain and other in chain:
                return chain[max(chain.index(one), chain.index(other))]
        return None

    values = tuple(dict.fromkeys(value for chain in chains for value in chain))
    return Setting(means, " | ".join(values), values.__contains__, stricter)


def number(means: str, least: int, most: int, *, stricter: str, above: str = "") -> Setting:
    """A whole number, of which the ``less`` or the ``more`` is the stricter; ``above`` is a word for more than any."""

    def weight(value: str) -> int:
        return most + 1 if value == above else int(value)

    def admits(value: str) -> bool:
        whole = re.fullmatch(r"0|[1-9][0-9]{0,4}", value) is not None
        return (bool(above) and value == above) or (whole and least <= int(value) <= most)

    pick = min if stricter == "less" else max
    words = f"{least} to {most}" + (f" | {above}" if above else "")
    return Setting(means, words, admits, lambda one, other: pick(one, other, key=weight))


def codes(means: str, known: type[StrEnum], join: Callable[[set[str], set[str]], set[str]]) -> Setting:
    """Codes between single spaces, each once."""
    values = [code.value for code in known]

    def admits(value: str) -> bool:
        found = value.split(" ")
        return set(found) <= set(values) and len(set(found)) == len(found)

    def stricter(one: str, other: str) -> str | None:
        both = join(set(one.split(" ")), set(other.split(" ")))
        return " ".join(value for value in values if value in both) or None

    return Setting(means, "some of " + ", ".join(values), admits, stricter)


def text(means: str, allowed: str, pattern: str, *, of_place: bool = False) -> Setting:
    """A name or a period that has no order, so that an overlay cannot change it.

    ``of_place``: the law of a place has the last word on it. It says nothing about what may leave.
    """
    stricter = _other if of_place else _same
    return Setting(means, allowed, lambda value: re.fullmatch(pattern, value) is not None, stricter)


def _other(_: str, other: str) -> str:
    return other
