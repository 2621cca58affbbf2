"""The same for kinds that stand alone, the law beside an agreement, an intermediary and a recipient of another law."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from app.consent.creation import CreationFacts
from app.consent.profile import Profile
from app.consent.proposal import ClockOnForm, Intermediary, LawfulBasis, Proposal, Statements
from app.consent.proposal import RecipientOnForm as To
from app.vocabulary import Element, Role
from tests.core import shipped
from tests.core.forms import CLINICIAN, DIVERSION, JUDGE, NAMED, PROBATION, TPO, WORLD, cjs, named, tpo, world

Row = tuple[str, str, Proposal, CreationFacts]
EU: Final = shipped.SHIPPED[shipped.EU]
UNODC: Final = shipped.SHIPPED[shipped.UNODC]
NOTES: Final = "restricted.counselling_notes"
EUROPE: Final = world(profile=EU)
ELSEWHERE: Final = world(profile=UNODC)
BASIS: Final = LawfulBasis("6(1)(e)", "Code of Criminal Procedure, section 35")

PROCEEDING: Final = replace(
    NAMED,
    kind="proceeding",
    recipients=(JUDGE, To("treatment-court", "court_team")),
    purposes=("proceeding", "disposition_planning"),
    elements=("enrolment.status", "attendance.summary"),
)
COUNSELLING: Final = replace(
    TPO,
    kind="counselling_notes",
    purposes=("treatment",),
    elements=(NOTES,),
    expiry=ClockOnForm("2027-06-30"),
    statements=Statements(revocation=True),
)
AGREEMENT: Final = replace(
    NAMED,
    kind="agreement",
    recipients=(PROBATION,),
    purposes=("condition_monitoring",),
    elements=("enrolment.status",),
    lawful_basis=BASIS,
)
THROUGH: Final = tpo(
    recipients=(CLINICIAN, To("prison-health", "prison_clinician")),
    purposes=("treatment",),
    intermediary=Intermediary("Ellery Health Exchange", ("clinic-b",)),
)


def stricter(profile: Profile, role: Role, *gone: Element) -> Profile:
    """The profile with these elements never written for the role, under a name of its own."""
    return replace(profile, name="strict@1", written={**profile.written, role: profile.written[role] - frozenset(gone)})


def at(unit: str, profile: Profile) -> CreationFacts:
    """A world where one recipient works under a profile of its own."""
    return world(recipients={unit: profile})


def proceeding(**changes: Any) -> Proposal:
    """The form for a proceeding with these members written otherwise."""
    return replace(PROCEEDING, **changes)


def counselling(**changes: Any) -> Proposal:
    """The form for counselling notes with these members written otherwise."""
    return replace(COUNSELLING, **changes)


def agreement(**changes: Any) -> Proposal:
    """The agreement with these members written otherwise."""
    return replace(AGREEMENT, **changes)


def through(**changes: Any) -> Proposal:
    """The form with an intermediary, of which these members are written otherwise."""
    return replace(THROUGH, intermediary=replace(Intermediary("Ellery Health Exchange", ("clinic-b",)), **changes))


SOUND: Final[Mapping[str, tuple[Proposal, CreationFacts]]] = {
    "use in a proceeding": (PROCEEDING, WORLD),
    "planning of the disposition alone": (proceeding(purposes=("disposition_planning",)), WORLD),
    "counselling notes of their own kind": (COUNSELLING, WORLD),
    "agreement beside a law": (AGREEMENT, EUROPE),
    "the article as lawyers write it": (agreement(lawful_basis=replace(BASIS, article="GDPR Art. 6(1)(e)")), EUROPE),
    "care among those bound to secrecy, of which HIPAA says nothing": (
        tpo(statements=Statements(revocation=True)),
        EUROPE,
    ),
    "named disclosure elsewhere": (
        named(recipients=(PROBATION,), purposes=("condition_monitoring",), elements=("enrolment.status",)),
        ELSEWHERE,
    ),
    "an intermediary and a member": (THROUGH, WORLD),
    "an intermediary of those who treat": (through(members=(), member_class="treating_providers"), WORLD),
    "a justice recipient that an intermediary names": (
        named(intermediary=Intermediary("Ellery Health Exchange", ("diversion",))),
        WORLD,
    ),
    "a recipient under the same law": (PROCEEDING, at("treatment-court", WORLD.profile)),
}
ROWS: Final[tuple[Row, ...]] = (
    ("kind_without_route", "/kind", named(kind="research"), WORLD),
    ("kind_without_route", "/kind", named(kind="research"), EUROPE),
    ("kind_unknown", "/kind", named(kind="court_order"), WORLD),
    ("kind_unknown", "/kind", replace(AGREEMENT, lawful_basis=None), WORLD),
    ("kind_unknown", "/kind", proceeding(purposes=("proceeding",)), ELSEWHERE),
    ("kind_unknown", "/kind", cjs(elements=("enrolment.status",)), ELSEWHERE),
    (
        "proceeding_consent_must_stand_alone",
        "/purposes/1",
        proceeding(purposes=("proceeding", "condition_monitoring")),
        WORLD,
    ),
    (
        "proceeding_consent_must_stand_alone",
        "/purposes/1",
        cjs(purposes=("condition_monitoring", "disposition_planning")),
        WORLD,
    ),
    (
        "counselling_notes_consent_must_stand_alone",
        "/elements/1",
        counselling(elements=(NOTES, "clinical.diagnosis")),
        WORLD,
    ),
    (
        "counselling_notes_consent_must_stand_alone",
        "/purposes/1",
        counselling(purposes=("treatment", "operations")),
        WORLD,
    ),
    ("role_outside_kind", "/recipients/0/role", counselling(recipients=(JUDGE,), referral_id=None), WORLD),
    ("lawful_basis_missing", "/lawful_basis", agreement(lawful_basis=None), EUROPE),
    ("lawful_basis_missing", "/lawful_basis/law", agreement(lawful_basis=LawfulBasis("6(1)(c)", "  ")), EUROPE),
    ("lawful_basis_missing", "/lawful_basis/article", agreement(lawful_basis=LawfulBasis("", "a law")), EUROPE),
    ("lawful_basis_unknown", "/lawful_basis/article", agreement(lawful_basis=LawfulBasis("6(1)(a)", "a law")), EUROPE),
    ("lawful_basis_too_long", "/lawful_basis/law", agreement(lawful_basis=LawfulBasis("6(1)(c)", "x" * 201)), EUROPE),
    ("lawful_basis_unexpected", "/lawful_basis", named(lawful_basis=BASIS), WORLD),
    ("intermediary_name_missing", "/intermediary/name", through(name=" "), WORLD),
    ("intermediary_members_missing", "/intermediary/members", through(members=()), WORLD),
    (
        "intermediary_member_no_recipient",
        "/intermediary/members/1",
        through(members=("clinic-b", "treatment-court")),
        WORLD,
    ),
    (
        "recipient_class_not_allowed_for_role",
        "/intermediary/member_class",
        through(member_class="all participants"),
        WORLD,
    ),
    (
        "recipient_class_not_allowed_for_role",
        "/intermediary/member_class",
        named(intermediary=Intermediary("Ellery Health Exchange", (), "treating_providers")),
        WORLD,
    ),
    (
        "element_above_role_ceiling",
        "/elements/1",
        cjs(recipients=(PROBATION,)),
        at("adult-probation", stricter(WORLD.profile, Role.PROBATION_OFFICER, Element.ATTENDANCE_SUMMARY)),
    ),
    (
        "purpose_role_mismatch",
        "/purposes/0",
        proceeding(purposes=("proceeding",), recipients=(JUDGE,)),
        at("treatment-court", UNODC),
    ),
    ("exceeds_measure", "/expiry/at", agreement(expiry=ClockOnForm("2027-07-01")), EUROPE),
    ("expiry_none_only_for_tpo", "/expiry/at", counselling(expiry=ClockOnForm("none")), WORLD),
    (
        "element_above_role_ceiling",
        "/elements/1",
        named(elements=("enrolment.engaged", "enrolment.status"), recipients=(DIVERSION,)),
        WORLD,
    ),
)
