"""Whose signature is a consent: the patient's, or a representative's where a court found that there must be one."""

from typing import Final

from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.vocabulary.lifecycle import Capacity, SignatureRole

ESTABLISHED: Final = frozenset({Capacity.PRESUMED, Capacity.ASSESSED_HAS})
REPRESENTATIVES: Final = frozenset(
    {SignatureRole.PARENT, SignatureRole.GUARDIAN, SignatureRole.PERSONAL_REPRESENTATIVE}
)
CONSENTING: Final = REPRESENTATIVES | {SignatureRole.PATIENT}
ATTESTING: Final = frozenset({SignatureRole.WITNESS, SignatureRole.INTERPRETER})


def authorised(signature: Signature) -> bool:
    """2.15, 2.31(a)(8): a representative who names the paper that lets them sign."""
    return signature.role in REPRESENTATIVES and bool((signature.authority_ref or "").strip())


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
