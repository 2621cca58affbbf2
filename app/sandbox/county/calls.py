"""Everything that is said about a resident, in the order in which it is said: a sender, a clinic, now and then another.

What is back-dated is what the API lets be: the weeks, the day of an assessment, and how far a consent reaches back. The
referral, the answer, the signatures and the events are of today.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from app.sandbox.county.call import Call, post
from app.sandbox.county.care import assessments, declined_assessment, statuses
from app.sandbox.county.consenting import conditioned, consents, due
from app.sandbox.county.course import Leg, completed
from app.sandbox.county.handover import handover
from app.sandbox.county.names import RECORD, SYSTEM
from app.sandbox.county.outcomes import Outcome
from app.sandbox.county.people import CLINICS, Resident
from app.vocabulary.codes import Cadence, Stage

_ANSWERS: Final[dict[Outcome, dict[str, Any]]] = {
    Outcome.WAITLISTED: {"decision": "waitlisted", "reason": "capacity", "waitlist_weeks": 6},
    Outcome.DECLINED: {"decision": "declined", "reason": "needs_other_service"},
    Outcome.PERSON_DECLINED: {"decision": "person_declined"},
    Outcome.NOT_REACHED: {"decision": "not_reached"},
}
SUPERVISOR: Final = "probation-adult-probation-officer"


def calls(resident: Resident, today: date) -> Iterator[Call]:
    """Every call about a resident, to be made one after the other."""
    yield from _case(resident)
    legs: tuple[Leg | None, ...] = resident.course or (None,)
    for number, leg in enumerate(legs):
        clinic = leg.clinic if leg is not None else CLINICS[resident.number % len(CLINICS)]
        yield from _referral(resident, number, clinic, today)
        if resident.outcome is Outcome.UNANSWERED:
            return
        if resident.outcome is Outcome.CANCELLED:
            yield Call(resident.sender.client, "POST", "/v1/referrals/$referral/cancellation")
            return
        yield from _at_clinic(resident, leg, clinic, today)
        if number + 1 < len(legs):
            yield from handover(resident, clinic, resident.course[number + 1].clinic, today)
    if resident.number % 3 == 0:
        read = f"case=$case&purpose={resident.sender.purpose.value}"
        yield Call(resident.sender.client, "GET", f"/v1/treatment-statuses?{read}")
        yield Call(resident.sender.client, "GET", f"/v1/assessments?{read}")
    if completed(resident.course) and resident.number % 2 == 0:
        over = {"code": resident.sender.event.value, "occurred_at": "$now"}
        yield post(resident.sender.client, "/v1/cases/$case/events", over, 202)


def identifier(resident: Resident, number: int = 0) -> str:
    """The sender's own identifier of a resident's first or later referral."""
    return f"{resident.seed}-{resident.number:05}-{number + 1}"


def _case(resident: Resident) -> Iterator[Call]:
    named = {"type": resident.sender.case_type.value, "value": f"{RECORD}{resident.seed}-{resident.number:05}"}
    body = {"imposing_unit": resident.sender.unit, "identifiers": [named]}
    yield post(resident.sender.client, "/v1/cases", body, 200, case="case_id")
    if resident.stage is Stage.TRIAL and conditioned(resident):
        yield post(SUPERVISOR, "/v1/cases", body, 200)


def _referral(resident: Resident, number: int, clinic: str, today: date) -> Iterator[Call]:
    conditions: dict[str, Any] = {"service_asked": "outpatient", "cadence": resident.cadence.value}
    if resident.threshold is not None:
        conditions["attendance_threshold"] = resident.threshold
    body: dict[str, Any] = {
        "recipient": clinic,
        "case_id": "$case",
        "stage": resident.stage.value,
        "person": _person(resident),
        "conditions": conditions,
        "demographics": {"language": resident.language, "interpreter_needed": resident.language == "vi"},
        "offence_category": ("possession", "possession", "property", "traffic", "other")[resident.number % 5],
        "source": [{"system": "teds-psource", "code": "7"}],
        "urgency": ("routine", "routine", "soon", "urgent")[resident.number % 4],
        "identifier": {"system": SYSTEM, "value": identifier(resident, number)},
    }
    if conditioned(resident):
        body |= {"condition_imposed": True, "mandatory": True, "final_disposition_due": due(resident, today)}
    if conditioned(resident) and resident.stage is Stage.TRIAL:
        body["supervising_units"] = ["u-probation-adult"]
    if resident.cadence is Cadence.PER_HEARING or resident.stage is Stage.TRIAL:
        body["court_appearance_date"] = (today + timedelta(days=resident.days[0])).isoformat()
    yield post(resident.sender.client, "/v1/referrals", body, referral="id")
    if "court_appearance_date" in body and resident.number % 4 == 0:
        moved = {"court_appearance_date": (today + timedelta(days=resident.days[0] + 14)).isoformat()}
        yield post(resident.sender.client, "/v1/referrals/$referral/amendments", moved)


def _at_clinic(resident: Resident, leg: Leg | None, clinic: str, today: date) -> Iterator[Call]:
    staff = f"{clinic.removeprefix('u-')}-clinic-staff"
    record = f"{RECORD}{resident.seed}-{resident.number:05}"
    yield post(staff, "/v1/patients", _person(resident) | {"local_id": record}, patient="id")
    yield Call(staff, "PATCH", "/v1/referrals/$referral/patient", {"patient_id": "$patient"})
    yield post(staff, "/v1/referrals/$referral/response", _answer(resident, leg, today))
    if resident.outcome is Outcome.PERSON_DECLINED:
        yield post(staff, "/v1/assessments", declined_assessment(today))
    if leg is not None:
        for body in assessments(resident, leg, today):
            yield post(staff, "/v1/assessments", body, assessment="id")
        if resident.number % 11 == 0:  # a slip that the clinic puts right
            yield post(staff, "/v1/assessments", body | {"purpose": "treatment", "supersedes": "$assessment"})
        for body in statuses(leg, today):
            yield post(staff, "/v1/treatment-statuses", body)
    yield from consents(resident, leg, clinic, staff, today)


def _person(resident: Resident) -> dict[str, str]:
    names = {"given_name": resident.given_name, "sur_name": resident.sur_name}
    return names | {"birth_date": resident.born.isoformat()}


def _answer(resident: Resident, leg: Leg | None, today: date) -> dict[str, Any]:
    if leg is None:
        return _ANSWERS[resident.outcome]
    start = today + timedelta(days=1 + resident.number % 14)
    return {"decision": "accepted", "appointment": {"start": f"{start.isoformat()}T15:00:00Z", "site": "Site 1"}}
