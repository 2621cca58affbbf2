"""The checks of a consent before anyone signs it (domain rules 5.3). Pure: facts in, flaws out."""

from app.consent.creation.check import check, grants
from app.consent.creation.facts import CreationFacts, LiveConsent, ReferralFacts

__all__ = ["CreationFacts", "LiveConsent", "ReferralFacts", "check", "grants"]
