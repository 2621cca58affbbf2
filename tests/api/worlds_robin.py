"""Another patient and her side: what the desk of her clinic and the privacy office can tell her about herself.

She was referred by another court, accepted and read about before any sequence begins. Nothing of Maria's may change a
byte of her record.
"""

import random
from datetime import date
from typing import Final

from tests.api import worlds_clinic as clinic
from tests.api.worlds_observers import ROBIN, Observer
from tests.api.worlds_scene import FAMILY, HARBOR, Scene

QUINN: Final = {"given_name": "Quinn", "sur_name": "Sample", "birth_date": "1988-11-02"}
_PURPOSE: Final = "condition_monitoring"


async def quinn(scene: Scene) -> None:
    """The family court refers Quinn, whom the clinic does not answer about, as far as anybody is told."""
    scene.kept["family case"] = await clinic.register(scene, FAMILY, "u-court-family", "docket", "FM-2026-0007")
    scene.kept["quiet referral"] = await clinic.refer(scene, FAMILY, scene.kept["family case"], QUINN)


async def robin(scene: Scene) -> None:
    """The family court refers Robin; she is accepted, reported on and read about."""
    case_id = scene.kept["family case"]
    scene.kept["robin referral"] = await clinic.refer(scene, FAMILY, case_id, ROBIN)
    await scene.does(HARBOR, "GET", "/v1/referrals?limit=200")
    whom = scene.kept["robin"] = await clinic.add_patient(scene, ROBIN, "robin")
    await clinic.match(scene, scene.kept["robin referral"], whom)
    await clinic.answer(scene, scene.kept["robin referral"], "accepted", "accept-robin")
    shared = {"purposes": [_PURPOSE], "elements": ["enrolment.status", "attendance.summary"]}
    recipients = [{"org_unit": "u-court-family", "role": "judge", **shared}]
    whose = {"patient_id": whom, "subject": {"name_on_form": "Robin Example"}, "expiry": {"at": clinic.BACKSTOP}}
    body = clinic.form(scene, scene.kept["robin referral"], recipients, **whose)
    scene.kept["robin consent"] = await clinic.propose(scene, body, "propose-robin")
    await clinic.sign(scene, scene.kept["robin consent"], "sign-robin", name="Robin Example")
    week = clinic.week_of(date.fromisoformat(scene.kept["records_from"]), ("attended", "missed"), patient_id=whom)
    await scene.does(HARBOR, "POST", "/v1/treatment-statuses", week, "robin-week")
    await scene.does(FAMILY, "GET", f"/v1/treatment-statuses?case={case_id}&purpose={_PURPOSE}")


class Keeper(Observer):
    """Who holds Robin's record, asking about her alone."""

    async def glance(self, chance: random.Random) -> None:
        """Her accounting whole, by page and filtered, her consents, her record."""
        robin = f"/v1/patients/{self.scene.kept['robin']}"
        await self.get("accounting", f"{robin}/disclosures?on_behalf_of=patient")
        await self.page("pages of accounting", f"{robin}/disclosures?limit=1")
        for query in ("recipient=u-court-treatment", f"purpose={_PURPOSE}&lang=es", "format=csv"):
            await self.get(f"accounting {query}", f"{robin}/disclosures?{query}")
        await self.get("consents", f"{robin}/consents")
        await self.get("consent", f"/v1/consents/{self.scene.kept['robin consent']}")
        await self.get("herself", robin)
        await self.send("search", "/v1/patients/search", ROBIN)
