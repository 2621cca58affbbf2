"""Orders of courts and emergencies over the API, each by those who have to act in it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import httpx

from app.sandbox.party import Party
from tests.scenarios.bases import emergency_of, order_form
from tests.scenarios.cast import Ids

FIRST: Final = {"Acting_User": '"reyes"; name="N. Reyes"'}
SECOND: Final = {"Acting_User": '"okafor"; name="C. Okafor"'}


async def entered(clinic: Party, spec: Mapping[str, Any], profile: str, ids: Ids, base: datetime) -> httpx.Response:
    """An order entered by one member of the clinic's staff and, with ``decided``, decided by another.

    The answer is that of the last call that was made.
    """
    plain = {name: value for name, value in spec.items() if name not in ("label", "decided")}
    answer = await clinic.post("/v1/court-orders", order_form(plain, profile, ids, base), **FIRST)
    if "decided" not in spec or not answer.is_success:
        return answer
    path = f"/v1/court-orders/{answer.json()['id']}/decision"
    return await clinic.post(path, {"approve": spec["decided"]}, **SECOND)


async def broken_glass(party: Party, spec: Mapping[str, Any], ids: Ids) -> httpx.Response:
    """What whoever treats asks for in an emergency."""
    return await party.post("/v1/emergency-disclosures", emergency_of(spec, ids), **FIRST)
