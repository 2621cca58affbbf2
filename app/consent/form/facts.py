"""What a form is about: the proposal, and the names and places as they stood when it was drawn up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from app.consent.laws import PART_2
from app.consent.proposal import Proposal
from app.vocabulary import CaseIdentifierType


@dataclass(frozen=True, slots=True)
class FormFacts:
    """What the text is made of. ``units`` names the units of the form, ``case`` is as the referral spells it."""

    consent: str
    proposal: Proposal
    discloser: str
    units: Mapping[str, str]
    case: tuple[CaseIdentifierType, str] | None
    records_from: date | None
    revocation: str
    """Rule of the kind: ``any_time`` or ``from_clock``."""
    time_zone: str
    law: str = PART_2
    """Id of the profile that the form was drawn up under."""
