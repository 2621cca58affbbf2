"""A court order about the usual patient, entered by one member of the clinic's staff and decided by another."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from app.sandbox import steps
from app.sandbox.steps import must
from app.sandbox.weeks import past_mondays
from tests.api.scene import COURT, Scene

FIRST: Final = {"Acting_User": '"reyes"; name="N. Reyes"'}
SECOND: Final = {"Acting_User": '"okafor"; name="C. Okafor"'}
PROCEEDING: Final = "proceeding"
OFFICER: Final = "c-privacy-privacy-officer"


def order(s: Scene, **changes: Any) -> dict[str, Any]:
    """A sound order for the results of tests; ``changes`` replace members, None takes one off."""
    body = {
        "patient_id": s.patient,
        "referral_id": s.referral,
        "court_unit": COURT,
        "type": "2.64",
        "order_ref": "2026-CV-0118",
        "elements": ["testing.result_summary"],
        "persons": [{"role": "judge"}],
        "findings_recorded": True,
        "notice_given": True,
        "mandate_ref": "subpoena of 20 November",
        "valid_from": (date.today() - timedelta(days=30)).isoformat(),
        "valid_to": "2035-06-30",
        "records_from": past_mondays(8)[0].isoformat(),
    } | changes
    return {name: value for name, value in body.items() if value is not None}


async def entered(s: Scene, **changes: Any) -> dict[str, Any]:
    """An order as it stands once it was entered."""
    return await must(await s.clinic.post("/v1/court-orders", order(s, **changes), **FIRST), 201)


async def approved(s: Scene, **changes: Any) -> str:
    """Enter an order and have a second person approve it; its id."""
    identifier: str = (await entered(s, **changes))["id"]
    path = f"/v1/court-orders/{identifier}/decision"
    shown = await must(await s.clinic.post(path, {"approve": True}, **SECOND), 201)
    assert shown["state"] == "approved"
    return identifier


async def week_with_tests(s: Scene) -> None:
    """A week of which attendance and the result of a test are on file, and an assessment."""
    monday = past_mondays(1)[0]
    taken = (monday + timedelta(days=1)).isoformat()
    test = {"collected_on": taken, "participation": "given", "result": "no_unprescribed_use_found"}
    await steps.report(s.clinic, s.patient, monday, ("attended", "missed"), testing=[test])
    await steps.assess(s.clinic, s.patient, monday, diagnosis=[{"system": "icd-10", "code": "F11.2"}])


def now() -> str:
    """This second, RFC 3339."""
    return datetime.now(UTC).replace(microsecond=0).isoformat()
