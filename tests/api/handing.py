"""What clinics do with transfers: allow, send, list, read, take back."""

from typing import Any, Final

import httpx

from app.routers.examples_transfer import TRANSFER, TREATMENT_CONSENT
from app.sandbox import steps
from app.sandbox.party import Party
from app.sandbox.steps import must
from tests.api.contract import check

STAFF, CLINICIAN = "c-clinic-harbor-clinic-staff", "c-clinic-harbor-clinician"
HILLSIDE, NURSE, GUARD = (
    "c-clinic-hillside-clinic-staff",
    "c-prison-health-prison-clinician",
    "c-custody-custody-officer",
)
LIST: Final = "/v1/transfers"
ONE: Final = "/v1/transfers/{transfer_id}"
CONTENT: Final = ("medication", "withdrawal", "overdose", "naloxone", "next_appointment", "reason", "level_of_care")
NURSES: Final = [{"org_unit": "u-prison-health", "role": "prison_clinician"}]


def filled(body: dict[str, Any], patient: str, **changes: Any) -> dict[str, Any]:
    """A worked example about this patient; a change to None takes a member off."""
    form = body | {"patient_id": patient} | changes
    return {name: value for name, value in form.items() if value is not None}


async def handed(sender: Party, patient: str, **changes: Any) -> str:
    """Send the example with its changes; its id."""
    return str((await must(await sent(sender, patient, **changes), 201))["id"])


async def sent(sender: Party, patient: str, **changes: Any) -> httpx.Response:
    """The answer to sending the example, without its identifier unless one is given."""
    answer = await sender.post(LIST, filled(TRANSFER, patient, **({"identifier": None} | changes)))
    check(answer, "POST", LIST)
    return answer


async def listed(reader: Party, **query: str) -> list[dict[str, Any]]:
    """One page of the caller's own list."""
    answer = await reader.get(LIST + "?" + "&".join(f"{name}={value}" for name, value in query.items()))
    check(answer, "GET", LIST)
    items: list[dict[str, Any]] = (await must(answer))["items"]
    return items


async def read(reader: Party, transfer: str) -> httpx.Response:
    """One transfer."""
    answer = await reader.get(f"{LIST}/{transfer}")
    check(answer, "GET", ONE)
    return answer


async def allow(clinic: Party, patient: str, **changes: Any) -> str:
    """A signed treatment consent; its id."""
    return await steps.sign(clinic, filled(TREATMENT_CONSENT, patient, **changes))


async def revoke(clinic: Party, patient: str, **taken: Any) -> None:
    """Take back at the desk."""
    body = {"on_behalf_of": "patient"} | (taken or {"all": True})
    await must(await clinic.post(f"/v1/patients/{patient}/revocations", body))
