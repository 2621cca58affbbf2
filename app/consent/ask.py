"""The question and everything its answer may depend on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.consent.instrument import Instant, Instrument
from app.consent.profile import Profile
from app.vocabulary import CaseEvent, Element, Purpose, Role

Position = tuple[str, str, str, int, int]
"""Place of an item in its list: subject reference, discloser, patient, then window start and end, descending."""


@dataclass(frozen=True, slots=True)
class Page:
    """Which items of a list: at most ``limit`` windows, those that stand after ``after``.

    ``each``: so many of each person and discloser, for a read that has no next page.
    """

    limit: int = 100
    after: Position | None = None
    each: bool = False


@dataclass(frozen=True, slots=True)
class Party:
    """How the viewer knows the patient of one discloser, and what may name the discloser."""

    subject_ref: str
    pseudonym: str
    discloser_name: str
    discloser_alias: str


@dataclass(frozen=True, slots=True)
class Viewer:
    """The asking unit's own words and names: its case spelling, its references, its item identifiers."""

    unit_name: str
    case_id: str
    case_type: str
    case_value: str
    key: bytes
    """Key of this unit's item identifiers (HMAC)."""
    parties: Mapping[str, Party]
    """Instrument id -> the Party of its own referral: another instrument, live or not, never renames a subject."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks, for what purpose and case, about which elements. Unit and role come from the registry."""

    unit: str
    role: Role
    purpose: Purpose
    case: str | None
    elements: frozenset[Element]
    person: str | None = None
    referral: str | None = None
    """Which referral's answer is read; no part of the decision."""
    page: Page = Page()


@dataclass(frozen=True, slots=True)
class Restriction:
    """An agreed restriction (42 CFR 2.26): subtracts its elements whatever the consent says."""

    patient: str
    elements: frozenset[Element]
    unit: str | None = None
    lifted_day: int | None = None
    """Of one that the programme ended by notice: the last day (ordinal) whose records it still covers (2.26(a)(5))."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An item that this unit was sent in this role, for this purpose, and that held elements since found wrong.

    ``settled``: it has read them since, put right.
    """

    role: str
    purpose: str
    kind: str
    item: str
    elements: frozenset[str]
    person: str = ""
    """The asking person's keyed name where the grant that it was read under named that person; else ''."""
    referral: str = ""
    """The referral of which a wrong answer was read; '' of any other kind."""
    subject: str = ""
    """The patient's name in the ledger, for the record that this was told."""
    settled: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """The complete list of what a decision may depend on: the ask and instruments for its unit and case.

    ``today`` maps each discloser to the ``id@version`` of the profile in force there now; ``profiles`` holds
    the profiles themselves, those of older signatures included. ``events`` are the effective events of the case.
    """

    ask: Ask
    at: Instant
    instruments: tuple[Instrument, ...]
    events: Mapping[CaseEvent, Instant]
    profiles: Mapping[str, Profile]
    today: Mapping[str, str]
    restrictions: tuple[Restriction, ...] = ()
    viewer: Viewer | None = None
    unreadable: frozenset[tuple[str, str]] = frozenset()
    """(patient, discloser) of stored instruments that cannot be read: nothing about them may leave."""
    gates: tuple[tuple[str, str, int], ...] = ()
    """(name, lock unit, epoch) of each gate row read with these facts."""
    withdrawn: tuple[Withdrawn, ...] = ()
    """What was put right after this unit received it, in this case of its own."""
    keys: Mapping[str, bytes] = field(default_factory=dict)
    """Patient, or pseudonym in the record -> the wrapped key of what is stored of them; no part of the decision."""
    recipient_profile: str = ""
    """``id@version`` of the asking unit's own profile, whose limits count beside the discloser's; '' has none."""
    assigned: bool = True
    """False where the asking unit assigned this case to staff, or left it, and who asks is not assigned now."""
    closed: frozenset[str] = frozenset()
    """Disclosers that have closed (42 CFR 2.19)."""
