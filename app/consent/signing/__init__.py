"""From proposed to active: who may sign, what is wrong, what is still to come (domain rules 5.1, 5.2). Pure."""

from app.consent.signing.check import SigningFacts, flaws_of_signing
from app.consent.signing.progress import effective_from, still_missing

__all__ = ["SigningFacts", "effective_from", "flaws_of_signing", "still_missing"]
