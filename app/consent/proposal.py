"""The body of a proposed consent: what the form says before anyone signs it (42 CFR 2.31(a); domain rules 1.2).

Codes are plain strings on purpose: an unknown one is answered with its own flaw beside all the others, not with a
type error that hides them. What the words may mean together is checked in ``creation``.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True)
class SubjectOnForm:
    """The patient as named on the form (42 CFR 2.31(a)(1)). The surname on record must occur in it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    name_on_form: str


@dataclass(frozen=True)
class RecipientOnForm:
    """Who may receive (42 CFR 2.31(a)(4)): a registered unit and a role, not an agency and not a class.

    ``person`` narrows it to one member of staff, by the id that their unit sends in ``Acting-User``. ``purposes`` and
    ``elements`` default to the form's own lists and can only be a part of them.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    org_unit: str
    role: str
    person: str | None = None
    purposes: tuple[str, ...] | None = None
    elements: tuple[str, ...] | None = None


@dataclass(frozen=True)
class ClockOnForm:
    """A date, an event of the case, or both: then whichever comes first, and ``at`` is the latest date.

    ``at`` is an RFC 3339 full-date, read in the consent's time zone, or a date-time; "none" is for an ``expiry`` of
    kind tpo only. ``event`` is final_disposition, release_ended, treatment_ended, sentence_completed or case_dismissed;
    as an ``expiry`` one that is still to come, on a form that names the referral of its case.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    at: str | None = None
    event: str | None = None


@dataclass(frozen=True)
class Statements:
    """Which statements the form makes to the patient.

    ``revocation``: may be revoked in writing, how, and what was done until then stands (42 CFR 2.31(a)(6)).
    ``hipaa_redisclosure`` (2.31(a)(4)(iii)), ``tpo_redisclosure`` and ``tpo_refusal`` (2.31(a)(10)): kind tpo only.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    revocation: bool = False
    hipaa_redisclosure: bool = False
    tpo_redisclosure: bool = False
    tpo_refusal: bool = False


@dataclass(frozen=True)
class LawfulBasis:
    """The legal ground where the patient's agreement is none (GDPR 6; LED 8).

    ``article`` is a paragraph of GDPR Art 6, written as ``6(1)(e)``; ``law`` is the national law that goes with it.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    article: str
    law: str


@dataclass(frozen=True)
class Intermediary:
    """Who passes the information on (42 CFR 2.31(a)(4)(ii)): its name, and the members that may receive through it.

    ``members`` are recipients of this form, by the id of their unit. ``member_class`` is ``treating_providers``, which
    stands for those recipients of the form that treat the patient, and for nobody else.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    name: str
    members: tuple[str, ...] = ()
    member_class: str | None = None


@dataclass(frozen=True)
class Proposal:
    """A consent form as filled in at the clinic, before anyone signs it. It releases nothing.

    ``disclosers`` is the clinic's own unit. A justice recipient needs ``referral_id``, a referral matched to this
    patient; the case is taken from it. Kind tpo names none. Kind cjs_2_35 needs ``revocable_from`` and
    ``duration_rationale``; kind agreement needs ``lawful_basis``, and no kind of a jurisdiction whose legal ground is
    the consent itself takes one.
    ``effective_from`` (RFC 3339 full-date or date-time) is not before today. ``records_from`` is the first day that a
    released value may speak about. ``supersedes`` lists consents that this one replaces; ``additional`` says that it
    stands beside one for the same recipient. ``language`` is a BCP 47 tag, ``time_zone`` an IANA name (default: the
    clinic's).
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    patient_id: str
    kind: str
    subject: SubjectOnForm
    disclosers: tuple[str, ...]
    recipients: tuple[RecipientOnForm, ...]
    purposes: tuple[str, ...]
    elements: tuple[str, ...]
    expiry: ClockOnForm | None = None
    referral_id: str | None = None
    revocable_from: ClockOnForm | None = None
    duration_rationale: str | None = None
    statements: Statements = Statements()
    language: str = "en"
    time_zone: str | None = None
    effective_from: str | None = None
    records_from: date | None = None
    supersedes: tuple[str, ...] = ()
    additional: bool = False
    lawful_basis: LawfulBasis | None = None
    intermediary: Intermediary | None = None
