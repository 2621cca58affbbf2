"""What a clinic clerk is told about a signature that cannot stand: code, rule and what to do (domain rules 5.3)."""

from types import MappingProxyType
from typing import Final

from app.consent.laws import cite
from app.errors import Flaw

SENTENCES: Final = MappingProxyType(
    {
        "signed_in_future": ("31(a)(9)", "This date lies in the future. Write when it really happened."),
        "backdated_effective_from": (
            "31(a)(9)",
            "The form says that it begins before it was signed. Make a new form that begins on the day of signing.",
        ),
        "evidence_hash_invalid": ("31(a)(8)", "Send sha256: and the 64 hexadecimal digits of the signed page's hash."),
        "witness_conflict": (
            "31(a)(8)",
            "Nobody from a recipient, the police or custody can be witness or interpreter. Ask someone else.",
        ),
        "capacity_not_established": (
            "15",
            "The patient was not in a state to decide. Offer the form again once that has passed.",
        ),
        "no_valid_consenter": (
            "15(a)",
            "Nobody who signed may consent for this patient. If the patient cannot decide and no court has said so, "
            "nobody can.",
        ),
        "representative_authority_missing": (
            "15(a)",
            "Name the paper that lets this person sign for the patient. One about money or property alone does not.",
        ),
        "signature_set_incomplete": (
            "14",
            "Not everybody has signed whose signature the law asks for at the patient's age; still_missing says who. "
            "Where a minor consents alone, nobody signs in their place.",
        ),
        "patient_notice_missing": ("22", "The patient has not had the patient notice. Give it first, then sign."),
        "attestation_missing": ("31(a)", "Say this as well before the consent can become active."),
        "language_mismatch": (
            "22",
            "The notice was not in the language of the form. Give it in that language, or name the interpreter.",
        ),
        "interpreter_missing": ("22", "A language of interpretation without an interpreter. Name the interpreter too."),
        "interpreter_language_malformed": ("22", "Write the language as a BCP 47 tag, such as es or zh-Hant."),
        "consent_not_voluntary": (
            "31(c)(4)",
            "Treatment may not depend on what justice is told. Tell the patient so and offer the form again.",
        ),
        "reoffer_too_early": (
            "15",
            "The patient was found intoxicated or in withdrawal shortly before. Offer the form again once the "
            "hours that the profile sets are over.",
        ),
    }
)
"""Code -> (paragraph of 42 CFR part 2, sentence)."""


def flaw(pointer: str, code: str) -> Flaw:
    """The flaw of that code; no word that was sent is repeated."""
    paragraph, sentence = SENTENCES[code]
    return Flaw(pointer, code, sentence, cite(paragraph))
