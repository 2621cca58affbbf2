"""Reasons and their frames in English."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from app.consent.reason import Reason

ENGLISH: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.NO_INSTRUMENT: "no consent names this unit in this case, or the case is unknown",
        Reason.RULE_ERROR: "a rule failed and therefore forbade; see the log",
        Reason.ENTERED_IN_ERROR: "the consent was found to be entered in error",
        Reason.RESTRICTED: "the patient restricted it",
        Reason.SUSPENDED: "the consent is suspended while it is in doubt",
        Reason.DEFICIENT: "the consent lacks a required part",
        Reason.PROFILE_UNKNOWN: "a profile that it has to be decided under is not known here",
        Reason.KIND_UNKNOWN: "the profile does not know this kind of consent",
        Reason.ROLE_OUTSIDE_KIND: "this kind of consent is not for this role",
        Reason.PURPOSE_OUTSIDE_KIND: "this kind of consent is not for this purpose",
        Reason.PURPOSE_NOT_FOR_ROLE: "the role may not state this purpose",
        Reason.CONDITION_NOT_IMPOSED: "treatment was not made a condition in this case",
        Reason.OTHER_CASE: "the consent is for another case",
        Reason.NOT_YET_EFFECTIVE: "the consent is not in force yet",
        Reason.EXPIRED: "the consent has expired",
        Reason.REVOKED: "the patient took it back",
        Reason.SUPERSEDED: "a later consent took its place, or the court order ended",
        Reason.UNIT_NOT_NAMED: "the consent does not name this unit",
        Reason.ROLE_NOT_NAMED: "the consent names the unit in another role",
        Reason.PERSON_NOT_NAMED: "the consent names one member of staff, who was not the Acting-User",
        Reason.PURPOSE_NOT_GRANTED: "the patient did not allow this purpose",
        Reason.ELEMENT_NOT_GRANTED: "the patient did not allow this element",
        Reason.ABOVE_ROLE_CEILING: "the profile never gives this element to this role",
        Reason.NOT_ASSIGNED: "whoever asked was not assigned to this case",
        Reason.DISCLOSER_CLOSED: "the programme that holds the record has closed",
        Reason.LAWFUL_BASIS_MISSING: "an agreement alone is no legal ground here, and no law was named",
        Reason.REPRESENTATION_ENDED: "somebody else signed for a minor who has come of age since",
        Reason.FINER_STEP_LEAVES: "a finer step of the same ladder left instead",
    }
)
ENGLISH_FRAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "covered": "{what}: could be told, since a consent of the patient covers unit, role, purpose, case and time.",
        "ordered": "{what}: could be told, since a court had ordered it.",
        "fell": "{what}: was not told, since {why}.",
        "speaks": "{what}: speaks to this unit, role, purpose and case at this time.",
        "silent": "{what}: says nothing to this question, since {why}.",
        "nothing": "nothing was found, since {why}.",
        "consent": "consent",
        "court_order": "court order",
        "correction": "it was told only that something that was read is wrong; what was wrong is put right with "
        "whoever holds it.",
        "told": "no rule of this service decided it: a person at the clinic told it, and stated the ground.",
        "transfer": "the clinic handed it over for treatment, under the patient's consent to that.",
    }
)
