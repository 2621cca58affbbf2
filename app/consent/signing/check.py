"""Every flaw of what has been signed so far, all reported at once (domain rules 5.2, 5.3)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from app.consent.instrument import Instant
from app.consent.local_time import end_of_day, micros, read, zone_of
from app.consent.proposal import Proposal
from app.consent.signature import Signature, Signing
from app.consent.signing.circumstances import language_of, offered_again, unpressed
from app.consent.signing.consenters import (
    ATTESTING,
    CONSENTING,
    ESTABLISHED,
    REPRESENTATIVES,
    authorised,
    represented,
    understood,
)
from app.consent.signing.progress import came
from app.consent.signing.sentences import flaw
from app.errors import Flaw
from app.vocabulary import AgencyKind
from app.vocabulary.lifecycle import Capacity, SignatureRole

_HASH: Final = re.compile(r"sha256:[0-9a-fA-F]{64}", re.ASCII)
_OLDEST: Final = 3653 * 86_400_000_000
_HOLDING: Final = frozenset({AgencyKind.POLICE, AgencyKind.CUSTODY})


@dataclass(frozen=True, slots=True)
class SigningFacts:
    """The world as the signatures meet it. ``now`` is in microseconds since 1970 UTC, ``time_zone`` the clinic's.

    ``units`` holds the registered units among those that signatures name. ``stored`` counts the signatures of earlier
    calls, which stand first in the merged signing: pointers are into the body of this call. ``unfit`` are the instants
    at which the patient was found intoxicated or in withdrawal; for ``reoffer`` microseconds after each nobody signs.
    """

    now: Instant
    time_zone: str
    units: Mapping[str, AgencyKind]
    stored: int = 0
    unfit: tuple[Instant, ...] = ()
    reoffer: int = 0


def flaws_of_signing(signing: Signing, proposal: Proposal, facts: SigningFacts) -> list[Flaw]:
    """What is wrong with the merged calls, with pointers into the body of this call. What is absent is no flaw yet.

    Raises:
        ValueError: the proposal's stated start or zone is none (the creation checks refuse those).
    """
    found = [*_dates(signing, facts.now), *_capacity(signing), *_consenter(signing, facts)]
    if signing.notice_given is not None and not understood(signing, proposal):
        found.append(flaw("/notice_given/language", "language_mismatch"))
    found += [*language_of(signing, proposal), *unpressed(signing, proposal)]
    found += offered_again(signing, facts.stored, facts.unfit, facts.reoffer)
    for index, signature in enumerate(signing.signatures[facts.stored :]):
        found += _signature(signature, f"/signatures/{index}", proposal, facts)
    return found


def _pointer(index: int, facts: SigningFacts, member: str) -> str:
    """Into this call; at the list itself where the signature came in an earlier one."""
    return f"/signatures/{index - facts.stored}{member}" if index >= facts.stored else "/signatures"


def _dates(signing: Signing, now: Instant) -> Iterator[Flaw]:
    capacity, notice = signing.capacity, signing.notice_given
    dated = {
        "/capacity/at": capacity.at if capacity is not None else None,
        "/notice_given/at": notice.at if notice is not None else None,
        "/copy_given_at": signing.copy_given_at,
    }
    for pointer, at in dated.items():
        yield from _plausible(at, pointer, now)


def _plausible(at: datetime | None, pointer: str, now: Instant) -> Iterator[Flaw]:
    if at is None:
        return
    if not came(at, now):
        yield flaw(pointer, "signed_in_future")
    elif micros(at) < now - _OLDEST:
        detail = "This date lies more than ten years back. Write when it really happened."
        yield Flaw(pointer, "signed_at_implausible", detail, "42 CFR 2.31(a)(9)")


def _capacity(signing: Signing) -> Iterator[Flaw]:
    """2.15: the patient could decide, or a court found otherwise and the patient was not asked alone."""
    if signing.capacity is None or signing.capacity.status in ESTABLISHED:
        return
    by_patient = any(each.role is SignatureRole.PATIENT for each in signing.signatures)
    if represented(signing):
        refused = by_patient and not any(authorised(each) for each in signing.signatures)
    elif signing.capacity.status is Capacity.INTOXICATED_OR_WITHDRAWAL:
        refused = bool(signing.signatures)  # alone it is a finding to keep: the form is offered again later
    else:
        refused = not _signed_for(signing)
    if refused:
        yield flaw("/capacity/status", "capacity_not_established")


def _signed_for(signing: Signing) -> bool:
    """2.15(a)(2): unable but not so found by a court, and someone else signed: nobody can, whatever their papers."""
    roles = {each.role for each in signing.signatures}
    impaired = signing.capacity is not None and signing.capacity.status is Capacity.IMPAIRED
    return impaired and not roles.isdisjoint(REPRESENTATIVES) and SignatureRole.PATIENT not in roles


def _consenter(signing: Signing, facts: SigningFacts) -> Iterator[Flaw]:
    """2.14, 2.15: a representative shows authority; without it, and without the patient, nobody has consented."""
    by_patient = any(each.role is SignatureRole.PATIENT for each in signing.signatures)
    alone = not by_patient and not any(authorised(each) for each in signing.signatures)
    for index, signature in enumerate(signing.signatures):
        if signature.role not in REPRESENTATIVES:
            continue
        if _signed_for(signing) or (alone and not authorised(signature)):
            yield flaw(_pointer(index, facts, "/role"), "no_valid_consenter")
        elif not authorised(signature):
            yield flaw(_pointer(index, facts, "/authority_ref"), "representative_authority_missing")


def _signature(signature: Signature, pointer: str, proposal: Proposal, facts: SigningFacts) -> Iterator[Flaw]:
    signed = micros(signature.signed_at)
    yield from _plausible(signature.signed_at, f"{pointer}/signed_at", facts.now)
    if signature.role in CONSENTING and proposal.effective_from is not None:
        zone = zone_of(proposal.time_zone or facts.time_zone)
        if signed > read(proposal.effective_from, zone, _last_instant):
            yield flaw(f"{pointer}/signed_at", "backdated_effective_from")
    if not _HASH.fullmatch(signature.evidence_hash):
        yield flaw(f"{pointer}/evidence_hash", "evidence_hash_invalid")
    if signature.role in ATTESTING and signature.unit is not None:
        receives = any(signature.unit == recipient.org_unit for recipient in proposal.recipients)
        if receives or facts.units.get(signature.unit) in _HOLDING:
            yield flaw(f"{pointer}/unit", "witness_conflict")


def _last_instant(day: date, zone: ZoneInfo) -> Instant:
    return end_of_day(day, zone) - 1
