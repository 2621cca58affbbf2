"""A court order is vacated while it is read under: at once, whatever becomes of what left before."""

from functools import partial
from typing import Any, Final

from app.sandbox.steps import must
from tests.resilience.race import Narrowed
from tests.resilience.race_lane import MONDAY, Lane, Person

PROCEEDING: Final = "proceeding"


async def vacate(lane: Lane, races: int) -> None:
    """One order after another about one person: entered, approved by another member of staff, vacated."""
    person = await lane.person()
    for _ in range(races):
        order = await _approved(lane, person)
        act = partial(_post, lane, f"/v1/court-orders/{order}/vacating", {"ground": "vacated"})
        looks = person.looks(3, PROCEEDING)
        await lane.race_one("vacate an order", Narrowed(frozenset({order})), person, looks, act)


async def _approved(lane: Lane, person: Person) -> str:
    body = {
        "patient_id": person.id,
        "referral_id": person.referral,
        "court_unit": lane.court,
        "type": "2.64",
        "order_ref": "2026-CV-0118",
        "mandate_ref": "subpoena",
        "elements": ["enrolment.status", "attendance.summary"],
        "persons": [{"role": "judge"}],
        "findings_recorded": True,
        "notice_given": True,
        "valid_from": "2026-01-01",
        "valid_to": "2035-06-30",
        "records_from": MONDAY.isoformat(),
    }
    order = str((await _post(lane, "/v1/court-orders", body))["id"])
    await _post(lane, f"/v1/court-orders/{order}/decision", {"approve": True}, "rn-2")
    return order


async def _post(lane: Lane, path: str, body: Any, staff: str = "rn-1") -> dict[str, Any]:
    return await must(await lane.arena.clinic.post(path, body, Acting_User=f'"{staff}"'), 201)
