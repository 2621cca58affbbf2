"""From proposed to active: who may sign, what is wrong, what is still to come (domain rules 5.1, 5.2). Pure."""

from app.consent.signing.check import SigningFacts, flaws_of_signing
from app.consent.signing.minors import MinorRule, MinorsError, MinorTable, parse_minors
from app.consent.signing.person import Person, represented_until
from app.consent.signing.progress import effective_from, still_missing
from app.consent.signing.whole import flaws_of_missing

__all__ = [
    "MinorRule",
    "MinorTable",
    "MinorsError",
    "Person",
    "SigningFacts",
    "effective_from",
    "flaws_of_missing",
    "flaws_of_signing",
    "parse_minors",
    "represented_until",
    "still_missing",
]
