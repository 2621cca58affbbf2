"""What the sandbox says beside an empty answer. Production says nothing: there every empty answer is one and the same.

A hint is worked out of the caller's own registrations alone, never of what anybody else did: so even here nobody learns
from it whether a person is a patient.
"""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from app.exchange.authenticate import Caller
from app.exchange.cases import unregistered
from app.exchange.hub import Hub
from app.exchange.release import Released

HEADER: Final = "Sandbox-Hint"
UNREGISTERED: Final = (
    "The case_id is none that your unit registered; POST /v1/cases gives yours. See /docs/errors, the first hour."
)


async def hinted(hub: Hub, caller: Caller, asked: Mapping[str, Released], response: Response) -> Response:
    """The same response; in the sandbox with a header if it is empty for a case that the unit never registered."""
    empty = [case_id for case_id, released in asked.items() if not released.items] if hub.sandbox else []
    if empty and (await unregistered(hub, caller, empty)).value:
        response.headers[HEADER] = UNREGISTERED
    return response
