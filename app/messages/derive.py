"""What a message says of each element, derived when it is filed (domain rules 4.1; design 3.3, 6).

Computed by code are only sessions -> summary -> compliant, status -> engaged, closure -> status ended. A derivation
that lacks its inputs gives nothing, and the reader is told ``insufficient_data``; it never falls to a finer step.
Windows of weeks are derived in ``windows``.
"""

from datetime import UTC
from typing import Any, Final, NamedTuple

from app.messages.assessment import Assessment, Recommendation
from app.messages.care import Diagnosis, Medication, level_shown
from app.messages.closure import reason_shown
from app.messages.response import ReferralResponse, decision_shown, standing_of
from app.messages.screening import bands_shown, detail_shown, rating_shown
from app.messages.treatment_status import TreatmentStatus
from app.vocabulary import Element
from app.vocabulary.calendar import OPEN
from app.vocabulary.clinical import AssessmentStatus
from app.vocabulary.codes import EnrolmentStatus, Epistemic

_FACT, _ASSESSMENT, _SELF_REPORT = Epistemic.FACT, Epistemic.ASSESSMENT, Epistemic.SELF_REPORT


class Stated(NamedTuple):
    """One element's value as filed. ``sort_key`` is the day that bounds it: open until, made on, window start."""

    element: Element
    value: Any
    epistemic: Epistemic
    sort_key: int
    scope: str = ""


def of_response(response: ReferralResponse, referral: str, day: int) -> list[Stated]:
    """Elements of a clinic's answer to one referral, given on ``day``."""
    stated = [Stated(Element.REFERRAL_DECISION, decision_shown(response), _FACT, day, referral)]
    if response.reason is not None:
        how = standing_of(response.reason)
        stated.append(Stated(Element.REFERRAL_REASON, response.reason.value, how, day, referral))
    if response.appointment is not None:
        start = response.appointment.start.astimezone(UTC).isoformat().replace("+00:00", "Z")  # no zone of the clinic
        when = {"start": start, "site": response.appointment.site}
        stated.append(Stated(Element.REFERRAL_APPOINTMENT, when, _FACT, day, referral))
    return stated


def of_enrolment(status: TreatmentStatus) -> list[Stated]:
    """State-like elements of a status: the episode is open until its end date, or until further notice."""
    ended = status.status is EnrolmentStatus.ENDED
    until = status.period.end.toordinal() if ended else OPEN
    if ended and status.dates is not None and status.dates.end is not None:
        until = status.dates.end.toordinal()
    values: tuple[tuple[Element, Any, Epistemic], ...] = (
        (Element.ENROLMENT_ENGAGED, not ended, _FACT),
        (Element.ENROLMENT_STATUS, status.status.value, _FACT),
        (Element.ENROLMENT_DATES, _dates(status), _FACT),
        (Element.ENROLMENT_CLOSURE, status.closure, _FACT),
        (Element.ENROLMENT_CLOSURE_REASON, status.closure_reason and reason_shown(status.closure_reason), _FACT),
        (Element.ENROLMENT_LEVEL_OF_CARE, status.level_of_care and level_shown(status.level_of_care), _FACT),
        (Element.PROGRESS_PLAN_CHANGE, status.plan_change, _ASSESSMENT),
        (Element.PROGRESS_NARRATIVE, status.narrative, _ASSESSMENT),
    )
    return [Stated(element, value, how, until) for element, value, how in values if value is not None]


def provided(current: list[tuple[str, Stated]], name: str) -> list[tuple[str, Stated]]:
    """What is current of an enrolment, and by whom: the display name of the clinic that states it."""
    if not current:
        return []
    message, one = current[0]
    return [*current, (message, Stated(Element.ENROLMENT_PROVIDER, name, _FACT, one.sort_key))]


def _dates(status: TreatmentStatus) -> dict[str, str] | None:
    if status.dates is None:
        return None
    dates = {"start": status.dates.start.isoformat()}
    return dates if status.dates.end is None else dates | {"end": status.dates.end.isoformat()}


_RESTRICTED: Final = (
    (Element.RESTRICTED_COUNSELLING_NOTES, "counselling_notes", _ASSESSMENT),
    (Element.RESTRICTED_INFECTIOUS_DISEASE, "infectious_disease", _ASSESSMENT),
    (Element.RESTRICTED_OTHER_HEALTH, "other_health", _ASSESSMENT),
    (Element.RESTRICTED_THIRD_PARTY, "third_party", _SELF_REPORT),
)


def of_assessment(assessment: Assessment) -> list[Stated]:
    """Elements of an assessment; scores never become a band beyond the published cut-offs.

    How far one came that found nothing is a fact, without a reason (domain rules 6, case 61).
    """
    day = assessment.assessed_on.toordinal()
    if assessment.status is not AssessmentStatus.COMPLETED or assessment.need_indicated is None:
        status = {"status": assessment.status.value}
        return [Stated(Element.CLINICAL_NEED_INDICATED, status, _FACT, day)]
    need = {"status": assessment.status.value, "need_indicated": assessment.need_indicated.value}
    values: list[tuple[Element, Any, Epistemic]] = [
        (Element.CLINICAL_NEED_INDICATED, need, _ASSESSMENT),
        (Element.CLINICAL_RECOMMENDATION, _advice(assessment.recommendation), _ASSESSMENT),
        (Element.CLINICAL_SCREENING_BAND, bands_shown(assessment.screening), _ASSESSMENT),
        (Element.CLINICAL_SCREENING_DETAIL, detail_shown(assessment.screening, assessment.asi), _ASSESSMENT),
        (Element.CLINICAL_DIAGNOSIS, _codes(assessment.diagnosis), _ASSESSMENT),
        (Element.CLINICAL_MEDICATION, _codes(assessment.medication), _FACT),
        (Element.CLINICAL_SAFETY_ALERT, [alert.value for alert in assessment.safety_alert], _ASSESSMENT),
        (Element.RESTRICTED_SELF_INCRIMINATION, _incriminating(assessment), _SELF_REPORT),
        *((element, getattr(assessment, name), how) for element, name, how in _RESTRICTED),
    ]
    return [Stated(element, value, how, day) for element, value, how in values if value]


def _advice(recommendation: Recommendation | None) -> dict[str, Any]:
    if recommendation is None:
        return {}
    needs, level = recommendation.needs, recommendation.level_of_care
    areas = (
        {name: getattr(needs, name) for name in ("housing", "work", "family", "physical", "mental")} if needs else {}
    )
    parts = {
        "level_of_care": level_shown(level) if level is not None else None,
        "weeks_min": recommendation.weeks_min,
        "weeks_max": recommendation.weeks_max,
        "needs": {name: level.value for name, level in areas.items() if level is not None} or None,
    }
    return {"service": recommendation.service.value} | {n: part for n, part in parts.items() if part is not None}


def _incriminating(assessment: Assessment) -> dict[str, Any]:
    """What the person said of offences, and the legal area of the ASI: apart from every other score."""
    notes, legal = assessment.self_incrimination, assessment.asi_legal
    return ({"notes": notes} if notes is not None else {}) | ({"asi_legal": rating_shown(legal)} if legal else {})


def _codes(coded: tuple[Diagnosis, ...] | tuple[Medication, ...]) -> list[dict[str, str]]:
    return [{"system": one.system.value, "code": one.code} for one in coded]
