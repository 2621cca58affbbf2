"""Who plays: the sandbox's units and clients by short names, and the words that a scenario leaves out."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

from app.sandbox.seeds import AGENCIES, client_id
from app.sandbox.weeks import past_mondays, week
from app.vocabulary import AgencyKind, Role
from tests.scenarios.zones import birthday, put_forward, year_to_come

KIND_OF_UNIT: Final = MappingProxyType({unit.id: agency.kind for agency in AGENCIES for unit in agency.units})
_ACTORS: Final = {
    client_id(unit, role).removeprefix("c-"): (unit.id, role)
    for agency in AGENCIES
    for unit in agency.units
    for role in unit.roles
}
SHORT: Final = MappingProxyType(
    {
        "judge": "court-treatment-judge",
        "court_team": "court-treatment-court-team",
        "family_judge": "court-family-judge",
        "probation": "probation-adult-probation-officer",
        "parole": "probation-adult-parole-officer",
        "juvenile": "probation-juvenile-probation-officer",
        "pretrial": "pretrial-pretrial-officer",
        "deferring": "prosecutor-prosecutor-deferring",
        "prosecutor": "prosecutor-prosecutor",
        "diversion": "police-diversion-police-diversion",
        "police": "police-patrol-police-officer",
        "guard": "custody-custody-officer",
        "nurse": "prison-health-prison-clinician",
        "counsel": "defence-defence-counsel",
        "clinic": "clinic-harbor-clinic-staff",
        "clinician": "clinic-harbor-clinician",
        "hillside": "clinic-hillside-clinic-staff",
        "privacy": "privacy-privacy-officer",
        "auditor": "auditor-auditor",
    }
)
"""Short name -> client id of the sandbox, without its "c-"."""

Ids = Callable[[str], Any]
"""A scenario's name of a person, a unit, a referral or a consent -> what the driver knows it by."""

END: Final = "+150d"
"""When the usual consent ends at the latest, and the case is due: within what every profile takes for reasonable."""
BIRTH: Final = "1991-04-12"
REFERRAL: Final = MappingProxyType(
    {
        "stage": "trial",
        "conditions": {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2},
        "condition_imposed": True,
        "supervising_units": ["u-probation-adult", "u-pretrial", "u-prosecutor"],
    }
)


def referral(base: datetime) -> dict[str, Any]:
    """What the usual referral says of its case."""
    return dict(REFERRAL) | {"final_disposition_due": instant(END, base).date().isoformat()}


def actor(name: str) -> tuple[str, Role]:
    """Unit and role of a client by its short name or sandbox id."""
    return _ACTORS[SHORT.get(name, name)]


def client(name: str) -> str:
    """The sandbox client's id."""
    return f"c-{SHORT.get(name, name)}"


def kind_of(unit: str) -> AgencyKind | None:
    """The kind of a sandbox unit's agency; None for a unit that is not registered."""
    return KIND_OF_UNIT.get(unit)


def recipient(written: str | Mapping[str, Any], ids: Ids) -> dict[str, Any]:
    """A recipient of a form: a client's short name, or a mapping with ``as`` or with the form's own members.

    A unit of the scenario's own is written ``unit of`` and its name.
    """
    if isinstance(written, str):
        written = {"as": written}
    more = {name: value for name, value in written.items() if name != "as"}
    if "as" not in written:
        own = more["org_unit"]
        return more | ({"org_unit": ids(own)} if own.startswith("unit of ") else {})
    unit, role = actor(written["as"])
    return {"org_unit": unit, "role": role.value} | more


