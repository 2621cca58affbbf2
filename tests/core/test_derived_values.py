"""What is filed of each element, to the last key: this is what a court reads, if it reads it at all."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from app.messages.assessment import Assessment, AssessmentPurpose, Needs, Recommendation
from app.messages.care import Diagnosis, DiagnosisSystem, LevelOfCare, Medication
from app.messages.closure import ClosureReason
from app.messages.continuity import DrugSystem
from app.messages.derive import Stated, of_assessment, of_enrolment, of_response, provided
from app.messages.envelope import Period
from app.messages.response import Appointment, ReferralResponse
from app.messages.screening import AsiRating, Screening
from app.messages.treatment_status import EnrolmentDates, TreatmentStatus
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN
from app.vocabulary.clinical import AssessmentStatus, Instrument, LevelSystem, NeedLevel, SafetyAlert
from app.vocabulary.closures import ClosureSystem
from app.vocabulary.codes import (
    Answer,
    Closure,
    Decision,
    DecisionReason,
    EnrolmentStatus,
    Epistemic,
    PlanChange,
    Service,
)

E, FACT, JUDGED, SAID = Element, Epistemic.FACT, Epistemic.ASSESSMENT, Epistemic.SELF_REPORT
PERIOD = Period(date(2026, 10, 5), date(2026, 10, 11))
LAST = date(2026, 10, 11).toordinal()
SEEN = date(2026, 10, 7)
DAY = SEEN.toordinal()


def test_a_response_says_its_decision_reason_and_appointment_in_utc() -> None:
    """No time zone of the clinic, no key more (domain rules 4.1)."""
    start = datetime(2026, 10, 9, 9, 30, tzinfo=timezone(timedelta(hours=-5)))
    response = ReferralResponse(Decision.DECLINED, DecisionReason.CAPACITY, None, Appointment(start, "Site 1"))
    decision, reason, appointment = of_response(response, "r", DAY)
    assert (decision.element, decision.epistemic, decision.sort_key, decision.scope) == (
        E.REFERRAL_DECISION, FACT, DAY, "r"
    )  # fmt: skip
    assert reason == Stated(E.REFERRAL_REASON, "capacity", FACT, DAY, "r")
    when = {"start": "2026-10-09T14:30:00Z", "site": "Site 1"}
    assert appointment == Stated(E.REFERRAL_APPOINTMENT, when, FACT, DAY, "r")
    assert datetime.fromisoformat(when["start"]).astimezone(UTC) == start
    (alone,) = of_response(ReferralResponse(Decision.ACCEPTED), "r", DAY)
    assert alone.value == {"decision": "accepted"}


def test_an_open_episode_says_each_of_its_elements_until_further_notice() -> None:
    filed = TreatmentStatus(
        "p",
        PERIOD,
        EnrolmentStatus.ACTIVE,
        dates=EnrolmentDates(date(2026, 9, 1)),
        level_of_care=LevelOfCare(LevelSystem.ASAM_4, "4.0"),
        plan_change=PlanChange.STEP_UP,
        narrative="Words.",
    )
    assert of_enrolment(filed) == [
        Stated(E.ENROLMENT_ENGAGED, True, FACT, OPEN),
        Stated(E.ENROLMENT_STATUS, "active", FACT, OPEN),
        Stated(E.ENROLMENT_DATES, {"start": "2026-09-01"}, FACT, OPEN),
        Stated(E.ENROLMENT_LEVEL_OF_CARE, {"system": "asam-4", "code": "4"}, FACT, OPEN),
        Stated(E.PROGRESS_PLAN_CHANGE, PlanChange.STEP_UP, JUDGED, OPEN),
        Stated(E.PROGRESS_NARRATIVE, "Words.", JUDGED, OPEN),
    ]


@pytest.mark.parametrize(
    ("dates", "until", "shown"),
    [
        (None, LAST, None),
        (EnrolmentDates(date(2026, 9, 1)), LAST, {"start": "2026-09-01"}),
        (
            EnrolmentDates(date(2026, 9, 1), date(2026, 10, 8)),
            date(2026, 10, 8).toordinal(),
            {"start": "2026-09-01", "end": "2026-10-08"},
        ),
    ],
)
def test_an_ended_episode_counts_until_its_end_date_else_the_end_of_the_period(
    dates: EnrolmentDates | None, until: int, shown: dict[str, str] | None
) -> None:
    reason = ClosureReason(ClosureSystem.TEDS_D, "1")
    filed = TreatmentStatus(
        "p", PERIOD, EnrolmentStatus.ENDED, dates=dates, closure=Closure.COMPLETED, closure_reason=reason
    )
    found = of_enrolment(filed)
    assert {one.sort_key for one in found} == {until}
    values = {one.element: one.value for one in found}
    assert values == {
        E.ENROLMENT_ENGAGED: False,
        E.ENROLMENT_STATUS: "ended",
        **({E.ENROLMENT_DATES: shown} if shown else {}),
        E.ENROLMENT_CLOSURE: Closure.COMPLETED,
        E.ENROLMENT_CLOSURE_REASON: {"system": "teds-d", "code": "1", "label": "treatment completed"},
    }
    going = replace(filed, status=EnrolmentStatus.ACTIVE)
    assert {one.sort_key for one in of_enrolment(going)} == {OPEN}


def test_the_provider_is_named_beside_what_it_states_and_nowhere_else() -> None:
    assert provided([], "Clinic") == []
    one = ("message", Stated(E.ENROLMENT_STATUS, "active", FACT, 7))
    two = ("other", Stated(E.ENROLMENT_ENGAGED, True, FACT, 8))
    assert provided([one, two], "Clinic") == [one, two, ("message", Stated(E.ENROLMENT_PROVIDER, "Clinic", FACT, 7))]
    assert provided([one], "Clinic")[1][1].value == "Clinic"


def assessed(**more: Any) -> Assessment:
    """A completed assessment that finds a need, unless changed."""
    return replace(Assessment("p", SEEN, AssessmentPurpose.TREATMENT, Answer.YES), **more)


@pytest.mark.parametrize(
    ("status", "need"),
    [(AssessmentStatus.DECLINED, None), (AssessmentStatus.COMPLETED, None), (AssessmentStatus.DECLINED, Answer.YES)],
)
def test_an_assessment_that_found_nothing_says_how_far_it_came_and_no_more(
    status: AssessmentStatus, need: Answer | None
) -> None:
    """Case 61."""
    advice = Recommendation(Service.OUTPATIENT)
    found = of_assessment(assessed(status=status, need_indicated=need, recommendation=advice))
    assert found == [Stated(E.CLINICAL_NEED_INDICATED, {"status": status.value}, FACT, DAY)]


def test_an_assessment_says_need_codes_and_alerts() -> None:
    found = of_assessment(
        assessed(
            diagnosis=(Diagnosis(DiagnosisSystem.ICD_11, "6C43"),),
            medication=(Medication(DrugSystem.ATC, "N07BC02"),),
            safety_alert=(SafetyAlert.OVERDOSE,),
            screening=(Screening(Instrument.AUDIT, 9),),
            counselling_notes="Notes.",
            infectious_disease="Illness.",
            other_health="Health.",
            third_party="Others.",
            self_incrimination="Deeds.",
            asi_legal=AsiRating(severity=2),
        )
    )
    need = {"status": "completed", "need_indicated": "yes"}
    audit = {"instrument": "audit"}
    assert found == [
        Stated(E.CLINICAL_NEED_INDICATED, need, JUDGED, DAY),
        Stated(E.CLINICAL_SCREENING_BAND, [found[1].value[0] | audit], JUDGED, DAY),
        Stated(E.CLINICAL_SCREENING_DETAIL, [audit | {"score": 9}], JUDGED, DAY),
        Stated(E.CLINICAL_DIAGNOSIS, [{"system": "icd-11", "code": "6C43"}], JUDGED, DAY),
        Stated(E.CLINICAL_MEDICATION, [{"system": "atc", "code": "N07BC02"}], FACT, DAY),
        Stated(E.CLINICAL_SAFETY_ALERT, ["overdose"], JUDGED, DAY),
        Stated(E.RESTRICTED_SELF_INCRIMINATION, {"notes": "Deeds.", "asi_legal": {"severity": 2}}, SAID, DAY),
        Stated(E.RESTRICTED_COUNSELLING_NOTES, "Notes.", JUDGED, DAY),
        Stated(E.RESTRICTED_INFECTIOUS_DISEASE, "Illness.", JUDGED, DAY),
        Stated(E.RESTRICTED_OTHER_HEALTH, "Health.", JUDGED, DAY),
        Stated(E.RESTRICTED_THIRD_PARTY, "Others.", SAID, DAY),
    ]


def test_what_the_person_said_and_the_legal_area_each_stand_without_the_other() -> None:
    for more, value in (
        ({"self_incrimination": "Deeds."}, {"notes": "Deeds."}),
        ({"asi_legal": AsiRating(severity=2)}, {"asi_legal": {"severity": 2}}),
    ):
        assert of_assessment(assessed(**more))[1:] == [Stated(E.RESTRICTED_SELF_INCRIMINATION, value, SAID, DAY)]
    assert len(of_assessment(assessed())) == 1


@pytest.mark.parametrize(
    ("advice", "value"),
    [
        (Recommendation(Service.OUTPATIENT), {"service": "outpatient"}),
        (
            Recommendation(Service.RESIDENTIAL, LevelOfCare(LevelSystem.ASAM_4, "3.7"), 4, 12),
            {
                "service": "residential",
                "level_of_care": {"system": "asam-4", "code": "3.7"},
                "weeks_min": 4,
                "weeks_max": 12,
            },
        ),
        (Recommendation(Service.AFTERCARE, needs=Needs()), {"service": "aftercare"}),
        (
            Recommendation(Service.AFTERCARE, needs=Needs(NeedLevel.LOW, family=NeedLevel.HIGH)),
            {"service": "aftercare", "needs": {"housing": "low", "family": "high"}},
        ),
        (
            Recommendation(
                Service.AFTERCARE, needs=Needs(work=NeedLevel.MED, physical=NeedLevel.LOW, mental=NeedLevel.HIGH)
            ),
            {"service": "aftercare", "needs": {"work": "med", "physical": "low", "mental": "high"}},
        ),
    ],
)
def test_a_recommendation_says_what_was_given_of_it(advice: Recommendation, value: dict[str, Any]) -> None:
    found = of_assessment(assessed(recommendation=advice))
    assert found[1:] == [Stated(E.CLINICAL_RECOMMENDATION, value, JUDGED, DAY)]
