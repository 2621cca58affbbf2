"""Drafts of incidents, for the clinic and for the privacy office that it appointed."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.errors import Forbidden
from app.exchange import incidents, late_events
from app.routers.answering import answer_page
from app.routers.asking import CARE, admit, hub_of, number, query
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import AgencyKind, Scope

router = APIRouter(tags=["incidents"])
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Items a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})


@router.get(
    "/v1/incidents",
    **operation(
        "list_incidents",
        "Releases that turned out to lack their basis, for a person to judge",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Incidents,
        parameters=(AFTER, LIMIT),
    ),
)
async def list_incidents(request: Request) -> Response:
    caller, hub = await admit(request, Scope.ACCOUNTING_READ), hub_of(request)
    if caller.kind not in (*CARE, AgencyKind.PRIVACY_OFFICE):
        raise Forbidden("kind_not_allowed", "Only a clinic or a privacy office may do this.")
    asked = query(request, "after", "limit")
    after, limit = incidents.position(hub, caller, asked.get("after")), number(asked, "limit", 100, 200)
    await late_events.judge(hub)
    page = await incidents.listed(hub, caller, after, limit)
    return answer_page(page, page.value[1])
