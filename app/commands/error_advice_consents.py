"""The same of the codes about consents: from the proposal to what becomes of a signed one, and its patient."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

CONSENTS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "consent_not_proposed": ("The consent is no proposal any more.", "`GET /v1/consents/{consent_id}`; revoke."),
        "consent_not_active": ("The consent is proposed or over: nothing flows.", "`GET /v1/consents/{consent_id}`."),
        "consent_not_signed": ("The consent is a proposal without a signed page.", "Compare once it is signed."),
        "consent_entered_in_error": ("The consent is entered in error already.", "Nothing is left to do."),
        "error_under_review": ("Somebody has reported this before.", "A second person decides: `GET /v1/reviews`."),
        "suspension_lifted": ("The suspension is over.", "Suspend the consent again if there is a new doubt."),
        "review_decided": ("Somebody decided the review before.", "`GET /v1/reviews/{review_id}` shows what."),
        "second_person_required": (
            "Two persons have to agree, and this may be the first one again.",
            "Have a colleague decide, with their own `Acting-User`, or the privacy office.",
        ),
        "acting_user_missing": ("What is done here needs to be somebody's.", "Send `Acting-User`."),
        "deceased_on_out_of_range": ("The day of death is in the future or before the birth.", "Correct it."),
        "revocation_empty": ("It is not said what is taken back.", '`{"all": true}`, or name something.'),
        "signed_at_implausible": ("A signature or attestation is older than ten years.", "Write when it happened."),
        "form_language_unknown": ("The form is not written in this language.", "`detail` names those that there are."),
        "form_hash_mismatch": (
            "The hash that was signed is not that of this consent's text in that language and version.",
            "Take language, version and hash from `GET /v1/consents/{consent_id}/form`; sign a changed form anew.",
        ),
        "action_ended": (
            "A 2.35 form whose case, release or sentence was reported to be over before it was signed, or a form whose "
            "ending event was.",
            "Propose a named disclosure, one that ends on a date, or wait for a new referral.",
        ),
        "referral_amended": (
            "A form was signed whose case is another one by now: the court amended its referral after the proposal.",
            "Propose the consent anew from the referral as it stands; `errors` says what no longer fits.",
        ),
        "person_not_synthetic": (
            "An instance for tests was given a patient whose `local_id` does not begin with `TEST-`.",
            "Use invented people there, and never a real name.",
        ),
        "person_synthetic": ("A live instance was given an invented person.", "Use the sandbox for tests."),
        "profile_changed": (
            "The clinic's profile was changed after the form was drawn up: its words are of the earlier law.",
            "Propose the consent anew and have that form signed.",
        ),
        "signed_before_merge": (
            "The patient signed the form before its record was merged with another one, whose consents may allow less.",
            "Have the same form signed again, dated after the merge, and record that signature.",
        ),
        "received_in_future": ("What was received is dated in the future.", "Write when it was received."),
    }
)
