"""What a wording has to have words for, beside the codes: its headings and its sentences."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

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
    *("protected", "justice", "hipaa_redisclosure", "tpo_redisclosure", "proceeding", "notes", "ground"),
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
        "lawful_basis": frozenset({"article", "law"}),
        **dict.fromkeys(("intermediary", "intermediary_treating"), frozenset({"intermediary"})),
        "intermediary_member": frozenset({"unit"}),
        "supersedes": frozenset({"consent"}),
        "tpo_refusal": frozenset({"discloser"}),
        "footer": frozenset({"consent", "version"}),
        **dict.fromkeys(_FIXED, frozenset[str]()),
    }
)
"""Sentence -> what is filled into it. Each language has all of them and fills in all of it."""
