"""What a resident decides about telling the unit that referred them: consents of every kind and state."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from types import MappingProxyType
from typing import Any, Final

from app.sandbox.county.call import Call, post
from app.sandbox.county.course import Leg
from app.sandbox.county.people import Resident
from app.sandbox.weeks import monday_of
from app.vocabulary import Role
from app.vocabulary.codes import Stage

_BASE: Final = ("referral.decision", "enrolment.engaged")
_STANDING: Final = (*_BASE, "enrolment.status", "enrolment.closure", "attendance.compliant")
_COURT: Final = (*_STANDING, "enrolment.dates", "attendance.summary", "progress.plan_change", "clinical.recommendation")
ELEMENTS: Final[Mapping[Role, tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        Role.POLICE_DIVERSION: (_BASE, ()),
        Role.PRETRIAL_OFFICER: (
            (*_STANDING, "referral.appointment", "clinical.need_indicated"),
            ("attendance.summary", "testing.participation", "testing.result_summary", "progress.engagement"),
        ),
        Role.PROSECUTOR_DEFERRING: (_STANDING, ("attendance.summary", "clinical.need_indicated")),
        Role.JUDGE: (_COURT, ("testing.result_summary", "progress.engagement", "clinical.screening_band")),
        Role.COURT_TEAM: (_COURT, ("testing.result_summary", "progress.goals", "attendance.sessions")),
        Role.PROBATION_OFFICER: (
            (*_COURT, "enrolment.provider"),
            ("attendance.sessions", "testing.result_summary", "testing.result_panel", "enrolment.closure_reason"),
        ),
        Role.PAROLE_OFFICER: (
            (*_STANDING, "referral.appointment"),
            ("enrolment.dates", "attendance.summary", "testing.participation"),
        ),
    }
)
"""Role -> what its usual consent names, and what some people name beside that. All within the role's ceiling."""


def consents(resident: Resident, leg: Leg | None, clinic: str, staff: str, today: date) -> Iterator[Call]:
    """The calls by which the clinic takes what this person decided; none if nobody asked."""
    if resident.consent == "never_asked":
        return
    rng = Random(f"{resident.seed}/consent {resident.number} {clinic}")  # noqa: S311  # a county is the same every time
    form = _form(resident, leg, clinic, today, rng)
    yield post(staff, "/v1/consents", form, consent="id")
    if resident.consent == "refused":
        yield Call(staff, "POST", "/v1/consents/$consent/decline")
        return
    signed = signing(resident, rng)
    if resident.consent == "unsigned":
        yield post(staff, "/v1/consents/$consent/signatures", {"copy_given_at": "$now"})
        return
    yield post(staff, "/v1/consents/$consent/signatures", signed)
    if resident.consent == "superseded":
        kept = [recipient | {"elements": list(_BASE)} for recipient in form["recipients"]]
        narrower = form | {"recipients": kept, "elements": list(_BASE), "supersedes": ["$consent"]}
        yield post(staff, "/v1/consents", narrower, consent="id")
        yield post(staff, "/v1/consents/$consent/signatures", signed)
    elif resident.consent in ("revoked", "narrowed"):
        taken: dict[str, Any] = {"consents": ["$consent"]}
        if resident.consent == "narrowed":
            taken["elements"] = [rng.choice(form["recipients"][0]["elements"])]
        # A consent under 2.35 is taken back only from its date on: then the answer is 202, and nothing changes yet.
        status = 202 if form["kind"] == "cjs_2_35" else 200
        yield post(staff, "/v1/patients/$patient/revocations", taken, status)


def conditioned(resident: Resident) -> bool:
    """Whether the sender makes treatment a condition, so that the consent is one under 42 CFR 2.35."""
    imposes = resident.sender.imposes and resident.stage in (Stage.PRETRIAL, Stage.TRIAL, Stage.POST_SENTENCE)
    return imposes and resident.number % 5 != 0


def due(resident: Resident, today: date) -> str:
    """The day by which the case is to be decided."""
    return (today + timedelta(days=resident.days[1])).isoformat()


def _form(resident: Resident, leg: Leg | None, clinic: str, today: date, rng: Random) -> dict[str, Any]:
    bound, sender = conditioned(resident), resident.sender
    recipients = [_recipient(sender.unit, sender.role, rng)]
    if bound and resident.stage is Stage.TRIAL:
        recipients.append(_recipient("u-probation-adult", Role.PROBATION_OFFICER, rng))
    oldest = leg.weeks[0].back if leg is not None else 0
    form: dict[str, Any] = {
        "patient_id": "$patient",
        "kind": "cjs_2_35" if bound else "named_disclosure",
        "referral_id": "$referral",
        "subject": {"name_on_form": f"{resident.given_name} {resident.sur_name}"},
        "disclosers": [clinic],
        "recipients": recipients,
        "purposes": [sender.purpose.value],
        "elements": sorted({name for recipient in recipients for name in recipient["elements"]}),
        "expiry": _expiry(resident, today),
        "records_from": monday_of(oldest, today).isoformat(),
        "language": resident.language,
    }
    if bound:
        form["revocable_from"] = {"event": "final_disposition", "at": due(resident, today)}
        form["duration_rationale"] = "Until the case is decided."
    else:
        form["statements"] = {"revocation": True}
    return form


def _recipient(unit: str, role: Role, rng: Random) -> dict[str, Any]:
    usual, named = ELEMENTS[role]
    kept = [name for name in usual if name in _BASE or rng.random() < 0.8]
    return {"org_unit": unit, "role": role.value, "elements": kept + [name for name in named if rng.random() < 0.3]}


def _expiry(resident: Resident, today: date) -> dict[str, str]:
    if resident.consent == "expiring":
        return {"at": (today + timedelta(days=2 + resident.number % 12)).isoformat()}
    return {"event": resident.sender.event.value, "at": due(resident, today)}


def signing(resident: Resident, rng: Random) -> dict[str, Any]:
    """Everything that must come before a consent is active, signed now."""
    name = f"{resident.given_name} {resident.sur_name}"
    method = rng.choice(("wet", "wet", "e-sign", "mark"))
    proof = {"method": method, "signed_at": "$now", "evidence_hash": f"sha256:{rng.getrandbits(256):064x}"}
    signatures = [{"role": "patient", "name": name} | proof]
    if method == "mark":
        signatures.append({"role": "witness", "name": "Tarn Ozmarsh"} | proof | {"method": "wet"})
    parts: dict[str, Any] = {
        "signatures": signatures,
        "capacity": {"status": "presumed", "assessed_by": "Vesper Omquarry", "at": "$now"},
        "notice_given": {"version": "2026-02", "at": "$now", "language": resident.language},
        "copy_given_at": "$now",
        "read_aloud": method == "mark" or resident.language == "vi",
        "pressure_declaration": {"treatment_not_dependent": True, "legal_advice_offered": True},
    }
    if resident.language == "vi":
        parts |= {"interpreter": "Wren Ulholt", "interpreter_language": "vi"}
    return parts
