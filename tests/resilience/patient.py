"""One patient, one court, one clinic: a consent that can be signed and taken back, and a read that it allows."""

from dataclasses import dataclass
from typing import Any

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT, seed
from app.sandbox.weeks import past_mondays

NAMES = ("c-court-treatment-judge", "c-clinic-harbor-clinic-staff")


@dataclass
class Patient:
    """The seeded patient, as the judge and the clinic know the person."""

    judge: Party
    clinic: Party
    case_id: str
    id: str
    referral: str
    consent: str

    @property
    def path(self) -> str:
        """The judge's read."""
        return steps.reading("treatment-statuses", self.case_id, "condition_monitoring")

    @property
    def proposal(self) -> dict[str, Any]:
        """A consent to what the judge reads."""
        return {
            "patient_id": self.id,
            "kind": "named_disclosure",
            "referral_id": self.referral,
            "subject": {"name_on_form": "Sam Avery"},
            "disclosers": [CLINIC],
            "recipients": [{"org_unit": COURT, "role": "judge"}],
            "purposes": ["condition_monitoring"],
            "elements": ["enrolment.status", "attendance.summary"],
            "expiry": {"event": "final_disposition", "at": "2035-06-30"},
            "records_from": past_mondays(4)[0].isoformat(),
            "statements": {"revocation": True},
        }

    async def sign(self) -> None:
        """Consent again."""
        self.consent = await steps.sign(self.clinic, self.proposal)

    async def revoke(self) -> None:
        """Take everything back; returns once the clinic has the acknowledgement."""
        answer = await self.clinic.post(f"/v1/patients/{self.id}/revocations", {"all": True})
        body = await steps.must(answer)
        assert [one["consent_id"] for one in body["consents"]] == [self.consent]

    async def read(self) -> list[Any]:
        """What the judge sees now."""
        items: list[Any] = (await steps.must(await self.judge.get(self.path)))["items"]
        return items


async def begin(judge: Party, clinic: Party) -> Patient:
    """Seed the sandbox and look up who was seeded."""
    case_id = await seed(judge, clinic)
    (sent,) = (await steps.must(await judge.get("/v1/referrals")))["items"]
    matched = await steps.must(await clinic.get(f"/v1/referrals/{sent['id']}"))
    consents = await steps.must(await clinic.get(f"/v1/patients/{matched['patient_id']}/consents"))
    (consent,) = consents["items"]
    return Patient(judge, clinic, case_id, matched["patient_id"], sent["id"], consent["id"])
