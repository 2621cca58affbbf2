"""What one schema lets be sent and another does not take: the part of JSON Schema 2020-12 that our contract uses.

The direction is the caller's: for a request the tagged contract is sent and today's takes it; for an answer today's is
sent and the tagged one takes it. A keyword that is not compared here is an error, never passed over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

Schema = dict[str, Any]

UPPER: Final = ("maxLength", "maximum", "exclusiveMaximum", "maxItems", "maxProperties")
LOWER: Final = ("minLength", "minimum", "exclusiveMinimum", "minItems", "minProperties")
EXACT: Final = ("pattern", "format", "uniqueItems", "multipleOf")
_OBJECT: Final = ("properties", "required", "additionalProperties", "propertyNames")
_OTHER: Final = ("type", "enum", "const", "items", "prefixItems", "anyOf", "oneOf", "$ref", *_OBJECT)
_SAY_NOTHING: Final = ("title", "description", "default", "example", "examples", "deprecated", "discriminator")
KEYWORDS: Final = frozenset({*UPPER, *LOWER, *EXACT, *_OTHER, *_SAY_NOTHING})
OPEN: Final = "x-open"
"""Beside ``enum`` in an answer: more values may come, and software must expect them."""


class NotCompared(Exception):
    """A keyword of which this comparison knows nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``sent`` and ``taken`` are whole OpenAPI documents, for references; ``answers``: the direction."""

    sent: Schema
    taken: Schema
    answers: bool

    def flaws(self, sent: Any, taken: Any, at: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Iterator[str]:
        """Each way in which something of ``sent`` is no longer taken, as a sentence that begins with its place."""
        here = tuple(str(schema.get("$ref", "")) if isinstance(schema, dict) else "" for schema in (sent, taken))
        met = (here[0], here[1])
        if all(met) and met in seen:
            return
        seen = seen | {met}
        sent, taken = _resolved(self.sent, sent), _resolved(self.taken, taken)
        if any(name in schema for schema in (sent, taken) for name in ("anyOf", "oneOf")):
            yield from self._alternatives(sent, taken, at, seen)
            return
        yield from self._types(sent, taken, at)
        yield from self._values(sent, taken, at)
        yield from self._bounds(sent, taken, at)
        if any(name in schema for schema in (sent, taken) for name in _OBJECT):
            yield from self._members(sent, taken, at, seen)
        for keyword in ("items", "propertyNames"):
            if keyword in taken:
                yield from self.flaws(sent.get(keyword, {}), taken[keyword], f"{at}/*", seen)
        if len(sent.get("prefixItems", ())) != len(taken.get("prefixItems", ())):
            yield f"{at}: the list has another length"
        for number, pair in enumerate(zip(sent.get("prefixItems", ()), taken.get("prefixItems", ()), strict=False)):
            yield from self.flaws(*pair, f"{at}/{number}", seen)

    def _alternatives(self, sent: Schema, taken: Schema, at: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        for one in _offered(sent):
            tried = [list(self.flaws(one, other, at, seen)) for other in _offered(taken)]
            if all(tried):
                alike = [f for f, other in zip(tried, _offered(taken), strict=True) if _name(one) == _name(other)]
                yield from alike[0] if len(alike) == 1 else [f"{at}: no alternative is left for {_name(one)}"]

    def _types(self, sent: Schema, taken: Schema, at: str) -> Iterator[str]:
        allowed = _kinds(taken)
        wrong = (_kinds(sent) or {"any"}) - (allowed or {"any"}) if allowed else set()
        if "number" in (allowed or ()):
            wrong -= {"integer"}
        if wrong:
            yield f"{at}: the type {self._became(_kinds(sent), allowed)}"

    def _values(self, sent: Schema, taken: Schema, at: str) -> Iterator[str]:
        allowed, possible = _listed(taken), _listed(sent)
        if allowed is None or (self.answers and taken.get(OPEN)):
            return
        if possible is None:
            yield f"{at}: the list of values {self._became(None, allowed)}"
        elif more := [value for value in possible if value not in allowed]:
            yield f"{at}: {', '.join(map(str, more))} {'is answered now' if self.answers else 'is not taken any more'}"

    def _bounds(self, sent: Schema, taken: Schema, at: str) -> Iterator[str]:
        for keyword in (*UPPER, *LOWER, *EXACT):
            ours, theirs = sent.get(keyword), taken.get(keyword)
            if theirs is None or ours == theirs:
                continue
            wider = keyword in EXACT or ours is None or (ours > theirs if keyword in UPPER else ours < theirs)
            if wider:
                yield f"{at}: {keyword} {self._became(ours, theirs)}"

    def _members(self, sent: Schema, taken: Schema, at: str, seen: frozenset[tuple[str, str]]) -> Iterator[str]:
        ours, theirs = sent.get("properties", {}), taken.get("properties", {})
        for name in sorted({*taken.get("required", ())} - {*sent.get("required", ())}):
            yield f"{at}/{name}: {'may be absent now' if self.answers else 'is required now'}"
        old, new = (theirs, ours) if self.answers else (ours, theirs)
        for name in sorted({*old} - {*new}):
            yield f"{at}/{name}: is no member any more"
        for name in sorted({*old} & {*new}):
            yield from self.flaws(ours[name], theirs[name], f"{at}/{name}", seen)
        beyond, most = sent.get("additionalProperties", True), taken.get("additionalProperties", True)
        if isinstance(most, dict) and isinstance(beyond, dict):
            yield from self.flaws(beyond, most, f"{at}/*", seen)
        elif isinstance(most, dict) and beyond is True:
            yield f"{at}/*: members {self._became('of any kind', 'of one kind')}"
        elif most is False and beyond is not False and not self.answers:  # an answer may gain members
            yield f"{at}: other members are not taken any more"

    def _became(self, sent: Any, taken: Any) -> str:
        before, after = (taken, sent) if self.answers else (sent, taken)
        return f"was {_said(before)} and is {_said(after)}"


def _resolved(document: Schema, schema: Any) -> Schema:
    found: Any = {} if schema is True else schema
    while "$ref" in found:
        found = document["components"]["schemas"][found["$ref"].rpartition("/")[2]]
    unknown = [name for name in found if name not in KEYWORDS and not name.startswith("x-")]
    if unknown:
        raise NotCompared(f"{', '.join(sorted(unknown))} in a schema: teach tests/compatibility what it means")
    resolved: Schema = found
    return resolved


def _offered(schema: Schema) -> list[Any]:
    offered: list[Any] = schema.get("anyOf") or schema.get("oneOf") or [schema]
    return offered


def _name(schema: Any) -> str:
    return str(schema.get("$ref", "")).rpartition("/")[2] or str(schema.get("title") or schema.get("type") or "it")


def _kinds(schema: Schema) -> set[str] | None:
    if "type" not in schema:
        return None
    return {schema["type"]} if isinstance(schema["type"], str) else set(schema["type"])


def _listed(schema: Schema) -> list[Any] | None:
    found: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return found


def _said(value: Any) -> str:
    if isinstance(value, set | list):
        return ", ".join(sorted(map(str, value)))
    return "free" if value is None else str(value)
