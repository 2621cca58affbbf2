"""The words of a form in one language: TOML that a lawyer reads, parsed. A code without words is refused."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from string import Formatter
from types import MappingProxyType
from typing import Any, Final, TypeVar

from app.vocabulary import CaseEvent, CaseIdentifierType, ConsentKind, Element, Purpose, Role

_Code = TypeVar("_Code", bound=StrEnum)

HEADINGS: Final = (
    "title",
    "patient",
    "discloser",
    "recipients",
    "bounds",
    "duration",
    "revocation",
    "protection",
    "choice",
    "signatures",
)
_FIXED: Final = (
    *("nothing_else", "no_case", "begins", "ends_never", "additional", "reliance"),
    *("protected", "justice", "hipaa_redisclosure", "tpo_redisclosure"),
    *("voluntary", "refusal", "advice", "understood", "copy"),
    *("patient_signs", "representative_signs", "witness_signs", "interpreter_signs"),
)
SENTENCES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "date": frozenset({"day", "month", "year"}),
        **dict.fromkeys(("day_begins", "day_ends"), frozenset({"date", "zone"})),
        "moment": frozenset({"time", "date", "zone"}),
        "kind": frozenset({"kind"}),
        "name": frozenset({"name"}),
        **dict.fromkeys(("discloser", "records_all", "revocable", "revocable_from"), frozenset({"discloser"})),
        "recipient": frozenset({"number", "unit", "role"}),
        "person": frozenset({"person"}),
        "purposes": frozenset({"purposes"}),
        "elements": frozenset({"number"}),
        "included": frozenset({"element"}),
        "case": frozenset({"type", "value"}),
        "records": frozenset({"date"}),
        **dict.fromkeys(("begins_later", "ends", "opens"), frozenset({"when"})),
        **dict.fromkeys(("ends_with_event", "opens_with_event"), frozenset({"event", "when"})),
        "ends_with_event_only": frozenset({"event"}),
        "rationale": frozenset({"rationale"}),
        "supersedes": frozenset({"consent"}),
        "tpo_refusal": frozenset({"discloser"}),
        "footer": frozenset({"consent", "version"}),
        **dict.fromkeys(_FIXED, frozenset[str]()),
    }
)
"""Sentence -> what is filled into it. Each language has all of them and fills in all of it."""


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
    return Wording(
        language=str(raw["language"]),
        version=str(raw["version"]),
        months=tuple(raw["months"]),
        headings=_complete(raw, "heading", HEADINGS),
        sentences=_sentences(raw),
        kinds=_coded(raw, "kind", ConsentKind),
        purposes=_coded(raw, "purpose", Purpose),
        roles=_coded(raw, "role", Role),
        events=_coded(raw, "event", CaseEvent),
        case_types=_coded(raw, "case_type", CaseIdentifierType),
        elements=_coded(raw, "element", Element),
    )


def _sentences(raw: Mapping[str, Any]) -> Mapping[str, str]:
    found = _complete(raw, "sentence", SENTENCES)
    for name, sentence in found.items():
        filled = {field for _, field, _, _ in Formatter().parse(sentence) if field is not None}
        if filled != SENTENCES[name]:
            raise WordingError(f"sentence.{name}: fills in {sorted(filled)}, not {sorted(SENTENCES[name])}")
    return found


def _coded(raw: Mapping[str, Any], table: str, codes: type[_Code]) -> Mapping[_Code, str]:
    found = _complete(raw, table, [code.value for code in codes])
    return {code: found[code.value] for code in codes}


def _complete(raw: Mapping[str, Any], table: str, names: Iterable[str]) -> Mapping[str, str]:
    written, wanted = raw.get(table, {}), set(names)
    odd = wanted.symmetric_difference(written) | {name for name, words in written.items() if not str(words).strip()}
    if odd:
        raise WordingError(f"{table}: missing, unknown or blank: {', '.join(sorted(odd))}")
    return {name: str(written[name]) for name in written}
