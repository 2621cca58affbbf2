"""Forms with exactly one thing broken: the code and the place that each must be answered with (domain rules 5.3)."""

from datetime import date
from typing import Final

from app.consent.creation import CreationFacts
from app.consent.proposal import ClockOnForm as At
from app.consent.proposal import Proposal, Statements, SubjectOnForm
from app.consent.proposal import RecipientOnForm as To
from app.vocabulary import CaseEvent
from tests.core.forms import CJS, CLINICIAN, DIVERSION, JUDGE, LIVE, PROBATION, WORLD, cjs, named, referred, tpo, world

COURT: Final = "treatment-court"
NOTES: Final = "restricted.counselling_notes"
OVER: Final = referred(happened=frozenset({CaseEvent.FINAL_DISPOSITION}))
Row = tuple[str, str, Proposal, CreationFacts]


def row(code: str, pointer: str, proposal: Proposal, facts: CreationFacts = WORLD) -> Row:
    """What must be answered to this form in this world."""
    return code, pointer, proposal, facts


ROWS: Final[tuple[Row, ...]] = (
    row("subject_name_missing", "/subject/name_on_form", cjs(subject=SubjectOnForm(" . "))),
    row("subject_name_mismatch", "/subject/name_on_form", cjs(subject=SubjectOnForm("Maria Lopez"))),
    row(
        "subject_name_mismatch",
        "/subject/name_on_form",
        cjs(subject=SubjectOnForm("Olivia")),
        world(patient_sur_name="Li"),
    ),
    row("discloser_missing", "/disclosers", cjs(disclosers=())),
    row("creator_not_discloser", "/disclosers/1", cjs(disclosers=("clinic-a", "clinic-b"))),
    row("kind_unknown", "/kind", named(kind="general")),
    row("elements_empty", "/elements", cjs(elements=())),
    row("elements_empty", "/recipients/0/elements", cjs(recipients=(To(COURT, "judge", elements=()),))),
    row("elements_wildcard", "/elements/1", cjs(elements=("enrolment.status", "*"))),
    row("elements_wildcard", "/elements/1", cjs(elements=("enrolment.status", "The Entire  Record"))),
    row("elements_wildcard", "/elements/1", cjs(elements=("enrolment.status", "attendance.*"))),
    row("element_unknown", "/elements/1", cjs(elements=("enrolment.status", "enrolment.mood"))),
    row(
        "recipient_element_not_on_form",
        "/recipients/0/elements/0",
        cjs(recipients=(To(COURT, "judge", elements=("enrolment.dates",)),)),
    ),
    row("element_above_role_ceiling", "/elements/1", named(elements=("referral.decision", "enrolment.status"))),
    row(
        "element_above_role_ceiling",
        "/recipients/1/elements/1",
        cjs(
            elements=("enrolment.status", "clinical.diagnosis"),
            recipients=(
                JUDGE,
                To("adult-probation", "probation_officer", elements=("enrolment.status", "clinical.diagnosis")),
            ),
        ),
    ),
    row(
        "counselling_notes_consent_must_stand_alone",
        "/elements/2",
        tpo(elements=("clinical.diagnosis", "clinical.medication", NOTES)),
    ),
    row("recipient_missing", "/recipients", cjs(recipients=())),
    row(
        "recipient_class_not_allowed_for_role",
        "/recipients/0/org_unit",
        named(recipients=(To("class:court", "judge"),)),
    ),
    row("recipient_class_not_allowed_for_role", "/recipients/0/org_unit", named(recipients=(To(" ALL ", "judge"),))),
    row("recipient_class_not_allowed_for_role", "/recipients/0/org_unit", cjs(recipients=(To("*", "judge"),))),
    row(
        "recipient_not_registered_unit", "/recipients/0/org_unit", tpo(recipients=(To("class:providers", "clinician"),))
    ),
    row("recipient_not_registered_unit", "/recipients/0/org_unit", cjs(recipients=(To("county", "judge"),))),
    row("recipient_not_registered_unit", "/recipients/0/role", cjs(recipients=(To("adult-probation", "judge"),))),
    row("person_malformed", "/recipients/0/person", cjs(recipients=(To(COURT, "judge", "Judge Roe"),))),
    row("person_malformed", "/recipients/0/person", named(recipients=(To("diversion", "police_diversion", ""),))),
    row("person_malformed", "/recipients/0/person", tpo(recipients=(To("clinic-b", "clinician", 'n"1'),))),
    row("role_unknown", "/recipients/0/role", cjs(recipients=(To(COURT, "bailiff"),))),
    row("role_outside_kind", "/recipients/1/role", tpo(recipients=(CLINICIAN, PROBATION))),
    row("role_outside_2_35", "/recipients/0/role", cjs(recipients=(DIVERSION,))),
    row("role_outside_2_35", "/recipients/0/role", cjs(recipients=(To("defence", "defence_counsel"),))),
    row("role_outside_2_35", "/recipients/0/org_unit", cjs(recipients=(To("family-part", "judge"),))),
    row("purpose_missing", "/purposes", cjs(purposes=())),
    row("purpose_missing", "/recipients/0/purposes", cjs(recipients=(To(COURT, "judge", purposes=()),))),
    row("purpose_unknown", "/purposes/1", cjs(purposes=("condition_monitoring", "curiosity"))),
    row("purpose_role_mismatch", "/purposes/1", cjs(purposes=("condition_monitoring", "referral_coordination"))),
    row("purpose_role_mismatch", "/purposes/0", named(purposes=("release_planning",))),
    row("purpose_role_mismatch", "/purposes/0", named(recipients=(JUDGE,), purposes=("proceeding",))),
    row(
        "recipient_purpose_not_on_form",
        "/recipients/0/purposes/0",
        named(recipients=(To(COURT, "judge", purposes=("condition_monitoring",)),)),
    ),
    row("proceeding_consent_must_stand_alone", "/purposes/1", cjs(purposes=("condition_monitoring", "proceeding"))),
    row("action_missing", "/referral_id", named(referral_id=None)),
    row("action_missing", "/referral_id", cjs(referral_id=None)),
    row("action_not_of_subject", "/referral_id", CJS, world(referral=None)),
    row("action_unexpected", "/referral_id", tpo(referral_id="referral-1")),
    row("action_unexpected", "/referral_id", tpo(referral_id="referral-9"), world(referral=None)),
    row("condition_not_imposed", "/referral_id", CJS, referred(condition_imposed=False)),
    row("action_ended", "/referral_id", CJS, referred(ended=True)),
    row("expiry_missing", "/expiry", cjs(expiry=None)),
    row("expiry_missing", "/expiry", tpo(expiry=At())),
    row("expiry_none_only_for_tpo", "/expiry/at", cjs(expiry=At("none"))),
    row("expiry_past", "/expiry/at", cjs(expiry=At("2026-11-23"))),
    row("expiry_past", "/expiry/at", cjs(expiry=At("2026-11-24T15:00:00Z"))),
    row("expiry_past", "/expiry/at", cjs(effective_from="2027-02-01", expiry=At("2027-01-31"))),
    row("expiry_event_unknown", "/expiry/event", cjs(expiry=At("2027-06-30", "verdict"))),
    row("expiry_event_unknown", "/expiry/event", cjs(expiry=At("2027-06-30", "assignment_ended"))),
    row("expiry_event_without_case", "/expiry/event", tpo(expiry=At("2027-06-30", "treatment_ended"))),
    row("expiry_event_without_case", "/expiry/event", tpo(expiry=At("none", "treatment_ended"))),
    row("expiry_event_past", "/expiry/event", CJS, OVER),
    row("expiry_event_past", "/expiry/event", named(expiry=At("2027-06-30", "final_disposition")), OVER),
    row("expiry_backstop_missing", "/expiry/at", cjs(expiry=At(None, "final_disposition"))),
    row("expiry_backstop_missing", "/expiry/at", cjs(expiry=At("none", "final_disposition"))),
    row("expiry_invalid", "/expiry/at", cjs(expiry=At("2027-02-30"))),
    row("exceeds_measure", "/expiry/at", cjs(expiry=At("2027-07-01"))),
    row("exceeds_measure", "/expiry/at", cjs(expiry=At("2027-07-01T00:00:00.000001-05:00"))),
    row("exceeds_measure", "/expiry/at", named(expiry=At("2027-07-01"))),
    row("revocable_from_missing", "/revocable_from", cjs(revocable_from=None)),
    row("revocable_from_missing", "/revocable_from", cjs(revocable_from=At("none"))),
    row("revocable_from_unexpected", "/revocable_from", named(revocable_from=At("2027-05-31"))),
    row("revocable_from_invalid", "/revocable_from/at", cjs(revocable_from=At("31.05.2027"))),
    row("revocable_from_event_unknown", "/revocable_from/event", cjs(revocable_from=At("2027-05-31", "verdict"))),
    row("revocable_from_backstop_missing", "/revocable_from/at", cjs(revocable_from=At(None, "final_disposition"))),
    row("revocable_from_after_final_disposition", "/revocable_from/at", cjs(revocable_from=At("2027-06-01"))),
    row(
        "revocable_from_after_final_disposition",
        "/revocable_from/at",
        cjs(revocable_from=At("2027-06-01", "treatment_ended")),
    ),
    row("duration_rationale_missing", "/duration_rationale", cjs(duration_rationale="  ")),
    row("revocation_statement_missing", "/statements/revocation", named(statements=Statements())),
    row("revocation_statement_missing", "/statements/revocation", tpo(statements=Statements(False, True, True, True))),
    row(
        "tpo_statements_missing", "/statements/hipaa_redisclosure", tpo(statements=Statements(True, False, True, True))
    ),
    row("tpo_statements_missing", "/statements/tpo_redisclosure", tpo(statements=Statements(True, True, False, True))),
    row("tpo_statements_missing", "/statements/tpo_refusal", tpo(statements=Statements(True, True, True, False))),
    row("effective_from_invalid", "/effective_from", cjs(effective_from="2026-11-25T09:00:00")),
    row("backdated_effective_from", "/effective_from", cjs(effective_from="2026-11-23")),
    row("time_zone_unknown", "/time_zone", cjs(time_zone="right/UTC")),
    row("records_from_invalid", "/records_from", cjs(records_from=date(2026, 11, 25))),
    row("consent_overlap_unresolved", "/recipients/0", CJS, world(live=(LIVE,))),
    row("supersedes_unknown", "/supersedes/0", cjs(supersedes=("consent-9",))),
)
