"""Codes of court orders and of emergencies (domain rules 1.14, 1.15): what is entered, and what became of it."""

from enum import StrEnum


class OrderType(StrEnum):
    """Under which rule a court ordered it; ``subpoena`` is a mandate alone, which never suffices (42 CFR 2.61)."""

    NON_CRIMINAL = "2.64"
    CRIMINAL = "2.65"
    AGAINST_HOLDER = "2.66"
    NATIONAL_LAW = "national_law"
    SUBPOENA = "subpoena"


class OrderState(StrEnum):
    """``authorised_not_compelled``: no subpoena or similar mandate came with the order (42 CFR 2.61(b))."""

    HELD = "held"
    AUTHORISED_NOT_COMPELLED = "authorised_not_compelled"
    APPROVED = "approved"
    REFUSED = "refused"
    VACATED = "vacated"
    EXPIRED = "expired"


class ConfidentialGround(StrEnum):
    """Why an order may reach what the patient said in confidence (42 CFR 2.63(a)(1) to (3))."""

    THREAT_TO_LIFE = "threat_to_life"
    EXTREMELY_SERIOUS_CRIME = "extremely_serious_crime"
    PATIENT_TESTIMONY = "patient_testimony"


class HeldFor(StrEnum):
    """Why the programme holds the records: no order reaches those held for research or audit (42 CFR 2.62)."""

    TREATMENT = "treatment"
    RESEARCH = "research"
    AUDIT_OR_EVALUATION = "audit_or_evaluation"


class VacatingGround(StrEnum):
    """Why an order that was entered is an order no more; ``wrong_subject`` never was one of this patient."""

    VACATED = "vacated"
    WRONG_SUBJECT = "wrong_subject"


class EmergencyNature(StrEnum):
    """Of which nature an emergency is (42 CFR 2.51(a), GDPR 9(2)(c))."""

    LIFE_THREAT = "life_threat"
    IMMEDIATE_HEALTH_THREAT = "immediate_health_threat"
    DECLARED_DISASTER = "declared_disaster"


class NoConsent(StrEnum):
    """Why the patient's consent cannot be obtained in time (42 CFR 2.51(a)(1), (2))."""

    INCAPABLE = "incapable"
    UNREACHABLE = "unreachable"
    PROGRAMME_CLOSED = "programme_closed"
