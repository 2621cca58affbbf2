"""The record of processing that a profile ships with (GDPR 30; LED 24): a row for each thing done with the data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from app.consent.profile_kinds import KindRule
from app.consent.profile_reading import ProfileError, Table, code, codes, table, text, texts
from app.vocabulary import PURPOSES_OF_ROLE, ConsentKind, Element, Purpose, Role

_KEYS: Final = ("purpose", "categories", "recipients", "retention", "basis")
_CATEGORIES: Final = frozenset(element.value.partition(".")[0] for element in Element)


@dataclass(frozen=True, slots=True)
class Processing:
    """Why which categories of data go to whom, how long they are kept and on what ground."""

    purpose: Purpose
    categories: tuple[str, ...]
    """First halves of the elements' names."""
    recipients: frozenset[Role]
    retention: str
    basis: str


def read_ropa(raw: object, kinds: Mapping[ConsentKind, KindRule], *, owed: bool) -> tuple[Processing, ...]:
    """All rows; where they are ``owed``, each purpose and role of a kind of consent stands in one.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong, or the purpose and role without a row.
    """
    if not isinstance(raw, list):
        raise ProfileError("ropa: needs a list of tables")
    rows = tuple(_row(each, f"ropa[{number}]") for number, each in enumerate(raw, 1))
    if owed:
        _covers(rows, kinds.values())
    return rows


def _row(raw: object, where: str) -> Processing:
    written: Table = table(raw, where, _KEYS)
    categories = texts(written, "categories", where)
    for category in categories:
        if category not in _CATEGORIES:
            raise ProfileError(f"{where}.categories: unknown category {category!r}")
    recipients = codes(Role, written, "recipients", where)
    for key, value in (("categories", categories), ("recipients", recipients)):
        if not value:
            raise ProfileError(f"{where}.{key}: empty")
    return Processing(
        purpose=code(Purpose, text(written, "purpose", where), f"{where}.purpose"),
        categories=categories,
        recipients=recipients,
        retention=text(written, "retention", where),
        basis=text(written, "basis", where),
    )


def _covers(rows: tuple[Processing, ...], kinds: Iterable[KindRule]) -> None:
    for rule in kinds:
        for purpose in rule.purposes:
            told = frozenset[Role]().union(*(row.recipients for row in rows if row.purpose is purpose))
            stated = frozenset(role for role in rule.roles if purpose in PURPOSES_OF_ROLE[role]) or rule.roles
            for role in sorted(stated - told):
                raise ProfileError(f"ropa: no row for purpose {purpose.value} and role {role.value}")
