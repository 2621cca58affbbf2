"""Why an element fell, or why a whole instrument says nothing. Internal: a justice actor never sees one."""

from enum import StrEnum


class Reason(StrEnum):
    """The rule that decided. Order of outcomes: domain rules 0."""

    NO_INSTRUMENT = "no_instrument"
    RULE_ERROR = "rule_error"
    ENTERED_IN_ERROR = "entered_in_error"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    DEFICIENT = "consent_deficient"
    PROFILE_UNKNOWN = "profile_unknown"
    KIND_UNKNOWN = "kind_unknown"
    ROLE_OUTSIDE_KIND = "role_outside_kind"
    PURPOSE_OUTSIDE_KIND = "purpose_outside_kind"
    PURPOSE_NOT_FOR_ROLE = "purpose_not_for_role"
    CONDITION_NOT_IMPOSED = "condition_not_imposed"
    OTHER_DISCLOSER = "other_discloser"
    OTHER_CASE = "other_case"
    NOT_YET_EFFECTIVE = "not_yet_effective"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SUPERSEDED = "superseded"
    UNIT_NOT_NAMED = "unit_not_named"
    ROLE_NOT_NAMED = "role_not_named"
    PERSON_NOT_NAMED = "person_not_named"
    PURPOSE_NOT_GRANTED = "purpose_not_granted"
    ELEMENT_NOT_GRANTED = "element_not_granted"
    ABOVE_ROLE_CEILING = "element_above_role_ceiling"
    FINER_STEP_LEAVES = "finer_step_leaves"
