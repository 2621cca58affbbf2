"""What the creation checks may know beside the form: only this clinic's own referral and consents, and the registry."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from app.consent.instrument import Grant, Instant
from app.consent.profile import Profile
from app.vocabulary import AgencyKind, CaseEvent


@dataclass(frozen=True, slots=True)
class ReferralFacts:
    """The referral that the form names, if it is one to this clinic and matched to this patient.

    ``end_date`` is the last day of the measure, ``final_disposition_due`` the day by which the case is to be decided.
    """

    case: str
    imposing_unit: str
    condition_imposed: bool
    supervising_units: frozenset[str]
    final_disposition_due: date | None
    end_date: date | None
    ended: bool = False
    """Whether the case, release or sentence was reported to be over since the referral came."""
    happened: frozenset[CaseEvent] = frozenset()
    """What was ever reported of the case, before this referral too: the first of its kind is the one that counts."""


@dataclass(frozen=True, slots=True)
class LiveConsent:
    """A live consent of the same patient, taken by the same clinic."""

    id: str
    case: str | None
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class CreationFacts:
    """The world as the form meets it. ``now`` is in microseconds since 1970 UTC, ``time_zone`` the clinic's IANA name.

    ``units`` holds the registered units among those that the form names; absence means unknown. ``referral`` is None
    where it is unknown, another clinic's or not matched to this patient: one answer for the three.
    """

    unit: str
    now: Instant
    time_zone: str
    profile: Profile
    patient_given_name: str
    patient_sur_name: str
    units: Mapping[str, AgencyKind]
    referral: ReferralFacts | None
    live: tuple[LiveConsent, ...]
    recipients: Mapping[str, Profile] = field(default_factory=dict)
    """Registered unit -> its own profile, where that has limits beside the discloser's: the most protective wins."""
