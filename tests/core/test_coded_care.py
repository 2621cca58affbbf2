"""Codes with their systems, and the fields of a referral and its answer that have to agree with each other."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from app.messages.assessment import Recommendation, flaws_of_assessment
from app.messages.care import Diagnosis, DiagnosisSystem, LevelOfCare, Medication, flaws_of_level, level_shown
from app.messages.continuity import DrugSystem
from app.messages.derive import of_assessment, of_response
from app.messages.referral import MOST_REASON, Conditions, Demographics, Person, Referral, flaws_of_referral
from app.messages.response import ReferralResponse, flaws_of_response
from app.messages.screening import AsiRating
from app.messages.source import SourceCode, flaws_of_sources
from app.messages.treatment_status import flaws_of_status
from app.vocabulary import Element
from app.vocabulary.clinical import LEVELS, LevelSystem
from app.vocabulary.codes import Decision, DecisionReason, Service, Stage
from app.vocabulary.sources import SOURCES, SourceSystem
from tests.core.filings import TODAY, assessment, response, status

ASAM = LevelSystem.ASAM_4
D = DiagnosisSystem


def test_levels_of_care_are_those_of_the_fourth_edition() -> None:
    """Codes 2, row 7. Gone from the fourth: 0.5, 3.3 and -WM; qualifiers (COE, BIO) are not carried."""
    eleven = "1.0 1.5 1.7 2.1 2.5 2.7 3.1 3.5 3.7 4 RR".split()
    assert LEVELS[ASAM] == {*eleven}
    for code in (*eleven, "4.0"):
        assert flaws_of_level("/level_of_care", LevelOfCare(ASAM, code)) == []
    for code in ("0.5", "3.3", "3.7-WM", "1-WM", "3.7 BIO", "3.7COE", "1", "4.00", "rr", ""):
        (flaw,) = flaws_of_level("/level_of_care", LevelOfCare(ASAM, code))
        assert (flaw.pointer, flaw.code) == ("/level_of_care/code", "level_of_care_unknown")
    assert level_shown(LevelOfCare(ASAM, "4.0")) == {"system": "asam-4", "code": "4"}


@pytest.mark.parametrize(
    ("system", "code", "known"),
    [
        (D.ICD_10, "F10.2", True),
        (D.ICD_10, "F19.21", True),
        (D.ICD_10, "F20", False),
        (D.ICD_10, "F1", False),
        (D.ICD_10_CM, "F10.20", True),
        (D.ICD_10_CM, "F17.210", True),
        (D.ICD_10_CM, "F17.1", False),
        (D.ICD_10_CM, "F10.3", False),
        (D.ICD_11, "6C40.2", True),
        (D.ICD_11, "6C4Z", True),
        (D.ICD_11, "6C4I", False),
        (D.ICD_11, "6C50", False),
    ],
)
def test_diagnoses(system: DiagnosisSystem, code: str, known: bool) -> None:
    """ICD-10 (WHO) F10-F19; ICD-10-CM is another tree; ICD-11 6C40 to 6C4Z (codes 2, rows 9 to 11)."""
    found = flaws_of_assessment(assessment(diagnosis=(Diagnosis(system, code),)), TODAY)
    assert [flaw.code for flaw in found] == ([] if known else ["diagnosis_code_unknown"])


@pytest.mark.parametrize(("code", "known"), [("N07BC02", True), ("N07BC", False), ("6813", False), ("n07bc02", False)])
def test_medicines(code: str, known: bool) -> None:
    """ATC at its fifth level names the substance."""
    found = flaws_of_assessment(assessment(medication=(Medication(DrugSystem.ATC, code),)), TODAY)
    assert [flaw.code for flaw in found] == ([] if known else ["medication_code_unknown"])


@pytest.mark.parametrize(
    ("least", "most", "codes"),
    [
        (1, 520, []),
        (None, 12, []),
        (0, 12, ["weeks_out_of_range"]),
        (1, 521, ["weeks_out_of_range"]),
        (13, 12, ["weeks_reversed"]),
    ],
)
def test_a_recommendation_is_for_a_range_of_weeks(least: int | None, most: int, codes: list[str]) -> None:
    made = assessment(recommendation=Recommendation(Service.RESIDENTIAL, weeks_min=least, weeks_max=most))
    assert [flaw.code for flaw in flaws_of_assessment(made, TODAY)] == codes


def test_the_legal_area_of_the_index_is_in_no_score() -> None:
    """Domain rules 4.3: its items can incriminate; it leaves as restricted.self_incrimination or not at all."""
    found = {one.element: one.value for one in of_assessment(assessment(asi_legal=AsiRating(0.77)))}
    told = found.pop(Element.RESTRICTED_SELF_INCRIMINATION)
    assert told == {"notes": "What she said.", "asi_legal": {"composite": 0.77}}
    assert "0.77" not in str(found) and "legal" not in str(found)
    assert "asi" not in str(found[Element.CLINICAL_SCREENING_BAND])


@pytest.mark.parametrize("name", ["counselling_notes", "infectious_disease", "third_party", "self_incrimination"])
def test_free_texts_end(name: str) -> None:
    for text, codes in (("x" * 4000, []), ("x" * 4001, ["text_too_long"]), (" \n", ["text_blank"])):
        assert [f.code for f in flaws_of_assessment(assessment(**{name: text}), TODAY)] == codes
        assert [f.code for f in flaws_of_status(status(narrative=text), TODAY)] == codes


def referral(**changes: Any) -> Referral:
    """A sound referral but for the changes."""
    sound: dict[str, Any] = {
        "recipient": "u-clinic",
        "case_id": "0" * 32,
        "stage": Stage.RELEASE,
        "person": Person("Maria", "Lopez", date(1991, 4, 12)),
        "conditions": Conditions(Service.OUTPATIENT),
    }
    return Referral(**(sound | changes))


PSOURCE, DETCRIM, TDI = SourceSystem.TEDS_PSOURCE, SourceSystem.TEDS_DETCRIM, SourceSystem.TDI


@pytest.mark.parametrize(
    ("changes", "codes"),
    [
        ({}, []),
        ({"condition_imposed": True, "final_disposition_due": date(2027, 1, 1), "mandatory": True}, []),
        (
            {"condition_imposed": True, "mandatory": False},
            ["final_disposition_due_missing", "condition_not_mandatory"],
        ),
        ({"demographics": Demographics("pt-BR", interpreter_needed=True)}, []),
        ({"demographics": Demographics("Spanish, please")}, ["language_malformed"]),
        ({"referral_reason": "x" * MOST_REASON}, []),
        ({"referral_reason": "x" * (MOST_REASON + 1)}, ["text_too_long"]),
        ({"source": (SourceCode(PSOURCE, "7"), SourceCode(DETCRIM, "3"), SourceCode(TDI, "1"))}, []),
        ({"source": (SourceCode(PSOURCE, "1"), SourceCode(DETCRIM, "3"))}, ["sources_disagree"]),
        ({"source": (SourceCode(TDI, "1"), SourceCode(TDI, "2"))}, ["source_doubled"]),
        ({"source": (SourceCode(DETCRIM, "-9"),)}, ["source_code_unknown"]),
    ],
)
def test_fields_of_a_referral(changes: dict[str, Any], codes: list[str]) -> None:
    assert [flaw.code for flaw in flaws_of_referral(referral(**changes), TODAY)] == codes


def test_codes_of_sources() -> None:
    """TEDS-A 2017 codebook, pages 32 and 33: PSOURCE 1 to 7, DETCRIM 1 to 8; TDI 3.0 table 13.1.1: 1 to 7."""
    for system, most in ((PSOURCE, 7), (DETCRIM, 8), (TDI, 7)):
        assert [*SOURCES[system]] == [str(number) for number in range(1, most + 1)]
        assert [f.code for f in flaws_of_sources([SourceCode(system, "99")])] == ["source_code_unknown"]


ALL = frozenset(DecisionReason)
MAY: dict[Decision, frozenset[DecisionReason]] = dict.fromkeys(Decision, frozenset()) | {
    Decision.DECLINED: ALL,
    Decision.WITHDRAWN: ALL,
    Decision.WAITLISTED: frozenset({DecisionReason.CAPACITY}),
}


@pytest.mark.parametrize("decision", list(Decision))
def test_reasons_of_a_decision(decision: Decision) -> None:
    """What the person declined has no reason; a person is waitlisted for lack of places and for nothing else."""
    for reason in DecisionReason:
        found = flaws_of_response(ReferralResponse(decision, reason))
        assert [flaw.code for flaw in found] == ([] if reason in MAY[decision] else ["reason_unexpected"])


def test_lack_of_places_does_not_read_as_conduct() -> None:
    """Domain rules 3.3 and case 63: the sentence is part of the value, and the decision has no reason in it."""
    for decision in (Decision.WAITLISTED, Decision.DECLINED):
        given = ReferralResponse(decision, DecisionReason.CAPACITY)
        told, reason = of_response(given, "r", TODAY)
        assert "not attributable to the person" in told.value["note"]
        assert "capacity" not in str(told.value) and reason.value == "capacity"


def test_waiting_and_appointments_go_with_their_decisions() -> None:
    waiting = ReferralResponse(Decision.WAITLISTED, waitlist_weeks=6)
    assert of_response(waiting, "r", 1)[0].value["waitlist_weeks"] == 6
    for wrong in (replace(waiting, decision=Decision.DECLINED), replace(waiting, waitlist_weeks=521)):
        assert [flaw.code for flaw in flaws_of_response(wrong)] == ["waitlist_weeks_unexpected"]
    assert [flaw.code for flaw in flaws_of_response(response(decision=Decision.WITHDRAWN))] == [
        "appointment_unexpected"
    ]
