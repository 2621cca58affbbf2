"""Sound forms of the three kinds and the world that each meets; a test breaks one thing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

from app.consent.creation import CreationFacts, LiveConsent, ReferralFacts
from app.consent.instrument import Grant
from app.consent.local_time import micros
from app.consent.proposal import ClockOnForm, Proposal, RecipientOnForm, Statements, SubjectOnForm
from app.vocabulary import AgencyKind, Element, Purpose, Role
from tests.core.worlds import US

ZONE: Final = "America/Chicago"
NOW: Final = micros(datetime(2026, 11, 24, 15, tzinfo=UTC))
JUDGE: Final = RecipientOnForm("treatment-court", "judge")
PROBATION: Final = RecipientOnForm("adult-probation", "probation_officer")
DIVERSION: Final = RecipientOnForm("diversion", "police_diversion")
CLINICIAN: Final = RecipientOnForm("clinic-b", "clinician")

REFERRAL: Final = ReferralFacts(
    case="case-x",
    imposing_unit="treatment-court",
    condition_imposed=True,
    supervising_units=frozenset({"adult-probation"}),
    final_disposition_due=date(2027, 5, 31),
    end_date=date(2027, 6, 30),
)
LIVE: Final = LiveConsent(
    "consent-1",
    "case-x",
    (
        Grant(
            "treatment-court",
            Role.JUDGE,
            frozenset({Purpose.CONDITION_MONITORING}),
            frozenset({Element.ENROLMENT_STATUS}),
        ),
    ),
)
WORLD: Final = CreationFacts(
    unit="clinic-a",
    now=NOW,
    time_zone=ZONE,
    profile=US,
    patient_given_name="María",
    patient_sur_name="García-López",
    units={
        "treatment-court": AgencyKind.COURT,
        "family-part": AgencyKind.COURT,
        "adult-probation": AgencyKind.PROBATION,
        "diversion": AgencyKind.POLICE,
        "defence": AgencyKind.DEFENCE,
        "clinic-b": AgencyKind.CLINIC,
        "prison-health": AgencyKind.PRISON_HEALTH,
    },
    referral=REFERRAL,
    live=(),
)
CJS: Final = Proposal(
    patient_id="patient-1",
    kind="cjs_2_35",
    subject=SubjectOnForm("Maria GARCIA LOPEZ"),
    disclosers=("clinic-a",),
    recipients=(JUDGE, PROBATION),
    purposes=("condition_monitoring",),
    elements=("enrolment.status", "attendance.summary"),
    expiry=ClockOnForm("2027-06-30", "final_disposition"),
    referral_id="referral-1",
    revocable_from=ClockOnForm("2027-05-31"),
    duration_rationale="Twelve months of treatment; decision due in May.",
)
NAMED: Final = replace(
    CJS,
    kind="named_disclosure",
    recipients=(DIVERSION,),
    purposes=("referral_coordination",),
    elements=("referral.decision", "enrolment.engaged"),
    expiry=ClockOnForm("2027-06-30"),
    revocable_from=None,
    duration_rationale=None,
    statements=Statements(revocation=True),
)
TPO: Final = replace(
    NAMED,
    kind="tpo",
    recipients=(CLINICIAN,),
    purposes=("treatment", "operations"),
    elements=("clinical.diagnosis", "clinical.medication"),
    expiry=ClockOnForm("none"),
    referral_id=None,
    statements=Statements(True, True, True, True),
)


def cjs(**changes: Any) -> Proposal:
    """The 2.35 form with these members written otherwise."""
    return replace(CJS, **changes)


def named(**changes: Any) -> Proposal:
    """The named disclosure with these members written otherwise."""
    return replace(NAMED, **changes)


def tpo(**changes: Any) -> Proposal:
    """The form for treatment and operations with these members written otherwise."""
    return replace(TPO, **changes)


def world(**changes: Any) -> CreationFacts:
    """The same world but for these facts."""
    return replace(WORLD, **changes)


def referred(**changes: Any) -> CreationFacts:
    """The same world with another referral."""
    return replace(WORLD, referral=replace(REFERRAL, **changes))