def signing(now: datetime, name: str, language: str = "en") -> dict[str, Any]:
    """Everything that the law asks for, signed now."""
    at = now.replace(microsecond=0).isoformat()
    signature = {"role": "patient", "name": name, "method": "wet", "signed_at": at}
    return {
        "signatures": [signature | {"evidence_hash": "sha256:" + "0" * 64}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": at},
        "notice_given": {"version": "2026-02", "at": at, "language": language},
        "copy_given_at": at,
        "pressure_declaration": {"treatment_not_dependent": True, "legal_advice_offered": True},
    }


def status(patient: str, monday: date, **changes: Any) -> dict[str, Any]:
    """A week in which everything that can be stated of an enrolment that goes on was stated.

    ``tested`` is what its test says, of ``analyte``: both are short for the whole of ``testing``.
    """
    tested, analyte = changes.pop("tested", "non_negative_unconfirmed"), changes.pop("analyte", "cocaine")
    days = [(monday + timedelta(days=n)).isoformat() for n in range(7)]
    panel = [{"analyte": analyte, "method": "screen", "result": tested}]
    test = {"collected_on": days[2], "participation": "given", "result": tested, "panel": panel}
    said: dict[str, Any] = {
        "patient_id": patient,
        "period": week(monday),
        "status": "active",
        "dates": {"start": past_mondays(8)[0].isoformat()},
        "level_of_care": {"system": "asam-4", "code": "2.1"},
        "sessions": [
            {"date": days[1], "outcome": "attended"},
            {"date": days[3], "outcome": "attended"},
            {"date": days[4], "outcome": "missed", "absence_reason": "illness"},
        ],
        "engagement": "good",
        "goals": {"met": 1, "of": 4},
        "plan_change": "step_up",
        "testing": [test],
        "narrative": "She spoke of her sister and of who sold to her.",
    } | changes
    return {member: value for member, value in said.items() if value is not None}


def assessment(patient: str, **changes: Any) -> dict[str, Any]:
    """A completed assessment that found something of every kind."""
    said: dict[str, Any] = {
        "patient_id": patient,
        "assessed_on": past_mondays(2)[0].isoformat(),
        "purpose": "treatment",
        "need_indicated": "yes",
        "recommendation": {"service": "outpatient"},
        "screening": [{"instrument": "audit", "score": 17}],
        "diagnosis": [{"system": "icd-11", "code": "6C45.2"}],
        "medication": [{"system": "atc", "code": "N07BC02"}],
        "safety_alert": ["overdose"],
        "counselling_notes": "Notes of the counsellor.",
        "infectious_disease": "Something catching.",
        "other_health": "Something else.",
        "third_party": "About her sister.",
        "self_incrimination": "What she said of the past.",
    } | changes
    return {member: value for member, value in said.items() if value is not None}


STATED: Final = frozenset(
    {
        *("referral.decision", "referral.appointment", "enrolment.engaged", "enrolment.status", "enrolment.dates"),
        *("enrolment.provider", "enrolment.level_of_care", "attendance.compliant", "attendance.summary"),
        *("attendance.sessions", "attendance.absence_reason", "progress.engagement", "progress.goals"),
        *("progress.plan_change", "progress.narrative", "testing.participation", "testing.result_summary"),
        *("testing.result_panel", "clinical.need_indicated", "clinical.recommendation", "clinical.screening_band"),
        *("clinical.screening_detail", "clinical.diagnosis", "clinical.medication", "clinical.safety_alert"),
        *("restricted.counselling_notes", "restricted.infectious_disease", "restricted.other_health"),
        *("restricted.third_party", "restricted.self_incrimination"),
    }
)
"""What the usual reports of a scenario state: what is granted beyond it has no value to leave with."""


_RELATIVE: Final = re.compile(r"[+-]\d+[dhms]")
_UNITS: Final = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def instant(text: str, base: datetime) -> datetime:
    """``now``, ``+10d``, ``-3h``, ``+5m``, ``-2s`` from ``base``; ``leap ZONE`` and the same from when clocks there
    are put on; ``birthday ZONE`` likewise; an RFC 3339 date-time, with ``YYYY`` for the year to come."""
    if text == "now":
        return base
    if text.startswith(("leap ", "birthday ")):
        what, zone, *more = text.split()
        at = put_forward(zone, base)[0] if what == "leap" else birthday(zone, base)
        return instant(more[0], at) if more else at
    if _RELATIVE.fullmatch(text):
        return base + timedelta(**{_UNITS[text[-1]]: int(text[:-1])})
    return datetime.fromisoformat(text.replace("YYYY", str(year_to_come(base)))).astimezone(UTC)


def written(text: str, base: datetime) -> str:
    """A time of a form: relative ones as a date-time, ``leap ZONE`` as the day that ends then, dates as they are."""
    if text.startswith("leap "):
        return put_forward(text.split()[1], base)[1].isoformat()
    if text == "now" or _RELATIVE.fullmatch(text):
        return instant(text, base).replace(microsecond=0).isoformat()
    return text.replace("YYYY", str(year_to_come(base)))
