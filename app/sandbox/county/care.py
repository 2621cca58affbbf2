"""What a clinic files about a resident: assessments with instrument scores, and the status of every week."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from app.sandbox.county.course import DrugTest, Leg, Session, Week, relapsed
from app.sandbox.county.people import Resident
from app.sandbox.county.weeks import USE
from app.sandbox.weeks import monday_of, week
from app.vocabulary.codes import Closure, EnrolmentStatus

_CODES: Final = {
    "alcohol": ("F10.2", "6C40.2"),
    "opioids": ("F11.2", "6C43.2"),
    "cannabis": ("F12.1", "6C41.1"),
    "cocaine": ("F14.2", "6C45.2"),
    "ats": ("F15.2", "6C46.2"),
    "sedatives": ("F13.2", "6C44.2"),
}
"""Substance -> ICD-10 and ICD-11."""
_SERVICES: Final = ("outpatient", "outpatient", "intensive_outpatient", "medication", "residential", "aftercare")
_TEDS: Final = {
    Closure.COMPLETED: "1",
    Closure.LEFT_EARLY: "2",
    Closure.ENDED_BY_PROVIDER: "3",
    Closure.TRANSFERRED: "4",
    Closure.CUSTODY: "5",
    Closure.DECEASED: "6",
}
"""Closure -> TEDS-D REASON, of those that have one of their own."""


def assessments(resident: Resident, leg: Leg, today: date) -> Iterator[dict[str, Any]]:
    """One at intake; another after a relapse."""
    rng = Random(f"{resident.seed}/care {resident.number} {leg.clinic}")  # noqa: S311  # a county is the same every time
    yield _assessment(resident, rng, monday_of(leg.weeks[0].back, today))
    if relapsed((leg,)):
        yield _assessment(resident, rng, monday_of(leg.weeks[-1].back, today))


def _assessment(resident: Resident, rng: Random, day: date) -> dict[str, Any]:
    icd10, icd11 = _CODES[resident.substance]
    body: dict[str, Any] = {
        "patient_id": "$patient",
        "assessed_on": day.isoformat(),
        "purpose": rng.choice(("treatment", "referral")),
        "need_indicated": "yes",
        "recommendation": _recommendation(rng),
        "screening": list(_screening(resident.substance, rng)),
    }
    if resident.substance == "opioids" and rng.random() < 0.6:
        body["medication"] = [{"system": "atc", "code": rng.choice(("N07BC01", "N07BC02"))}]
        body["safety_alert"] = ["overdose"]
    if rng.random() < 0.3:
        domains = rng.sample(("medical", "employment", "alcohol", "drug", "family", "psychiatric"), 3)
        body["asi"] = [{"domain": name, "rating": {"severity": rng.randint(0, 9)}} for name in domains]
    if rng.random() < 0.7:
        system, code = ("icd-10", icd10) if rng.random() < 0.6 else ("icd-11", icd11)
        body["diagnosis"] = [{"system": system, "code": code}]
    if rng.random() < 0.2:
        body["counselling_notes"] = f"Synthetic note about record {resident.number}."
    return body


def declined_assessment(today: date) -> dict[str, Any]:
    """A person who did not want to be assessed: no finding, and no reason."""
    words = {"assessed_on": today.isoformat(), "purpose": "referral", "status": "declined"}
    return {"patient_id": "$patient"} | words


def _recommendation(rng: Random) -> dict[str, Any]:
    least = rng.choice((8, 12, 16, 24))
    advice: dict[str, Any] = {"service": rng.choice(_SERVICES), "weeks_min": least, "weeks_max": least + 12}
    advice["level_of_care"] = {"system": "asam-4", "code": rng.choice(("1.0", "1.5", "2.1", "2.5", "3.1", "3.7"))}
    if rng.random() < 0.5:
        levels = ("low", "med", "high")
        advice["needs"] = {"housing": rng.choice(levels), "work": rng.choice(levels), "family": rng.choice(levels)}
    return advice


def _screening(substance: str, rng: Random) -> Iterator[dict[str, Any]]:
    """Scores over the whole range of each instrument, both sides of every band among them."""
    yield {"instrument": "assist", "substance": substance, "score": rng.randint(0, 39)}
    if substance == "alcohol":
        yield {"instrument": "audit", "score": rng.randint(0, 40)}
    elif rng.random() < 0.5:
        yield {"instrument": "dast10", "score": rng.randint(0, 10)}
    else:
        yield {"instrument": "dudit", "score": rng.randint(0, 44)}


def statuses(leg: Leg, today: date) -> Iterator[dict[str, Any]]:
    """The status of every reported week, in the order in which a clinic would have filed them."""
    start = leg.weeks[0].back
    before: Week | None = None
    for one in leg.weeks:
        if before is not None and before.status is EnrolmentStatus.ENDED:
            start = one.back
        before = one
        yield _status(one, monday_of(start, today), today)


def _status(one: Week, start: date, today: date) -> dict[str, Any]:
    monday = monday_of(one.back, today)
    body: dict[str, Any] = {"patient_id": "$patient", "period": week(monday), "status": one.status.value}
    if one.status is not EnrolmentStatus.PLANNED:
        body["dates"] = {"start": start.isoformat()}
    if one.sessions:
        body["sessions"] = [_session(session, monday) for session in one.sessions]
    if one.tests is not None:
        body["testing"] = [_test(test, monday) for test in one.tests]
    if one.goals is not None:
        body["goals"] = {"met": one.goals[0], "of": one.goals[1]}
    if one.engagement is not None:
        body["engagement"] = one.engagement
    if one.plan_change is not None:
        body["plan_change"] = one.plan_change.value
    if one.closure is not None:
        body["closure"] = one.closure.value
        body["dates"] = {"start": start.isoformat(), "end": week(monday)["end"]}
        if one.closure in _TEDS:
            body["closure_reason"] = {"system": "teds-d", "code": _TEDS[one.closure]}
    return body


def _session(session: Session, monday: date) -> dict[str, Any]:
    day = (monday + timedelta(days=session.day)).isoformat()
    body = {"date": day, "outcome": session.outcome.value}
    return body | ({"absence_reason": session.reason} if session.reason is not None else {})


def _test(test: DrugTest, monday: date) -> dict[str, Any]:
    """A confirmed use comes with its panel, as a laboratory reports it; a screen that found nothing without."""
    day = (monday + timedelta(days=test.day)).isoformat()
    body: dict[str, Any] = {"collected_on": day, "participation": test.participation}
    if test.result is not None:
        body["result"] = test.result
    if test.result == USE:
        body["panel"] = [{"analyte": "cocaine", "method": "confirm", "result": USE}]
    return body
