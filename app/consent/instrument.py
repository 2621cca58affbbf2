"""An instrument: any basis on which a patient's information may leave (domain rules 1.2, 1.6, 5).

Instants are integers: microseconds since 1970-01-01T00:00Z. Nothing here reads a clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.vocabulary import CaseEvent, ConsentKind, Element, Purpose, Role

Instant = int


@dataclass(frozen=True, slots=True)
class Clock:
    """An end that a date or an event brings. With an event, ``at`` is the mandatory backstop date."""

    at: Instant | None
    event: CaseEvent | None = None
    shown: str = field(default="", compare=False)
    """The date as the form has it: an instant in UTC would tell the clinic's time zone."""

    def fires(self, events: Mapping[CaseEvent, Instant]) -> Instant | None:
        """The instant at which this clock fires given the case events known: the earlier of date and event."""
        happened = events.get(self.event) if self.event is not None else None
        if happened is None or (self.at is not None and self.at <= happened):
            return self.at
        return happened


@dataclass(frozen=True, slots=True)
class Grant:
    """One recipient of an instrument: a named unit and role, for these purposes and named elements."""

    unit: str
    role: Role
    purposes: frozenset[Purpose]
    elements: frozenset[Element]
    person: str | None = None


@dataclass(frozen=True, slots=True)
class Revocation:
    """What was taken back; ``None`` means every unit, element, purpose or role.

    ``requested_at`` is when it was received. It is in force from then on, save under an instrument with
    ``revocable_from``: then from that clock on at the earliest (42 CFR 2.35(c)). What a merge of two records takes is
    no act of the patient, and waits for nothing.
    """

    requested_at: Instant
    unit: str | None = None
    elements: frozenset[Element] | None = None
    purposes: frozenset[Purpose] | None = None
    role: Role | None = None
    by_merge: bool = False


@dataclass(frozen=True, slots=True)
class Instrument:
    """What a decision may know of one signed consent. Immutable but for what can only narrow it."""

    id: str
    version: int
    kind: ConsentKind
    patient: str
    discloser: str
    case: str | None
    grants: tuple[Grant, ...]
    name_on_form: str
    signed_at: Instant
    effective_from: Instant
    expiry: Clock
    profile: str
    """``id@version`` of the profile it was signed under."""
    vocabulary: int
    """Version of the taxonomy it was signed under: a later element is denied."""
    notice_version: str
    revocable_from: Clock | None = None
    condition_imposed: bool = False
    revocations: tuple[Revocation, ...] = ()
    superseded_at: Instant | None = None
    entered_in_error: bool = False
    suspended: bool = False
    referral: str | None = None
    scope: str = ""
    """Referral, attendance threshold and window grid frozen at signature; '' when there is none."""
    lawful_basis: str = ""
    """Where consent is not the legal ground: the article and the national law that are (GDPR 6; LED 8)."""
    represented_until: Instant | None = None
    """The 18th birthday, where somebody signed for a minor: from then on only the patient's own signature counts."""
    records_from: int = 0
    """First day (proleptic Gregorian ordinal) that a released value may speak about."""
