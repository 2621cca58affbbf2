"""A resident who goes on at another clinic: the treatment consent, and the transfer of care that it allows."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any, Final

from app.sandbox.county.call import Call, post
from app.sandbox.county.consenting import signing
from app.sandbox.county.names import SYSTEM
from app.sandbox.county.people import Resident

_CARRIED: Final = ("clinical.medication", "clinical.safety_alert", "referral.appointment", "referral.reason")
_STATED: Final = dict.fromkeys(("revocation", "hipaa_redisclosure", "tpo_redisclosure", "tpo_refusal"), True)
_ROLES: Final = ("clinician", "clinic_staff")


def handover(resident: Resident, here: str, there: str, today: date) -> Iterator[Call]:
    """What the first clinic does, and the second one's first look. ``$patient`` is the first clinic's."""
    staff, next_staff = (f"{unit.removeprefix('u-')}-clinic-staff" for unit in (here, there))
    rng = Random(f"{resident.seed}/handover {resident.number}")  # noqa: S311  # a county is the same every time
    form = {
        "patient_id": "$patient",
        "kind": "tpo",
        "subject": {"name_on_form": f"{resident.given_name} {resident.sur_name}"},
        "disclosers": [here],
        "recipients": [{"org_unit": there, "role": role} for role in _ROLES],
        "purposes": ["treatment", "payment", "operations"],
        "elements": list(_CARRIED),
        "expiry": {"at": "none"},
        "statements": _STATED,
        "language": resident.language,
    }
    yield post(staff, "/v1/consents", form, consent="id")
    yield post(staff, "/v1/consents/$consent/signatures", signing(resident, rng))
    yield post(staff, "/v1/transfers", _transfer(resident, there, today), transfer="id")
    yield Call(next_staff, "GET", "/v1/transfers/$transfer")


def _transfer(resident: Resident, there: str, today: date) -> dict[str, Any]:
    start = (today + timedelta(days=2 + resident.number % 5)).isoformat()
    names = {"given_name": resident.given_name, "sur_name": resident.sur_name}
    words: dict[str, Any] = {
        "recipient": there,
        "patient_id": "$patient",
        "person": names | {"birth_date": resident.born.isoformat()},
        "language": resident.language,
        "reason": "transfer_of_care",
        "next_appointment": {"start": f"{start}T15:00:00Z", "site": "Site 1"},
        "withdrawal": {"risk": ("none", "low", "moderate", "high")[resident.number % 4]},
        "identifier": {"system": SYSTEM, "value": f"{resident.seed}-{resident.number:05}-handover"},
    }
    if resident.substance == "opioids":
        dose = {"system": "atc", "code": "N07BC02", "dose": 40 + resident.number % 50, "unit": "mg", "route": "oral"}
        words["medication"] = [dose | {"last_dose_at": "$now"}]
        words["naloxone"] = {"supplied": True, "trained": True}
    return words
