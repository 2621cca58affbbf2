"""Whether those who signed may sign at all: the patient, or for them (42 CFR 2.14, 2.15; domain rules 1.8, 1.9)."""

from collections.abc import Iterator, Sequence

from app.consent.instrument import Instant
from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.consent.signing.consenters import (
    CONSENTING,
    ESTABLISHED,
    INSTEAD,
    REPRESENTATIVES,
    SURVIVORS,
    authorised,
    papers,
    payment_only,
    represented,
)
from app.consent.signing.minors import MinorRule
from app.consent.signing.person import Person, died_before, rule_of
from app.consent.signing.sentences import flaw
from app.errors import Flaw
from app.vocabulary.lifecycle import Capacity, SignatureRole


def able(signing: Signing, proposal: Proposal, person: Person) -> Iterator[Flaw]:
    """2.15: the patient could decide, or a court found otherwise and the patient was not asked alone."""
    if signing.capacity is None or signing.capacity.status in ESTABLISHED or died_before(person, signing.signatures):
        return
    if represented(signing):
        refused = _by_patient(signing) and not any(authorised(each) for each in signing.signatures)
    elif signing.capacity.status is Capacity.INTOXICATED_OR_WITHDRAWAL:
        refused = bool(signing.signatures)  # alone it is a finding to keep: the form is offered again later
    else:
        directed = payment_only(proposal) and not _by_patient(signing)
        refused = not (directed or _signed_for(signing))
    if refused:
        yield flaw("/capacity/status", "capacity_not_established")


def who_signed(signing: Signing, proposal: Proposal, person: Person, now: Instant, stored: int) -> Iterator[Flaw]:
    """2.14, 2.15: each signature is of one who may consent, and a parent's never takes the place of the minor's own.

    ``stored`` counts the signatures of earlier calls, which stand first.
    """
    dead, roles = died_before(person, signing.signatures), {each.role for each in signing.signatures}
    if not dead and not represented(signing) and SignatureRole.PATIENT not in roles and roles & INSTEAD:
        if rule_of(person, signing.signatures, now) is MinorRule.MINOR_ALONE:
            yield flaw("/signatures", "signature_set_incomplete")
            return
    for index, signature in enumerate(signing.signatures):
        member, code = _of_the_dead(signature) if dead else _of_the_living(signature, signing, proposal)
        if code:
            yield flaw(_pointer(index, stored, member), code)


def _of_the_dead(signature: Signature) -> tuple[str, str]:
    """2.15(b): only one who survives them, with the paper that says so."""
    if signature.role in SURVIVORS:
        return ("", "") if papers(signature) else ("/authority_ref", "representative_authority_missing")
    return ("/role", "no_valid_consenter") if signature.role in CONSENTING else ("", "")


def _of_the_living(signature: Signature, signing: Signing, proposal: Proposal) -> tuple[str, str]:
    """2.15(a): the patient or an authorised representative; the director for payment, spouse and family for nothing."""
    refused = "/role", "no_valid_consenter"
    if signature.role is SignatureRole.DIRECTOR:
        impaired = signing.capacity is not None and signing.capacity.status is Capacity.IMPAIRED
        return ("", "") if impaired and payment_only(proposal) else refused
    if signature.role not in INSTEAD:
        return "", ""
    if signature.role not in REPRESENTATIVES or _signed_for(signing):
        return refused
    if authorised(signature):
        return "", ""
    alone = not _by_patient(signing) and not _any_authorised(signing.signatures)
    return refused if alone else ("/authority_ref", "representative_authority_missing")


def _signed_for(signing: Signing) -> bool:
    """2.15(a)(2): unable but not so found by a court, and someone else signed: nobody can, whatever their papers."""
    roles = {each.role for each in signing.signatures}
    impaired = signing.capacity is not None and signing.capacity.status is Capacity.IMPAIRED
    others = REPRESENTATIVES | {SignatureRole.DIRECTOR}
    return impaired and not roles.isdisjoint(others) and SignatureRole.PATIENT not in roles


def _by_patient(signing: Signing) -> bool:
    return any(each.role is SignatureRole.PATIENT for each in signing.signatures)


def _any_authorised(signatures: Sequence[Signature]) -> bool:
    return any(authorised(each) for each in signatures)


def _pointer(index: int, stored: int, member: str) -> str:
    """Into this call; at the list itself where the signature came in an earlier one."""
    return f"/signatures/{index - stored}{member}" if index >= stored else "/signatures"
