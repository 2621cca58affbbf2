"""What the types refuse, said with stable codes, an exact place and no word of what was sent."""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from app.errors import Flaw
from app.routers.json_text import Members, Path, member, pointer

_DATE_FORM: Final = "A date is written YYYY-MM-DD (RFC 3339)."
_INSTANT_FORM: Final = "An instant is written as in RFC 3339, with its offset: 2026-03-02T09:30:00Z."
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199

TYPE_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "field_missing": "This member is required.",
        "field_unknown": "This operation has no such member; check its spelling or leave it out.",
        "attachment_not_accepted": (
            "Files are not accepted: nobody could say which elements an unclassified document holds, and a whole "
            "chart could leave behind a summary that the patient allowed. State what it says in coded members."
        ),
        "code_unknown": "The value is not a code of this member's list.",
        "type_wrong": "The value has another JSON type than this member.",
        "date_malformed": f"{_DATE_FORM} {_INSTANT_FORM}",
        "datetime_without_offset": "An instant needs its offset from UTC: end it with Z or, for example, -05:00.",
        "date_out_of_range": f"Years run from {FIRST_YEAR} to {LAST_YEAR}.",
        "value_out_of_range": "The value is outside the bounds that the schema of this member gives.",
        "value_refused": "The value is not accepted here; see the schema of this member.",
    }
)

_TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string_type": "A string is expected.",
        "int_type": "A whole number is expected.",
        "int_from_float": "A whole number is expected.",
        "int_parsing": "A whole number is expected.",
        "float_type": "A number is expected.",
        "float_parsing": "A number is expected.",
        "bool_type": "true or false is expected.",
        "bool_parsing": "true or false is expected.",
        "dataclass_type": "An object is expected.",
        "dict_type": "An object is expected.",
        "tuple_type": "An array is expected.",
        "list_type": "An array is expected.",
        "frozen_set_type": "An array is expected.",
        "set_type": "An array is expected.",
        "date_type": f"A string is expected. {_DATE_FORM}",
        "datetime_type": f"A string is expected. {_INSTANT_FORM}",
    }
)
_CODES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "missing": "field_missing",
        "missing_argument": "field_missing",
        "missing_keyword_only_argument": "field_missing",
        "unexpected_keyword_argument": "field_unknown",
        "extra_forbidden": "field_unknown",
        "enum": "code_unknown",
        "literal_error": "code_unknown",
        **dict.fromkeys(_TYPES, "type_wrong"),
        **dict.fromkeys(
            (
                "date_parsing",
                "date_from_datetime_parsing",
                "date_from_datetime_inexact",
                "datetime_parsing",
                "datetime_from_date_parsing",
                "datetime_object_invalid",
            ),
            "date_malformed",
        ),
        **dict.fromkeys(
            (
                "string_too_short",
                "string_too_long",
                "string_pattern_mismatch",
                "too_short",
                "too_long",
                "greater_than",
                "greater_than_equal",
                "less_than",
                "less_than_equal",
                "multiple_of",
                "int_parsing_size",
            ),
            "value_out_of_range",
        ),
    }
)
_ATTACHMENT: Final = re.compile(r"(?:^|_)(?:attach(?:ed|ments?)?|files?|documents?|pdf|scans?|images?|base64)(?:_|$)")
_HUMP: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})?"
)


def flaws_of(error: ValidationError, document: Any) -> list[Flaw]:
    """One flaw for each place and code, in the schema's order; ``document`` is what ``json_text.parse`` gave."""
    found: dict[tuple[str, str], Flaw] = {}
    for entry in error.errors(include_url=False, include_input=False):
        flaw = _flaw(entry["type"], pointer(_path(entry["loc"], document, entry["type"])), entry.get("ctx", {}))
        found.setdefault((flaw.pointer, flaw.code), flaw)
    return list(found.values())


def code_and_detail(kind: str, context: Mapping[str, Any]) -> tuple[str, str]:
    """The stable code and the sentence for one of pydantic's error types. Only codes of our own lists are repeated."""
    code = _CODES.get(kind, "value_refused")
    if code == "code_unknown":
        return code, f"Send one of: {context['expected']}."
    return code, _TYPES.get(kind, TYPE_CODES[code])


def instants(value: Any, document: Any, path: Path = ()) -> Iterator[Flaw]:
    """Dates and instants of an accepted value whose text is not RFC 3339, naive, or of a year no case can have.

    The types alone would take "1700000000" and "2026-03-02 09:30"; and a year 1 with an offset overflows later.
    """
    if isinstance(value, date):
        yield from _instant(value, document, path)
    elif dataclasses.is_dataclass(value) and isinstance(document, Members):
        for name, part in document:
            yield from instants(getattr(value, name, None), part, (*path, name))
    elif isinstance(value, Mapping) and isinstance(document, Members):
        for name, part in document:
            yield from instants(value.get(name), part, (*path, name))
    elif isinstance(value, tuple | list) and isinstance(document, list):
        for number, (item, part) in enumerate(zip(value, document, strict=False)):
            yield from instants(item, part, (*path, number))


def _instant(value: date, text: Any, path: Path) -> Iterator[Flaw]:
    form = (_INSTANT if isinstance(value, datetime) else _DATE).fullmatch(text) if isinstance(text, str) else None
    if form is None:
        code = "date_malformed"
    elif isinstance(value, datetime) and not form[1]:
        code = "datetime_without_offset"
    elif not FIRST_YEAR <= value.year <= LAST_YEAR:
        code = "date_out_of_range"
    else:
        return
    yield Flaw(pointer(path), code, TYPE_CODES[code])


def _flaw(kind: str, where: str, context: Mapping[str, Any]) -> Flaw:
    code, detail = code_and_detail(kind, context)
    if code == "field_unknown" and is_attachment(where):
        code, detail = "attachment_not_accepted", TYPE_CODES["attachment_not_accepted"]
    return Flaw(where, code, detail)


def is_attachment(where: str) -> bool:
    """Whether a name in a pointer is one under which files are sent: ``attachments``, ``narrativePdf``, …"""
    return any(_ATTACHMENT.search(_HUMP.sub("_", name).lower()) for name in where.split("/"))


def named(found: Sequence[Flaw]) -> list[Flaw]:
    """The same flaws; a text that is too long because it is a file is told as what it is."""
    attached = TYPE_CODES["attachment_not_accepted"]
    return [
        Flaw(flaw.pointer, "attachment_not_accepted", attached)
        if flaw.code == "string_too_long" and is_attachment(flaw.pointer)
        else flaw
        for flaw in found
    ]


def _path(loc: Sequence[str | int], document: Any, kind: str) -> Path:
    """The steps of ``loc`` that lead through the document; labels that pydantic adds for a union lead nowhere."""
    path: list[str | int] = []
    node = document
    for number, step in enumerate(loc):
        there, inner = member(node, step)
        if there:
            node = inner
            path.append(step)
        elif number == len(loc) - 1 and _CODES.get(kind) == "field_missing":
            path.append(step)
    return tuple(path)
