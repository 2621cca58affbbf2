"""How far a consent has come on its way to active: what is missing, and when it begins."""

from datetime import datetime
from typing import Final

from app.consent.instrument import Instant
from app.consent.local_time import micros, read, start_of_day, zone_of
from app.consent.proposal import Proposal
from app.consent.signature import Signing
from app.consent.signing.consenters import CONSENTING, interpreted, understood
from app.consent.signing.person import Person, died_before, unsigned
from app.vocabulary.lifecycle import Capacity, SignatureMethod, SignatureRole

SKEW: Final = 5_000_000
"""A clinic's clock may be so many microseconds ahead."""
_NOBODY: Final = Person()


def still_missing(
    signing: Signing, proposal: Proposal, now: Instant, *, voluntariness: bool = False, person: Person = _NOBODY
) -> list[str]:
    """What must still come before the consent is active; what is dated after ``now`` has not come yet.

    Names, in this order: the signatures (patient_signature, parent_signature and minor_assent by the rule for minors,
    else one of representative_signature, survivor_signature, director_signature), witness, read_aloud (both where
    somebody signed with a mark), capacity, patient_notice, interpreter_language, copy_given, and pressure_declaration
    where the profile asks for it (``voluntariness``). Nobody assesses the capacity of the dead.
    """
    signed = [each for each in signing.signatures if came(each.signed_at, now)]
    marked = any(each.method is SignatureMethod.MARK and each.role in CONSENTING for each in signed)
    noticed = signing.notice_given is not None and came(signing.notice_given.at, now)
    missing = {
        **dict.fromkeys(unsigned(signing, signed, person, now), True),
        "witness": marked and not any(each.role is SignatureRole.WITNESS for each in signed),
        "read_aloud": marked and not signing.read_aloud,
        "capacity": not died_before(person, signed) and not _able(signing, now),
        "patient_notice": not (noticed and understood(signing, proposal)),
        "interpreter_language": interpreted(signing) and signing.interpreter_language is None,
        "copy_given": not came(signing.copy_given_at, now),
        "pressure_declaration": voluntariness and not _told_free(signing),
    }
    return [name for name, is_missing in missing.items() if is_missing]


def _able(signing: Signing, now: Instant) -> bool:
    """A finding about capacity that has come; one of intoxication waits for the next offer."""
    found = signing.capacity
    return found is not None and found.status is not Capacity.INTOXICATED_OR_WITHDRAWAL and came(found.at, now)


def _told_free(signing: Signing) -> bool:
    told = signing.pressure_declaration
    return told is not None and told.treatment_not_dependent and told.legal_advice_offered


def came(at: datetime | None, now: Instant) -> bool:
    """Whether it has happened; the clinic's clock may be a few seconds ahead of ours."""
    return at is not None and micros(at) <= now + SKEW


def effective_from(signing: Signing, proposal: Proposal, time_zone: str, now: Instant | None = None) -> Instant:
    """The later of the last consenting signature and the stated start. ``time_zone`` is the clinic's.

    A signature that is a few seconds ahead of ``now``, if that is given, was made now.

    Raises:
        ValueError: nobody has consented, or the stated start or zone is none (the creation checks refuse those).
    """
    signed = max(micros(each.signed_at) for each in signing.signatures if each.role in CONSENTING)
    signed = signed if now is None else min(signed, now)
    if proposal.effective_from is None:
        return signed
    return max(signed, read(proposal.effective_from, zone_of(proposal.time_zone or time_zone), start_of_day))
