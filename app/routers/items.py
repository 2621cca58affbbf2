"""The items of a batch, each read on its own: one that cannot be read spoils no other."""

from collections.abc import Iterator
from typing import Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from app.errors import Flaw, Invalid
from app.routers import json_text
from app.routers.json_text import Members, Unusable
from app.routers.type_flaws import TYPE_CODES, flaws_of, instants

T = TypeVar("T")

MAX_BYTES: Final = 4_194_304
"""A batch has so many bytes at most: 500 statuses of some 8 KB."""
MOST: Final = json_text.ITEMS
MEMBER: Final = "items"


def items_of(raw: bytes) -> list[Any]:
    """The items of ``{"items": […]}``, 1 to 500 of them, as ``json_text.parse`` gives them.

    Raises:
        BadRequest: no JSON.
        Invalid: another shape around the items; then none of them is looked at.
    """
    document = json_text.parse(raw)
    if not isinstance(document, Members):
        raise Invalid((Flaw("", "type_wrong", TYPE_CODES["type_wrong"]),))
    named = [value for name, value in document if name == MEMBER]
    flaws = [*_of_members(document, len(named)), *(_of_array(named[0]) if named else ())]
    if flaws:
        raise Invalid(flaws)
    found: list[Any] = named[0]
    return found


def _of_members(document: Members, named: int) -> Iterator[Flaw]:
    unknown = dict.fromkeys(json_text.pointer((name,)) for name, _ in document if name != MEMBER)
    for at in list(unknown)[: json_text.REPORTED]:
        yield Flaw(at, "field_unknown", TYPE_CODES["field_unknown"])
    if named == 0:
        yield Flaw(f"/{MEMBER}", "field_missing", TYPE_CODES["field_missing"])
    if named > 1:
        yield Flaw(f"/{MEMBER}", "key_duplicate", json_text.TEXT_CODES["key_duplicate"])


def _of_array(node: Any) -> Iterator[Flaw]:
    if not isinstance(node, list) or isinstance(node, Members):
        yield Flaw(f"/{MEMBER}", "type_wrong", TYPE_CODES["type_wrong"])
    elif not node:
        yield Flaw(f"/{MEMBER}", "value_out_of_range", TYPE_CODES["value_out_of_range"])
    elif len(node) > MOST:
        yield Flaw(f"/{MEMBER}", "array_too_long", json_text.TEXT_CODES["array_too_long"])


def decoded(item: Any, adapter: TypeAdapter[T]) -> T:
    """One item as a value of the adapter's type, as strictly as a body of its own.

    Raises:
        Invalid: with every flaw of it; pointers begin at the item.
    """
    found = json_text.flaws(item)
    if any(flaw.code not in _TYPED_TOO for flaw in found):
        raise Invalid(found)
    try:
        value = adapter.validate_json(orjson.dumps(_plain(item)), strict=True)
    except ValidationError as error:
        told = {flaw.pointer for flaw in found}
        raise Invalid([*found, *_others(flaws_of(error, item), told)][: json_text.REPORTED]) from None
    found += instants(value, item)
    if found:
        raise Invalid(found[: json_text.REPORTED])
    return value


_TYPED_TOO: Final = frozenset({"null_refused", "key_duplicate"})
"""Flaws of the text beside which the types can still be told."""


def _others(flaws: list[Flaw], told: set[str]) -> Iterator[Flaw]:
    """A null need not be told of twice."""
    return (flaw for flaw in flaws if flaw.pointer not in told or flaw.code == "field_unknown")


def _plain(node: Any) -> Any:
    """The node as the parser of the types takes it: of equal names the last."""
    if isinstance(node, Members):
        return {name: _plain(value) for name, value in node}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return None if isinstance(node, Unusable) else node
