"""What a profile file may hold, key by key: whatever cannot be used is refused by the name of its key."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Any, TypeVar

Table = Mapping[str, Any]
_Code = TypeVar("_Code", bound=StrEnum)


class ProfileError(ValueError):
    """A profile or overlay that cannot be used; the message names the key."""


def table(raw: object, where: str, required: Collection[str] = (), optional: Collection[str] | None = ()) -> Table:
    """A table with these keys and no other; with ``optional=None`` any other may be there.

    Raises:
        ProfileError: it is no table, or names the key that is missing or unknown.
    """
    if not isinstance(raw, dict):
        raise ProfileError(f"{where}: missing, or no table")
    for key in required:
        if key not in raw:
            raise ProfileError(f"{_under(where, key)}: missing key")
    if optional is not None:
        for key in raw:
            if key not in required and key not in optional:
                raise ProfileError(f"{_under(where, key)}: unknown key")
    return raw


def _under(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def text(raw: Table, key: str, where: str) -> str:
    """A text that says something."""
    value = raw[key]
    if not isinstance(value, str) or not value.strip():
        raise ProfileError(f"{where}.{key}: needs a text")
    return value


def flag(raw: Table, key: str, where: str) -> bool:
    """``true`` or ``false``."""
    value = raw[key]
    if not isinstance(value, bool):
        raise ProfileError(f"{where}.{key}: true or false")
    return value


def texts(raw: Table, key: str, where: str) -> tuple[str, ...]:
    """A list of texts, each once."""
    value = raw[key]
    if not isinstance(value, list) or not all(isinstance(each, str) and each.strip() for each in value):
        raise ProfileError(f"{where}.{key}: needs a list of texts")
    if len(set(value)) < len(value):
        raise ProfileError(f"{where}.{key}: says something twice")
    return tuple(value)


def code(codes: type[_Code], value: str, where: str) -> _Code:
    """One code of a closed list."""
    try:
        return codes(value)
    except ValueError as error:
        raise ProfileError(f"{where}: unknown code {value!r}") from error


def codes(known: type[_Code], raw: Table, key: str, where: str) -> frozenset[_Code]:
    """A list of codes of a closed list, each once."""
    return frozenset(code(known, each, f"{where}.{key}") for each in texts(raw, key, where))


def named(raw: object, where: str, *also: str) -> tuple[Table, str]:
    """The heading of a file, ``id`` and ``version``, and with them its name ``id@version``.

    An id is lower case, digits and dashes: ``+`` and ``@`` stand between names.
    """
    head = table(raw, where, ("id", "version", *also))
    identifier, version = text(head, "id", where), head["version"]
    if not all(each.isascii() and (each.islower() or each.isdecimal() or each == "-") for each in identifier):
        raise ProfileError(f"{where}.id: lower case, digits and dashes")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        raise ProfileError(f"{where}.version: a whole number from 1")
    return head, f"{identifier}@{version}"
