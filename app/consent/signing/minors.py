"""Who signs for a minor: a table by jurisdiction and age (42 CFR 2.14; domain rules 1.8, 2.5)."""

import tomllib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final

MOST_YEARS: Final = 25
_KEYS: Final = frozenset({"id", "adult_from", "source", "row"})
_ROW: Final = frozenset({"from_age", "until_age", "rule", "source", "verify"})


class MinorRule(StrEnum):
    """Whose signatures make the consent of a minor."""

    MINOR_ALONE = "minor_alone"
    BOTH = "both"
    GUARDIAN = "guardian"
    """The guardian consents, and the minor is heard and agrees."""


class MinorsError(ValueError):
    """A table that cannot be used; the message names the key."""


@dataclass(frozen=True, slots=True)
class MinorTable:
    """One jurisdiction. ``rows`` are (first age, first age beyond, rule) in whole years; ages that none names are both.

    From ``adult_from`` years on nobody is a minor.
    """

    name: str
    adult_from: int = 18
    rows: tuple[tuple[int, int, MinorRule], ...] = ()

    def rule_at(self, age: int) -> MinorRule | None:
        """The rule for one who is so many whole years old; None for an adult."""
        if age >= self.adult_from:
            return None
        return next((rule for least, beyond, rule in self.rows if least <= age < beyond), MinorRule.BOTH)


BOTH_SIGN: Final = MinorTable("both")
"""The safe default where no table is known: neither the minor nor the parent alone."""


def parse_minors(text: str) -> MinorTable:
    """Read a table from its TOML text.

    Raises:
        MinorsError: naming the key that is missing, unknown or wrong.
    """
    raw = tomllib.loads(text)
    _keys(raw, _KEYS, "")
    adult = _years(raw, "adult_from", "")
    if adult < 18:
        raise MinorsError("adult_from: 18 or more")
    rows = tuple(_row(each, f"row[{index}].", adult) for index, each in enumerate(raw["row"]))
    for (_, beyond, _), (least, _, _) in pairwise(rows):
        if least < beyond:
            raise MinorsError("row: in the order of ages, none twice")
    return MinorTable(str(raw["id"]), adult, rows)


def _row(raw: dict[str, Any], where: str, adult: int) -> tuple[int, int, MinorRule]:
    _keys(raw, _ROW, where)
    least, beyond = _years(raw, "from_age", where), _years(raw, "until_age", where)
    if not least < beyond <= adult:
        raise MinorsError(f"{where}until_age: above from_age and at most adult_from")
    if not isinstance(raw["verify"], bool):
        raise MinorsError(f"{where}verify: true or false")
    try:
        return least, beyond, MinorRule(raw["rule"])
    except ValueError:
        raise MinorsError(f"{where}rule: {', '.join(MinorRule)}") from None


def _keys(raw: dict[str, Any], known: frozenset[str], where: str) -> None:
    for key in sorted(known.symmetric_difference(raw)):
        raise MinorsError(f"{where}{key}: {'missing' if key in known else 'unknown'} key")


def _years(raw: dict[str, Any], key: str, where: str) -> int:
    value = raw[key]
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_YEARS:
        raise MinorsError(f"{where}{key}: whole years from 0 to {MOST_YEARS}")
    return value


def birthday(born: date, years: int) -> date:
    """The day on which somebody becomes so many years old; who was born on 29 February, on 1 March of a common year.

    Until then the person is a minor, and a representative's signature stands: the two never leave a day between.
    """
    year = born.year + years
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def age_on(born: date, day: date) -> int:
    """Whole years at the beginning of that day."""
    years = day.year - born.year
    return years if birthday(born, years) <= day else years - 1
