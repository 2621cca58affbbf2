"""A court's referral that a clinic accepted, the usual setting of a test of consents and reports."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays
from tests.api.contract import check
from tests.service import World

COURT, PROBATION, CLINIC = "u-court-treatment", "u-probation-adult", "u-clinic-harbor"
MARIA: Final = {"given_name": "Maria", "sur_name": "Lopez", "birth_date": "1991-04-12"}
MONITOR: Final = "condition_monitoring"
END: Final = "2035-06-30"


@dataclass
class Scene:
    """Who acts, and the ids that each side knows."""

    w: World
    judge: Party
    clinic: Party
    case_id: str
    referral: str
    patient: str

    def form(self, **changes: Any) -> dict[str, Any]:
        """A sound named disclosure to the judge; ``changes`` replace members, None takes one off."""
        form = {
            "patient_id": self.patient,
            "kind": "named_disclosure",
            "referral_id": self.referral,
            "subject": {"name_on_form": "Maria Lopez"},
            "disclosers": [CLINIC],
            "recipients": [{"org_unit": COURT, "role": "judge"}],
            "purposes": [MONITOR],
            "elements": ["enrolment.status", "attendance.summary"],
            "expiry": {"at": END},
            "records_from": past_mondays(8)[0].isoformat(),
            "statements": {"revocation": True},
        } | changes
        return {name: value for name, value in form.items() if value is not None}

    def cjs(self, **changes: Any) -> dict[str, Any]:
        """A sound 2.35 consent to the judge and adult probation, revocable from final disposition."""
        clock = {"event": "final_disposition", "at": END}
        both = [{"org_unit": COURT, "role": "judge"}, {"org_unit": PROBATION, "role": "probation_officer"}]
        return self.form(
            kind="cjs_2_35",
            recipients=both,
            expiry=clock,
            revocable_from=clock,
            duration_rationale="Until the court disposes of the case.",
            statements=None,
        ) | {name: value for name, value in changes.items() if value is not None}

    async def seen(self, party: Party | None = None, kind: str = "treatment-statuses", **query: str) -> httpx.Response:
        """The answer of a gated read in the case, by the judge unless another is named; held against the contract."""
        path = reading(kind, query.pop("case", self.case_id), query.pop("purpose", MONITOR))
        path += "".join(f"&{name}={value}" for name, value in query.items())
        answer = await (party or self.judge).get(path)
        check(answer, "GET", f"/v1/{kind}")
        return answer

    async def values(self, party: Party | None = None, kind: str = "treatment-statuses", **query: str) -> list[Any]:
        """What is read: (first day of the window or "current", {element: value}), newest window first."""
        items = (await must(await self.seen(party, kind, **query)))["items"]
        return [
            (
                item.get("period", {}).get("start", "current"),
                {name: value["value"] for name, value in item["elements"].items()},
            )
            for item in items
        ]

    async def sign(self, **changes: Any) -> str:
        """Propose ``form`` with changes and have it signed; its id."""
        return await steps.sign(self.clinic, self.form(**changes))


async def scene(w: World, **referral: Any) -> Scene:
    """Refer, match, accept. ``referral`` replaces members of the referral."""
    judge, clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
    case_id = await steps.register_case(judge, COURT, "docket", "CR-2026-0417")
    patient = await steps.add_patient(clinic, MARIA)
    sent = await refer(judge, case_id, **referral)
    await steps.accept(clinic, sent, patient)
    return Scene(w, judge, clinic, case_id, sent, patient)


async def refer(judge: Party, case_id: str, **more: Any) -> str:
    """An imposed condition with adult probation as supervisor; the referral's id."""
    asked = {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2}
    imposed = {"condition_imposed": True, "supervising_units": [PROBATION], "final_disposition_due": END}
    members = {"stage": "trial", "conditions": asked} | imposed | more
    sent = await steps.refer(judge, CLINIC, case_id, MARIA, **members)
    identifier: str = sent["id"]
    return identifier


def signing(**changes: Any) -> dict[str, Any]:
    """Everything that the law asks for, signed now; a change to None leaves the member out."""
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    signature = {"role": "patient", "name": "Maria Lopez", "method": "wet", "signed_at": now}
    parts = {
        "signatures": [signature | {"evidence_hash": "sha256:" + "0" * 64}],
        "capacity": {"status": "presumed", "assessed_by": "N. Reyes, LCSW", "at": now},
        "notice_given": {"version": "2026-02", "at": now, "language": "en"},
        "copy_given_at": now,
    } | changes
    return {name: value for name, value in parts.items() if value is not None}
