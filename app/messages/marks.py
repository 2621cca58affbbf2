"""Each field of a message is marked with its element, or as envelope; an unmarked field fails at import (design 3)."""

from dataclasses import fields
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

from app.vocabulary import Element

ENVELOPE: Final = "envelope"
"""Mark of a field that addresses or files the message and is never released."""

M = TypeVar("M")


class Unmarked(TypeError):
    """A field of a message says neither its element nor that it is envelope."""


def message(cls: type[M]) -> type[M]:
    """Class decorator: refuse a message with an unmarked field."""
    for name, mark in _marks(cls).items():
        if mark is None:
            raise Unmarked(f"{cls.__name__}.{name} has no element")
    return cls


def elements_of(cls: type[Any]) -> dict[str, Element]:
    """Field name -> element, of the fields that are not envelope."""
    return {name: mark for name, mark in _marks(cls).items() if isinstance(mark, Element)}


def _marks(cls: type[Any]) -> dict[str, Element | str | None]:
    hints = get_type_hints(cls, include_extras=True)
    return {field.name: _mark(hints[field.name]) for field in fields(cls)}


def _mark(hint: object) -> Element | str | None:
    if get_origin(hint) is not Annotated:
        return None
    return next((extra for extra in get_args(hint)[1:] if isinstance(extra, Element) or extra == ENVELOPE), None)
