"""What a court reads of an enrolment depends on its own case's reports, whatever was filed for another case."""

from typing import Any

import pytest

from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.start import CLINIC, COURT, PERSON
from app.sandbox.steps import must, reading
from app.sandbox.weeks import past_mondays
from tests.service import DATABASES, World, run, world

MONDAYS = past_mondays(6)
ELEMENTS = ["enrolment.status", "enrolment.closure", "enrolment.dates", "progress.plan_change"]


class Scene:
    """One patient of the clinic, a court case with a consent, and another case of another unit."""

    def __init__(self, w: World) -> None:
        self.judge, self.clinic = w.party("c-court-treatment-judge"), w.party("c-clinic-harbor-clinic-staff")
        self.police = w.party("c-police-diversion-police-diversion")
        self.case = self.patient = ""

    async def begin(self) -> None:
        """The court refers, the clinic accepts, the judge may see the enrolment from six weeks ago on."""
        self.case = await steps.register_case(self.judge, COURT, "docket", "X-1")
        referral = (await steps.refer(self.judge, CLINIC, self.case, PERSON))["id"]
        self.patient = await steps.add_patient(self.clinic, PERSON)
        await steps.accept(self.clinic, referral, self.patient)
        await steps.sign(
            self.clinic,
            {
                "patient_id": self.patient,
                "kind": "named_disclosure",
                "referral_id": referral,
                "subject": {"name_on_form": "Sam Avery"},
                "disclosers": [CLINIC],
                "recipients": [{"org_unit": COURT, "role": "judge"}],
                "purposes": ["condition_monitoring"],
                "elements": ELEMENTS,
                "expiry": {"at": "2035-01-01"},
                "records_from": MONDAYS[0].isoformat(),
                "statements": {"revocation": True},
            },
        )

    async def own_case(self) -> str:
        """The clinic's id of the court's case."""
        inbox = (await must(await self.clinic.get("/v1/referrals")))["items"]
        case_id: str = next(one["case_id"] for one in inbox if one["case"]["value"] == "X-1")
        return case_id

    async def accept_elsewhere(self) -> str:
        """The clinic accepts the same person for the police, in another case."""
        other = await steps.register_case(self.police, "u-police-diversion", "diversion", "Y-1")
        referral: str = (await steps.refer(self.police, CLINIC, other, PERSON))["id"]
        await steps.accept(self.clinic, referral, self.patient)
        return referral

    async def report(self, week: int, status: str, **more: Any) -> str:
        """A status of one week."""
        return await steps.report(self.clinic, self.patient, MONDAYS[week], ("attended",) * 2, status=status, **more)

    async def read(self, party: Party | None = None) -> tuple[dict[str, Any], bytes, str]:
        """The values the judge reads, the bytes and the ETag."""
        answer = await self.judge.get(reading("treatment-statuses", self.case, "condition_monitoring"))
        items = (await must(answer))["items"]
        values = {name: value["value"] for item in items for name, value in item["elements"].items()}
        return values, answer.content, answer.headers["etag"]


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_an_acceptance_in_another_case_changes_no_byte(kind: str) -> None:
    async with world(kind) as w:
        scene = Scene(w)
        await scene.begin()
        await scene.report(0, "ended", closure="left_early")
        await scene.report(1, "active", cases=[await scene.own_case()])
        before = await scene.read()
        assert (before[0]["enrolment.status"], "enrolment.closure" in before[0]) == ("active", False)
        await scene.accept_elsewhere()
        assert await scene.read() == before


@run
async def test_an_end_reported_for_this_case_is_an_end_here() -> None:
    async with world("sqlite") as w:
        scene = Scene(w)
        await scene.begin()
        await scene.report(1, "ended", closure="completed", cases=[await scene.own_case()])
        values = (await scene.read())[0]
        assert values["enrolment.status"] == "ended"
        assert (values["enrolment.engaged"], values["enrolment.closure"]) == (False, "completed")


@run
async def test_a_late_report_for_every_case_does_not_outdo_a_newer_one_for_this_case() -> None:
    async with world("sqlite") as w:
        scene = Scene(w)
        await scene.begin()
        await scene.report(3, "active", plan_change="step_down", cases=[await scene.own_case()])
        await scene.report(1, "paused", plan_change="step_up")
        values = (await scene.read())[0]
        assert (values["enrolment.status"], values["progress.plan_change"]) == ("active", "step_down")


@run
async def test_a_correction_that_leaves_this_case_brings_its_own_report_back() -> None:
    async with world("sqlite") as w:
        scene = Scene(w)
        await scene.begin()
        own = await scene.own_case()
        await scene.report(1, "active", cases=[own])
        general = await scene.report(3, "paused")
        assert (await scene.read())[0]["enrolment.status"] == "paused"
        await scene.accept_elsewhere()
        inbox = (await must(await scene.clinic.get("/v1/referrals")))["items"]
        other = next(one["case_id"] for one in inbox if one["case"]["value"] == "Y-1")
        await scene.report(3, "paused", cases=[other], supersedes=general)
        assert (await scene.read())[0]["enrolment.status"] == "active"


@run
async def test_a_refusal_after_an_acceptance_takes_the_plan_back() -> None:
    async with world("sqlite") as w:
        scene = Scene(w)
        await scene.begin()
        assert (await scene.read())[0]["enrolment.status"] == "planned"
        inbox = (await must(await scene.clinic.get("/v1/referrals")))["items"]
        await must(await scene.clinic.post(f"/v1/referrals/{inbox[0]['id']}/response", {"decision": "declined"}), 201)
        assert (await scene.read())[0] == {}
