"""Transfer of care: what the next clinic or prison health unit needs at once, the time-critical first.

Continuity of care (domain rules 3.3): on entry to custody and on release, medication with dose, withdrawal and overdose
risk, the next appointment and naloxone go from health to health under a treatment consent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from app.errors import Flaw
from app.messages.care import Diagnosis, LevelOfCare, flaws_of_diagnosis, flaws_of_level
from app.messages.continuity import (
    CurrentMedication,
    Naloxone,
    OverdoseRisk,
    TransferReason,
    WithdrawalRisk,
    flaws_of_medication,
    moment_of,
)
from app.messages.envelope import STRICT, Identifier, flaws_of_language, flaws_of_text
from app.messages.marks import ENVELOPE, elements_of, message
from app.messages.referral import Person
from app.messages.response import Appointment, flaws_of_appointment
from app.vocabulary import Element
from app.vocabulary.codes import Closure, EnrolmentStatus, Service


@message
@dataclass(frozen=True, kw_only=True)
class Transfer:
    """What a clinic or prison health unit hands to the next about a patient, under a consent of kind tpo.

    ``person`` must be the patient of ``patient_id``. The sender's own ``identifier`` names one transfer for ever.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    recipient: Annotated[str, ENVELOPE]
    patient_id: Annotated[str, ENVELOPE]
    medication: Annotated[tuple[CurrentMedication, ...], Element.CLINICAL_MEDICATION] = ()
    withdrawal: Annotated[WithdrawalRisk | None, Element.CLINICAL_SAFETY_ALERT] = None
    overdose: Annotated[OverdoseRisk | None, Element.CLINICAL_SAFETY_ALERT] = None
    naloxone: Annotated[Naloxone | None, Element.CLINICAL_SAFETY_ALERT] = None
    next_appointment: Annotated[Appointment | None, Element.REFERRAL_APPOINTMENT] = None
    person: Annotated[Person, Element.IDENTITY_MATCH]
    language: Annotated[str | None, Element.IDENTITY_DEMOGRAPHICS] = None
    reason: Annotated[TransferReason | None, Element.REFERRAL_REASON] = None
    status: Annotated[EnrolmentStatus | None, Element.ENROLMENT_STATUS] = None
    closure: Annotated[Closure | None, Element.ENROLMENT_CLOSURE] = None
    level_of_care: Annotated[LevelOfCare | None, Element.ENROLMENT_LEVEL_OF_CARE] = None
    diagnosis: Annotated[tuple[Diagnosis, ...], Element.CLINICAL_DIAGNOSIS] = ()
    recommended_service: Annotated[Service | None, Element.CLINICAL_RECOMMENDATION] = None
    summary: Annotated[str | None, Element.PROGRESS_NARRATIVE] = None
    identifier: Annotated[Identifier | None, ENVELOPE] = None


IDENTIFYING: Final = frozenset({Element.IDENTITY_MATCH, Element.IDENTITY_DEMOGRAPHICS})
"""Who it is about: goes with what is allowed and never alone, since that somebody is a patient is itself protected."""

ELEMENTS: Final = elements_of(Transfer)
FIELDS: Final = {name: element for name, element in ELEMENTS.items() if element not in IDENTIFYING}
"""Field -> the element that the patient must have allowed, in the order of the message."""

CARRIED: Final = frozenset(FIELDS.values())


def projected(words: Mapping[str, Any], allowed: Iterable[Element]) -> dict[str, Any]:
    """What may leave of a stored transfer: the allowed fields and whom they are about; nothing if none is allowed."""
    granted = frozenset(allowed) & CARRIED
    if not any(element in granted for name, element in FIELDS.items() if name in words):
        return {}
    shown = granted | IDENTIFYING
    return {name: words[name] for name, element in ELEMENTS.items() if name in words and element in shown}


def flaws_of_transfer(transfer: Transfer, now: int) -> list[Flaw]:
    """What a transfer says that cannot be meant. ``now`` is in microseconds since 1970-01-01T00:00Z."""
    found = [*flaws_of_medication(transfer.medication, now), *flaws_of_diagnosis(transfer.diagnosis)]
    found += [*flaws_of_level("/level_of_care", transfer.level_of_care), *flaws_of_text("/summary", transfer.summary)]
    found += flaws_of_appointment("/next_appointment", transfer.next_appointment)
    if transfer.next_appointment is not None and transfer.next_appointment.start <= moment_of(now):
        found.append(Flaw("/next_appointment/start", "appointment_past", "The next appointment lies in the past."))
    found += flaws_of_language("/language", transfer.language) if transfer.language is not None else []
    if (transfer.closure is not None) != (transfer.status is EnrolmentStatus.ENDED):
        detail = "A closure goes with the status ended, and only with it."
        found.append(Flaw("/closure", "closure_and_status", detail))
    return found if any(getattr(transfer, name) for name in FIELDS) else [*found, _EMPTY]


_EMPTY: Final = Flaw("", "transfer_empty", "Nothing is handed over. Give at least the medication, a risk or a date.")
