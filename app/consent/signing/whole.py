"""What is still missing as flaws, for a call that says it brings all (domain rules 5.3)."""

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final

from app.consent.signing.sentences import flaw
from app.errors import Flaw

_WHERE: Final = MappingProxyType(
    {
        "capacity": ("/capacity", "capacity_not_established"),
        "patient_notice": ("/notice_given", "patient_notice_missing"),
        "read_aloud": ("/read_aloud", "attestation_missing"),
        "interpreter_language": ("/interpreter_language", "attestation_missing"),
        "copy_given": ("/copy_given_at", "attestation_missing"),
        "pressure_declaration": ("/pressure_declaration", "attestation_missing"),
    }
)
"""Name of what is missing -> where it belongs, and its code; every other name is of a signature."""


def flaws_of_missing(missing: Sequence[str]) -> list[Flaw]:
    """A flaw for each thing that is missing; one for all signatures together."""
    found = [_WHERE.get(name, ("/signatures", "signature_set_incomplete")) for name in missing]
    return [flaw(pointer, code) for pointer, code in dict.fromkeys(found)]
