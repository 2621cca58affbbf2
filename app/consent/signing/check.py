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
from app.consent.signing.consenters import ATTESTING, CONSENTING, understood
from app.consent.signing.person import Person
from app.consent.signing.progress import came
from app.consent.signing.sentences import flaw
from app.consent.signing.who import able, who_signed
from app.errors import Flaw
from app.vocabulary import AgencyKind

_HASH: Final = re.compile(r"sha256:[0-9a-fA-F]{64}", re.ASCII)
_OLDEST: Final = 3653 * 86_400_000_000
_HOLDING: Final = frozenset({AgencyKind.POLICE, AgencyKind.CUSTODY})

_NOBODY: Final = Person()


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
    person: Person = _NOBODY
    """The patient, by whose age and life it is judged who may sign."""


def flaws_of_signing(signing: Signing, proposal: Proposal, facts: SigningFacts) -> list[Flaw]:
    """What is wrong with the merged calls, with pointers into the body of this call. What is absent is no flaw yet.

    Raises:
        ValueError: the proposal's stated start or zone is none (the creation checks refuse those).
    """
    found = [*_dates(signing, facts.now), *able(signing, proposal, facts.person)]
    found += who_signed(signing, proposal, facts.person, facts.now, facts.stored)
    if signing.notice_given is not None and not understood(signing, proposal):
        found.append(flaw("/notice_given/language", "language_mismatch"))
    found += [*language_of(signing, proposal), *unpressed(signing, proposal)]
    found += offered_again(signing, facts.stored, facts.unfit, facts.reoffer)
    for index, signature in enumerate(signing.signatures[facts.stored :]):
        found += _signature(signature, f"/signatures/{index}", proposal, facts)
    return found


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
