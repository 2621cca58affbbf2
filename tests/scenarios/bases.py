"""Bodies of court orders and of emergencies: a scenario says what differs from a sound one."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from tests.scenarios.cast import Ids

_ORDER_UNDER: Final = {"eu-gdpr-led": "national_law"}
"""Profile -> the type that its law knows an order by, where that is not one of 42 CFR part 2."""


def order_form(spec: Mapping[str, Any], profile: str, ids: Ids, base: datetime) -> dict[str, Any]:
    """A court order about the usual patient, for the results of tests and to the judge, with its subpoena."""
    body: dict[str, Any] = {
        "patient_id": ids("maria"),
        "referral_id": ids("R"),
        "court_unit": "u-court-treatment",
        "type": "2.64",
        "order_ref": "2026-CV-0118",
        "elements": ["testing.result_summary"],
        "persons": [{"role": "judge"}],
        "findings_recorded": True,
        "notice_given": True,
        "mandate_ref": "subpoena of 20 November",
        "valid_from": (base - timedelta(days=3)).date().isoformat(),
        "valid_to": (base + timedelta(days=90)).date().isoformat(),
        "records_from": ids("first week"),
    } | dict(spec)
    if body["type"] in ("2.64", "2.65"):
        body["type"] = _ORDER_UNDER.get(profile, body["type"])
    for name in ("valid_from", "valid_to"):
        if body[name][0] in "+-":
            body[name] = (base + timedelta(days=int(body[name][:-1]))).date().isoformat()
    if isinstance(spec.get("referral_id"), str):
        body["referral_id"] = "0" * 32 if spec["referral_id"] == "nowhere" else ids(spec["referral_id"])
    return {name: value for name, value in body.items() if value is not None}


def emergency_of(spec: Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """What whoever treats an overdose asks for; ``of`` names the person."""
    given, _, surname = str(ids(f"name of {spec.get('of', 'maria')}")).partition(" ")
    own = {name: value for name, value in spec.items() if name not in ("as", "of")}
    body: dict[str, Any] = {
        "discloser_unit": "u-clinic-harbor",
        "person": {"given_name": given, "sur_name": surname, "birth_date": "1991-04-12"},
        "purpose": "treatment",
        "nature": "life_threat",
        "nature_in_words": "Found unconscious, pinpoint pupils.",
        "consent_unobtainable": "incapable",
        "receiver": {"name": "Dr. A. Osei", "facility": "Emergency department"},
        "elements": ["clinical.medication", "clinical.safety_alert"],
    } | own
    return {name: value for name, value in body.items() if value is not None}
