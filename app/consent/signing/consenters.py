"""Whose signature is a consent: the patient's, or that of one whom the law lets sign for them (42 CFR 2.14, 2.15)."""

from typing import Final

from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.vocabulary import Purpose
from app.vocabulary.lifecycle import AuthorityScope, Capacity, SignatureRole

ESTABLISHED: Final = frozenset({Capacity.PRESUMED, Capacity.ASSESSED_HAS})
REPRESENTATIVES: Final = frozenset(
    {SignatureRole.PARENT, SignatureRole.GUARDIAN, SignatureRole.PERSONAL_REPRESENTATIVE}
)
SURVIVORS: Final = frozenset({SignatureRole.PERSONAL_REPRESENTATIVE, SignatureRole.SPOUSE, SignatureRole.FAMILY_MEMBER})
"""2.15(b)(2): for one who died; spouse and family where there is no personal representative, as their paper says."""
INSTEAD: Final = REPRESENTATIVES | SURVIVORS
CONSENTING: Final = INSTEAD | {SignatureRole.PATIENT, SignatureRole.DIRECTOR}
ATTESTING: Final = frozenset({SignatureRole.WITNESS, SignatureRole.INTERPRETER})


def authorised(signature: Signature) -> bool:
    """2.15, 2.31(a)(8): a representative who names the paper that lets them sign, and not for property alone."""
    return signature.role in REPRESENTATIVES and papers(signature)


def survives(signature: Signature) -> bool:
    """2.15(b): one who may consent for the dead, with the paper that says so."""
    return signature.role in SURVIVORS and papers(signature)


def papers(signature: Signature) -> bool:
    """2.15(a)(1): a paper is named; an adjudication about money or affairs alone lets nobody decide on health."""
    return bool((signature.authority_ref or "").strip()) and signature.authority_scope is not AuthorityScope.PROPERTY


def payment_only(proposal: Proposal) -> bool:
    """2.15(a)(2): all that the director may consent to, for a patient who is unable and of whom no court said so."""
    stated = [one.purposes for one in proposal.recipients if one.purposes is not None]
    return {*proposal.purposes, *(purpose for own in stated for purpose in own)} == {Purpose.PAYMENT.value}


def represented(signing: Signing) -> bool:
    """2.15(a)(1): found by a court to lack capacity, so that the authorised representative signs instead."""
    return signing.capacity is not None and signing.capacity.status is Capacity.ADJUDICATED_LACKING


def understood(signing: Signing, proposal: Proposal) -> bool:
    """2.22: the notice was in the language of the form, regional variants aside, or an interpreter took part."""
    if signing.notice_given is None:
        return False
    return interpreted(signing) or same_language(signing.notice_given.language, proposal.language)


def interpreted(signing: Signing) -> bool:
    """Whether an interpreter took part, named or by signature."""
    return bool(signing.interpreter) or any(each.role is SignatureRole.INTERPRETER for each in signing.signatures)


def same_language(one: str, other: str) -> bool:
    """Whether two BCP 47 tags are of one language, regional variants aside."""
    return _primary(one) == _primary(other)


def _primary(tag: str) -> str:
    return tag.partition("-")[0].casefold()
