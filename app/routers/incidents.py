"""Drafts of incidents, for the clinic and for the privacy office that it appointed."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.errors import Forbidden
from app.exchange import breaches, incidents, late_events
from app.exchange.idempotent import once
from app.routers.answering import answer_once, answer_page
from app.routers.asking import CARE, admit, hub_of, number, once_of, query
from app.routers.body import read_body
from app.routers.examples_rights import ASSESSMENT_OF_INCIDENT
from app.routers.keepers import admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_rights import BreachAssessment
from app.vocabulary import AgencyKind, Scope

router = APIRouter(tags=["incidents"])
AFTER = Parameter("after", "The `next` of the page before.", "00")
ID = Parameter("incident_id", "The draft.", "0" * 32, place="path")
BODY = TypeAdapter(BreachAssessment)
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


@router.post(
    "/v1/incidents/{incident_id}/assessment",
    **operation(
        "assess_incident",
        "Weigh the four factors of an incident: a breach to be notified, or not",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.AssessedIncident,
        status=201,
        body=BreachAssessment,
        example=ASSESSMENT_OF_INCIDENT,
        parameters=(ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def assess_incident(request: Request, incident_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, BODY)
    found = _factors(body)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: breaches.assess(hub, caller, incident_id, found, tx),
            lambda tx, kept: breaches.again(hub, caller, tx, kept),
        )
    )


def _factors(body: BreachAssessment) -> breaches.Factors:
    return breaches.Factors(
        body.nature_and_extent,
        body.unauthorised_person,
        body.acquired_or_viewed,
        body.mitigation,
        body.secured,
        body.outcome,
    )
