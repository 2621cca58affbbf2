"""Retractions of reports that were entered in error."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import retractions
from app.exchange.unit import narrow
from app.routers.answering import answer
from app.routers.asking import admit_clinic, hub_of
from app.routers.body import read_body
from app.routers.examples_corrections import RETRACTION
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_corrections import Retraction
from app.vocabulary import MessageKind, Scope

router = APIRouter(tags=["reports"])
BODY = TypeAdapter(Retraction)
ASSESSMENT_ID = Parameter("assessment_id", "The assessment as it was filed.", "0" * 32, place="path")
STATUS_ID = Parameter("status_id", "The treatment status as it was filed.", "0" * 32, place="path")


@router.post(
    "/v1/assessments/{assessment_id}/retraction",
    **operation(
        "retract_assessment",
        "Take an assessment back whole; again, the same answer",
        led="alteration",
        scope=Scope.REPORTS_WRITE,
        answer=a.Retracted,
        body=Retraction,
        example=RETRACTION,
        parameters=(ASSESSMENT_ID,),
        problems=(404, 409),
    ),
)
async def retract_assessment(request: Request, assessment_id: str) -> Response:
    return await _retract(request, MessageKind.ASSESSMENT, assessment_id)


@router.post(
    "/v1/treatment-statuses/{status_id}/retraction",
    **operation(
        "retract_treatment_status",
        "Take a treatment status back whole; again, the same answer",
        led="alteration",
        scope=Scope.REPORTS_WRITE,
        answer=a.Retracted,
        body=Retraction,
        example=RETRACTION,
        parameters=(STATUS_ID,),
        problems=(404, 409),
    ),
)
async def retract_treatment_status(request: Request, status_id: str) -> Response:
    return await _retract(request, MessageKind.TREATMENT_STATUS, status_id)


async def _retract(request: Request, kind: MessageKind, message: str) -> Response:
    caller, hub = await admit_clinic(request, Scope.REPORTS_WRITE), hub_of(request)
    reason = (await read_body(request, BODY)).reason
    return answer(await narrow(hub, lambda tx: retractions.retract(hub, caller, kind, message, reason, tx)))
