"""The words of a form in one language: TOML that a lawyer reads, parsed. A code without words is refused."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from string import Formatter
from typing import Any, TypeVar

from app.consent.form.names import HEADINGS, SENTENCES
from app.vocabulary import CaseEvent, CaseIdentifierType, ConsentKind, Element, Purpose, Role

_Code = TypeVar("_Code", bound=StrEnum)


class WordingError(ValueError):
    """A wording that cannot be used; the message names the key."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One language at one version. Codes are in the words of the patient, not of the API."""

    language: str
    version: str
    months: tuple[str, ...]
    headings: Mapping[str, str]
    sentences: Mapping[str, str]
    kinds: Mapping[ConsentKind, str]
    purposes: Mapping[Purpose, str]
    roles: Mapping[Role, str]
    events: Mapping[CaseEvent, str]
    case_types: Mapping[CaseIdentifierType, str]
    elements: Mapping[Element, str]
    laws: Mapping[str, "Wording"] = field(default_factory=dict)
    """Id of a profile -> the same language where some sentences speak of another law."""

    def under(self, law: str) -> "Wording":
        """The wording for a form under the profile of this id."""
        return self.laws.get(law, self)

    def say(self, sentence: str, **filled: object) -> str:
        """The sentence, filled in."""
        return self.sentences[sentence].format_map(filled)


def parse_wording(text: str) -> Wording:
    """Read a wording from its TOML text.

    Raises:
        WordingError: a heading, sentence or code lacks its words, has unknown ones, or fills in something else.
    """
    raw = tomllib.loads(text)
    if odd := {"language", "version", "months"}.difference(raw):
        raise WordingError(f"missing: {', '.join(sorted(odd))}")
    if len(raw["months"]) != 12:
        raise WordingError("months: a year has twelve")
    sentences, kinds = _sentences(raw), _coded(raw, "kind", ConsentKind)
    laws = {
        law: _wording(raw, *_under(law, other, sentences, kinds), {}) for law, other in raw.get("under", {}).items()
    }
    return _wording(raw, sentences, kinds, laws)


def _wording(
    raw: Mapping[str, Any],
    sentences: Mapping[str, str],
    kinds: Mapping[ConsentKind, str],
    laws: Mapping[str, Wording],
) -> Wording:
    return Wording(
        language=str(raw["language"]),
        version=str(raw["version"]),
        months=tuple(raw["months"]),
        headings=_complete(raw, "heading", HEADINGS),
        sentences=sentences,
        kinds=kinds,
        purposes=_coded(raw, "purpose", Purpose),
        roles=_coded(raw, "role", Role),
        events=_coded(raw, "event", CaseEvent),
        case_types=_coded(raw, "case_type", CaseIdentifierType),
        elements=_coded(raw, "element", Element),
        laws=laws,
    )


def _under(
    law: str, other: Mapping[str, Any], sentences: Mapping[str, str], kinds: Mapping[ConsentKind, str]
) -> tuple[Mapping[str, str], Mapping[ConsentKind, str]]:
    """Sentences and kinds with what one law says otherwise; every other word stands."""
    said, named = other.get("sentence", {}), other.get("kind", {})
    if odd := {*other} - {"sentence", "kind"} | {*said} - {*SENTENCES} | {*named} - {*ConsentKind}:
        raise WordingError(f"under.{law}: unknown: {', '.join(sorted(odd))}")
    _filled(said, f"under.{law}.")
    return {**sentences, **said}, {**kinds, **{ConsentKind(kind): str(words) for kind, words in named.items()}}


def _sentences(raw: Mapping[str, Any]) -> Mapping[str, str]:
    found = _complete(raw, "sentence", SENTENCES)
    _filled(found, "")
    return found


def _filled(sentences: Mapping[str, str], where: str) -> None:
    for name, sentence in sentences.items():
        filled = {word for _, word, _, _ in Formatter().parse(sentence) if word is not None}
        if filled != SENTENCES[name]:
            raise WordingError(f"{where}sentence.{name}: fills in {sorted(filled)}, not {sorted(SENTENCES[name])}")


def _coded(raw: Mapping[str, Any], table: str, codes: type[_Code]) -> Mapping[_Code, str]:
    found = _complete(raw, table, [code.value for code in codes])
    return {code: found[code.value] for code in codes}


def _complete(raw: Mapping[str, Any], table: str, names: Iterable[str]) -> Mapping[str, str]:
    written, wanted = raw.get(table, {}), set(names)
    odd = wanted.symmetric_difference(written) | {name for name, words in written.items() if not str(words).strip()}
    if odd:
        raise WordingError(f"{table}: missing, unknown or blank: {', '.join(sorted(odd))}")
    return {name: str(written[name]) for name in written}
