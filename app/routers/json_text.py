"""JSON as text: what the parser of the types is never to see, found with its exact place.

Two readers that disagree about one text (which of two equal keys counts, what NaN is) are how a filter is passed by;
so whatever RFC 8259 leaves open is refused here, before the types are looked at.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import Any, Final

from app.errors import Flaw, Invalid
from app.routers.refusals import BadRequest

DEPTH: Final = 16
ITEMS: Final = 500
MEMBERS: Final = 200
CHARACTERS: Final = 4000
REPORTED: Final = 100
"""Flaws told of one request at most: a caller needs no more to act, and an answer stays small."""

TEXT_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "too_deep": f"Objects and arrays nest at most {DEPTH} deep.",
        "array_too_long": f"An array has at most {ITEMS} items; send the rest in another request.",
        "object_too_large": f"An object has at most {MEMBERS} members.",
        "string_too_long": f"A string or a name has at most {CHARACTERS} characters.",
        "key_duplicate": "A name stands twice in one object; send each member once.",
        "null_refused": "null is not accepted; leave the key out.",
        "text_refused": "A string or a name holds U+0000 or half of a surrogate pair; send Unicode text.",
        "number_out_of_range": "A whole number has at most 64 bits, any other is within IEEE 754 double precision.",
        "number_not_finite": "NaN and Infinity are no JSON numbers.",
    }
)
OVERSIZE: Final = frozenset({"too_deep", "array_too_long", "object_too_large", "string_too_long"})

Path = tuple[str | int, ...]

_NAME: Final = re.compile(r"[A-Za-z0-9_]{1,64}")
_HALF_PAIR: Final = re.compile("[\ud800-\udfff]")


class Members(list[tuple[str, Any]]):
    """The members of one object in their order, equal names kept."""


@dataclass(frozen=True, slots=True)
class Unusable:
    """A number that is none of ours; ``code`` says why."""

    code: str


def parse(raw: bytes) -> Any:
    """The document, its objects as ``Members`` and unusable numbers as ``Unusable``.

    Raises:
        BadRequest: no JSON text in UTF-8.
        Invalid: nested so deep that it cannot even be parsed.
    """
    try:
        return json.loads(
            raw.decode("utf-8"),
            object_pairs_hook=Members,
            parse_int=_integer,
            parse_float=_real,
            parse_constant=lambda _: Unusable("number_not_finite"),
        )
    except UnicodeDecodeError:
        raise BadRequest("json_malformed", "The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadRequest("json_malformed", f"The body is not JSON (RFC 8259): look at {where}.") from None
    except RecursionError:
        raise Invalid((_flaw((), "too_deep"),)) from None


def flaws(document: Any) -> list[Flaw]:
    """Every place that breaks a limit or a rule of this module, the first ``REPORTED`` of them."""
    return list(islice(_walk(document, ()), REPORTED))


def pointer(path: Path) -> str:
    """The RFC 6901 pointer, as far as it can be told: a name that is no plain identifier is the sender's own words.

    Every name of ours is one, so pointers to them are exact; and an identifier needs no escaping.
    """
    told = []
    for step in path:
        if isinstance(step, str) and not _NAME.fullmatch(step):
            break
        told.append(f"/{step}")
    return "".join(told)


def member(node: Any, step: str | int) -> tuple[bool, Any]:
    """Whether the node has the member or item, and it. Of equal names the last, as the parser of the types takes it."""
    if isinstance(node, Members):
        return next(((True, value) for name, value in reversed(node) if name == step), (False, None))
    if isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node):
        return True, node[step]
    return False, None


def _integer(text: str) -> int | Unusable:
    if len(text) > 20:  # before int(): its cost grows with the square of the length
        return Unusable("number_out_of_range")
    number = int(text)
    return number if -(2**63) <= number < 2**63 else Unusable("number_out_of_range")


def _real(text: str) -> float | Unusable:
    number = float(text)
    return number if math.isfinite(number) else Unusable("number_out_of_range")


def _walk(node: Any, path: Path) -> Iterator[Flaw]:
    if node is None:
        yield _flaw(path, "null_refused")
    elif isinstance(node, Unusable):
        yield _flaw(path, node.code)
    elif isinstance(node, str):
        yield from _text(node, path)
    elif isinstance(node, list):
        yield from _container(node, path)


def _container(node: Sequence[Any], path: Path) -> Iterator[Flaw]:
    if len(path) >= DEPTH:
        yield _flaw(path, "too_deep")
    elif isinstance(node, Members):
        if len(node) > MEMBERS:
            yield _flaw(path, "object_too_large")
        seen: set[str] = set()
        for name, value in node:
            if name in seen:
                yield _flaw((*path, name), "key_duplicate")
            seen.add(name)
            yield from _text(name, path)
            yield from _walk(value, (*path, name))
    else:
        if len(node) > ITEMS:
            yield _flaw(path, "array_too_long")
        for number, value in enumerate(node):
            yield from _walk(value, (*path, number))


def _text(text: str, path: Path) -> Iterator[Flaw]:
    if len(text) > CHARACTERS:
        yield _flaw(path, "string_too_long")
    if "\0" in text or _HALF_PAIR.search(text):
        yield _flaw(path, "text_refused")


def _flaw(path: Path, code: str) -> Flaw:
    return Flaw(pointer(path), code, TEXT_CODES[code])
