"""Transfers of care: what leaves is what is allowed, whatever was written; what cannot be meant is said."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.messages.care import Diagnosis, DiagnosisSystem, LevelOfCare
from app.messages.continuity import (
    CurrentMedication,
    DoseUnit,
    DrugSystem,
    Naloxone,
    OverdoseRisk,
    Risk,
    TransferReason,
    WithdrawalRisk,
)
from app.messages.marks import elements_of
from app.messages.referral import Person
from app.messages.response import Appointment
from app.messages.transfer import CARRIED, ELEMENTS, FIELDS, IDENTIFYING, Transfer, flaws_of_transfer, projected
from app.vocabulary import Element, Role
from app.vocabulary.clinical import LevelSystem
from app.vocabulary.codes import Closure, EnrolmentStatus, Service
from tests.core.worlds import US

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
NOW_US = round(NOW.timestamp()) * 1_000_000
DOSE = CurrentMedication(DrugSystem.ATC, "N07BC02", 60.0, DoseUnit.MILLIGRAM, NOW - timedelta(hours=3))
WHOLE = Transfer(
    recipient="u-prison-health",
    patient_id="p",
    medication=(DOSE,),
    withdrawal=WithdrawalRisk(Risk.HIGH),
    overdose=OverdoseRisk(Risk.LOW, False),
    naloxone=Naloxone(True, True),
    next_appointment=Appointment(NOW + timedelta(days=3), "Site 1"),
    person=Person("Maria", "Lopez", date(1991, 4, 12)),
    language="es",
    reason=TransferReason.CUSTODY_ENTRY,
    status=EnrolmentStatus.ENDED,
    closure=Closure.CUSTODY,
    level_of_care=LevelOfCare(LevelSystem.ASAM_4, "1.5"),
    diagnosis=(Diagnosis(DiagnosisSystem.ICD_10, "F11.2"),),
    recommended_service=Service.MEDICATION,
    summary="Stable.",
)
WORDS = {name: f"value of {name}" for name in (*ELEMENTS, "recipient", "patient_id", "identifier")}
"""A stored transfer with every member; what the values are is of no account."""


def test_the_time_critical_stands_first() -> None:
    """Domain rules 3.3: medication with dose, withdrawal and overdose risk, naloxone, the next appointment."""
    assert list(ELEMENTS)[:5] == ["medication", "withdrawal", "overdose", "naloxone", "next_appointment"]
    assert list(projected(WORDS, Element)) == list(ELEMENTS)


def test_every_field_can_be_allowed_to_those_who_treat() -> None:
    """Each element is one that the profile writes for a treating role; names and language go along, never alone."""
    for role in (Role.CLINICIAN, Role.CLINIC_STAFF, Role.PRISON_CLINICIAN):
        assert US.written[role] >= CARRIED
        assert not US.written[role] & IDENTIFYING
    assert {name for name in elements_of(Transfer) if name not in FIELDS} == {"person", "language"}


@given(st.frozensets(st.sampled_from(Element)), st.frozensets(st.sampled_from(sorted(WORDS))))
def test_what_leaves_is_what_is_allowed(allowed: frozenset[Element], written: frozenset[str]) -> None:
    """Exactly the allowed members that were written, and whom it is about with them; nothing without one of them."""
    words = {name: WORDS[name] for name in written}
    expected = {name for name in written if name in FIELDS and FIELDS[name] in allowed}
    about = {"person", "language"} & written if expected else set()
    assert projected(words, allowed) == {name: words[name] for name in expected | about}


def test_a_name_alone_never_leaves() -> None:
    assert projected(WORDS, IDENTIFYING) == projected({"person": "Maria"}, Element) == projected(WORDS, ()) == {}


def test_less_allowed_is_never_more_told() -> None:
    for one, other in combinations(sorted(CARRIED), 2):
        assert projected(WORDS, {one}).items() <= projected(WORDS, {one, other}).items()


def test_a_whole_transfer_has_no_flaw() -> None:
    assert flaws_of_transfer(WHOLE, NOW_US) == []


@pytest.mark.parametrize(
    ("change", "flaw"),
    [
        ({"medication": (replace(DOSE, dose=0.0),)}, ("/medication/0/dose", "dose_out_of_range")),
        ({"medication": (replace(DOSE, dose=10_000.5),)}, ("/medication/0/dose", "dose_out_of_range")),
        ({"medication": (replace(DOSE, dose=float("nan")),)}, ("/medication/0/dose", "dose_out_of_range")),
        ({"medication": (DOSE, replace(DOSE, code="N07BC"))}, ("/medication/1/code", "medication_code_unknown")),
        (
            {"medication": (replace(DOSE, system=DrugSystem.RXNORM),)},
            ("/medication/0/code", "medication_code_unknown"),
        ),
        (
            {"medication": (replace(DOSE, last_dose_at=NOW + timedelta(seconds=6)),)},
            ("/medication/0/last_dose_at", "last_dose_in_future"),
        ),
        ({"next_appointment": Appointment(NOW, "Site 1")}, ("/next_appointment/start", "appointment_past")),
        ({"language": "Español"}, ("/language", "language_malformed")),
        ({"closure": None}, ("/closure", "closure_and_status")),
        ({"status": EnrolmentStatus.ACTIVE}, ("/closure", "closure_and_status")),
        ({"level_of_care": LevelOfCare(LevelSystem.ASAM_4, "3.3")}, ("/level_of_care/code", "level_of_care_unknown")),
        ({"diagnosis": (Diagnosis(DiagnosisSystem.ICD_11, "F11.2"),)}, ("/diagnosis/0/code", "diagnosis_code_unknown")),
        ({"summary": " "}, ("/summary", "text_blank")),
        ({"summary": "x" * 4001}, ("/summary", "text_too_long")),
    ],
)
def test_what_cannot_be_meant(change: dict[str, object], flaw: tuple[str, str]) -> None:
    told = flaws_of_transfer(replace(WHOLE, **change), NOW_US)  # type: ignore[arg-type]  # one field at a time
    assert [(one.pointer, one.code) for one in told] == [flaw]


@pytest.mark.parametrize("dose", [0.001, 10_000.0])
def test_the_ends_of_what_a_dose_may_be(dose: float) -> None:
    assert flaws_of_transfer(replace(WHOLE, medication=(replace(DOSE, dose=dose),)), NOW_US) == []


def test_a_clock_a_few_seconds_ahead_is_no_flaw() -> None:
    ahead = replace(DOSE, last_dose_at=NOW + timedelta(seconds=5))
    assert flaws_of_transfer(replace(WHOLE, medication=(ahead,)), NOW_US) == []


def test_a_transfer_of_nothing_is_none() -> None:
    nothing = Transfer(recipient="u", patient_id="p", person=WHOLE.person, language="es")
    assert [one.code for one in flaws_of_transfer(nothing, NOW_US)] == ["transfer_empty"]
