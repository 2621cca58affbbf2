"""The settings of a profile (domain rules 2.5): each key with what it means and may say."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from app.consent.profile_reading import ProfileError, table
from app.consent.profile_values import Setting, choice, codes, number, text
from app.vocabulary import ConsentKind

_NAME: Final = r"[a-z0-9][a-z0-9.@-]*"


class Told(StrEnum):
    """What past recipients are told of (GDPR 19; LED 7(3))."""

    CORRECTION = "correction"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    UNLAWFUL_TRANSMISSION = "unlawful_transmission"


SETTINGS: Final[Mapping[str, Setting]] = {
    "consent_is_lawful_basis": choice(
        "whether the patient's consent is the legal ground; if not, it is a safeguard beside a law", ("yes",), ("no",)
    ),
    "justice_consent_kind": codes(
        "kinds of consent under which a role of justice may receive reports", ConsentKind, set.intersection
    ),
    "revocation": choice(
        "when a consent can be taken back; always for the future only", ("any_time_or_from_clock",), ("any_time",)
    ),
    "reliance_exception": choice(
        "what was done in reliance on it before it was taken back", ("yes",), ("earlier_processing_stays_lawful",)
    ),
    "notice": text("the text that goes with every disclosure", "name of a text", _NAME),
    "notice_language": text("the language of that text", "BCP 47 tag", r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*"),
    "notice_names_discloser": choice(
        "whether the notice must name the discloser even where its name may not leave; a profile that says so is "
        "refused, so nothing leaves under it (domain rules 8, 15)",
        ("no",),
    ),
    "counselling_notes_to_justice": choice(
        "counselling notes to a role of justice, defence counsel included, under a consent of their own or an express "
        "order",
        ("separate_consent", "never"),
    ),
    "proceedings_use": choice(
        "use in a proceeding against the patient", ("proceeding_kind_or_order", "never"), ("national_law", "never")
    ),
    "same_action_decision_use": choice(
        "whether who decides the same case may rely on a report for monitoring",
        ("allowed_under_2_35", "needs_proceeding_consent"),
    ),
    "disposition_planning_under": choice(
        "the kind of consent that planning of a sentence needs", ("named_disclosure", "proceeding", "never")
    ),
    "emergency": choice(
        "when medical staff may receive without consent", ("us_2_51", "vital_interests", "life_threat")
    ),
    "minors": text("the table of who signs for a minor", "name of a table", _NAME, of_place=True),
    "accounting_days": number("days to answer a request for an accounting", 1, 60, stricter="less"),
    "accounting_extension_days": number("days more, once, with written reasons", 0, 60, stricter="less"),
    "accounting_years": number("years back that an accounting reaches", 3, 100, stricter="more", above="all"),
    "accounting_free_months": number(
        "months in which the first accounting is free of charge; 0: every one is", 0, 12, stricter="less"
    ),
    "breach_clock": choice("time to notify of a breach", ("60d", "72h")),
    "log_retention": text(
        "how long the technical log is kept",
        "number of years as 6y | end_of_next_year",
        r"[1-9][0-9]?y|end_of_next_year",
    ),
    "tell_recipients_of": codes("what whoever received something is told of afterwards", Told, set.union),
    "max_consent_duration": choice(
        "the longest consent: to the end of the case or measure, with a review at latest after so many months",
        ("action_end", "action_end_12m_review", "measure_6m_review"),
    ),
    "public_error_mode": choice("what a refused caller sees", ("uniform",)),
    "existence_confirmation": choice("whether anybody is told that a person is or is not a patient", ("never",)),
    "oral_revocation": choice(
        "a revocation by word of mouth: acted on at once either way, then documented or confirmed",
        ("in_writing", "accepted_and_documented"),
    ),
    "proposal_ttl_days": number("days after which an unsigned form is void", 1, 30, stricter="less"),
    "reoffer_after_hours": number("hours to wait after a patient could not decide freely", 1, 8760, stricter="more"),
    "voluntariness_check": choice("that nobody was pressed is", ("recorded", "required")),
    "dpia": choice("a data protection impact assessment before the service may start", ("none", "required")),
}
"""Key -> setting, in the order of the page. A key that is not here is refused, and each of these must be there."""


def read_settings(raw: object) -> dict[str, str]:
    """All settings of a profile.

    Raises:
        ProfileError: naming the key that is missing, unknown or wrong.
    """
    written = table(raw, "settings", SETTINGS)
    return {key: admitted(key, written[key]) for key in SETTINGS}


def admitted(key: str, value: object) -> str:
    """A value that may stand under this key."""
    if not isinstance(value, str) or not SETTINGS[key].admits(value):
        raise ProfileError(f"settings.{key}: {SETTINGS[key].allowed}")
    return value
