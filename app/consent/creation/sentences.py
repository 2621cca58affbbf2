"""What a clinic clerk is told: every code of a refused form, the rule behind it and what to do (domain rules 5.3)."""

from types import MappingProxyType
from typing import Final

from app.consent.creation.sentences_grounds import GROUNDS
from app.consent.laws import cite
from app.errors import Flaw

SENTENCES: Final = MappingProxyType(
    GROUNDS
    | {
        "subject_name_missing": ("31(a)(1)", "Write the patient's name as it stands on the form."),
        "subject_name_mismatch": (
            "31(a)(1)",
            "The name on the form is not that of this patient's record. Check that form and patient belong together.",
        ),
        "discloser_missing": ("31(a)(2)", "Name the clinic that may disclose: your own unit."),
        "creator_not_discloser": (
            "31(a)(2)",
            "Only the clinic that holds the record can take this consent. Name your own unit and no other.",
        ),
        "kind_unknown": ("31", "The rules of this clinic have no such kind of consent. Choose one of those offered."),
        "elements_empty": ("31(a)(3)", "Tick at least one kind of information: an empty list allows nothing."),
        "elements_wildcard": ("31(a)(3)", "A consent cannot be to everything. Name each kind of information."),
        "element_unknown": ("31(a)(3)", "This kind of information is not on the list. Choose it from the list."),
        "recipient_element_not_on_form": (
            "31(a)(3)",
            "Recipient {recipient} is to get information that the form itself does not name. Add it there or drop it.",
        ),
        "element_above_role_ceiling": (
            "13(a)",
            "Recipient {recipient} may never get this information in that role, whatever the patient signs. Drop it, "
            "or give this recipient its own shorter list.",
        ),
        "counselling_notes_consent_must_stand_alone": (
            "31(b)",
            "Counselling notes need a form of their own. Take them off this one, or everything else.",
        ),
        "recipient_missing": ("31(a)(4)(i)", "Name at least one unit that may receive the information."),
        "recipient_class_not_allowed_for_role": (
            "31(a)(4)(ii)",
            "Courts, police, prosecutors, probation and defence must be named unit by unit, not as a group.",
        ),
        "recipient_not_registered_unit": (
            "31(a)(4)(i)",
            "No registered unit has this name and role. Look the unit up in the directory: an agency is not enough.",
        ),
        "person_malformed": (
            "31(a)(4)(i)",
            "Name the person at recipient {recipient} by the staff id that their unit asks with, 1 to 64 characters "
            "without a space, or name the unit and role alone.",
        ),
        "role_unknown": ("31(a)(4)(i)", "This role is not on the list. Choose it from the list."),
        "role_outside_kind": ("33(a)", "This kind of consent cannot be given to a recipient in this role."),
        "role_outside_2_35": (
            "35(a)",
            "This form is only for the body that made treatment a condition and for those named to supervise it. "
            "Use a named disclosure for anyone else.",
        ),
        "purpose_missing": ("31(a)(5)", "State at least one purpose."),
        "purpose_unknown": ("31(a)(5)", "This purpose is not on the list. Choose it from the list."),
        "purpose_role_mismatch": (
            "31(a)(5)",
            "This purpose does not go with this kind of consent, or a recipient in such a role never acts for it. "
            "Choose another, or give that recipient its own list of purposes.",
        ),
        "recipient_purpose_not_on_form": (
            "31(a)(5)",
            "Recipient {recipient} is given a purpose that the form itself does not state. Add it there or drop it.",
        ),
        "proceeding_consent_must_stand_alone": (
            "31(d)",
            "Use in a proceeding needs a form of its own. Take it off this one, or every other purpose.",
        ),
        "action_missing": (
            "35(d)",
            "A recipient in the justice system gets information in one case only. Name the referral of that case.",
        ),
        "action_not_of_subject": ("35(d)", "There is no such referral of this patient to your clinic."),
        "action_unexpected": (
            "33(a)(2)",
            "A consent to treatment, payment and operations belongs to no case. Take the referral off.",
        ),
        "condition_not_imposed": (
            "35(a)",
            "Treatment is no condition in this case, so this form cannot be used. Use a named disclosure.",
        ),
        "action_ended": (
            "35(c)",
            "The case, release or sentence of this referral is over, and with it what this form is for. Use a named "
            "disclosure, or a new referral.",
        ),
        "expiry_missing": ("31(a)(7)", "Say when the consent ends: a date, or an event with a latest date."),
        "expiry_none_only_for_tpo": ("31(a)(7)", "Only a consent to treatment, payment and operations has no end."),
        "expiry_invalid": ("31(a)(7)", "Write a date as YYYY-MM-DD, or a time with its offset from UTC."),
        "expiry_event_unknown": ("31(a)(7)", "A consent cannot end with this event. Choose it from the list."),
        "expiry_event_without_case": (
            "31(a)(7)",
            "This form is of no case, so no event of a case can end it. Write a date, or for treatment, payment and "
            "operations that it has no end.",
        ),
        "expiry_event_past": (
            "31(a)(7)",
            "This event was reported in the case before, so the consent would be over at once. Name an event that is "
            "still to come, or a date alone.",
        ),
        "expiry_backstop_missing": ("31(a)(7)", "The event may never come: add the latest date of the consent."),
        "expiry_past": ("31(a)(7)", "The consent would end before it begins. Write a later date."),
        "exceeds_measure": ("35(b)", "The consent would outlast the court's measure. Write an earlier date."),
        "revocable_from_missing": ("35(c)", "Say from when the patient may revoke: a date, or an event and a date."),
        "revocable_from_unexpected": ("31(a)(6)", "This consent may be revoked at any time. Take the date off."),
        "revocable_from_invalid": ("35(c)", "Write a date as YYYY-MM-DD, or a time with its offset from UTC."),
        "revocable_from_event_unknown": ("35(c)", "This event is not on the list. Choose it from the list."),
        "revocable_from_backstop_missing": ("35(c)", "The event may never come: add the latest date."),
        "revocable_from_after_final_disposition": (
            "35(c)",
            "The patient must be able to revoke by the day on which the case is to be decided. Write an earlier date.",
        ),
        "duration_rationale_missing": ("35(b)", "Say why it lasts this long: length of treatment, kind of proceeding."),
        "revocation_statement_missing": ("31(a)(6)", "The form must say how to revoke. Use one that does."),
        "tpo_statements_missing": (
            "31(a)(4)(iii), (a)(10)",
            "The form must say that information may be passed on and what refusing means. Use a form that does.",
        ),
        "effective_from_invalid": ("31(a)(9)", "Write a date as YYYY-MM-DD, or a time with its offset from UTC."),
        "backdated_effective_from": ("31(a)(9)", "A consent cannot begin before today. Write today or a later day."),
        "time_zone_unknown": ("31(a)(7)", "Write a time zone by its name, such as America/Chicago."),
        "records_from_invalid": ("31(a)(3)", "The first day of the records lies in the future. Write an earlier day."),
        "consent_overlap_unresolved": (
            "31(c)",
            "Recipient {recipient} has a live consent in this case for this purpose. Say whether the new one replaces "
            "it (supersedes) or stands beside it (additional).",
        ),
        "supersedes_unknown": ("31(c)", "This patient has no such live consent at your clinic."),
    }
)
"""Code -> (paragraph of 42 CFR part 2, or another source written out; sentence)."""


def flaw(pointer: str, code: str, recipient: int = 0) -> Flaw:
    """The flaw of that code. ``recipient`` counts from 1, as on the form; no word that was sent is repeated."""
    paragraph, sentence = SENTENCES[code]
    return Flaw(pointer, code, sentence.format(recipient=recipient), cite(paragraph))
