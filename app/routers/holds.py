"""Legal holds on a patient's records."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import holds
from app.exchange.idempotent import once
from app.routers.answering import answer, answer_items, answer_once
from app.routers.asking import hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_rights import LEGAL_HOLD
from app.routers.keepers import PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_rights import LegalHold
from app.vocabulary import Scope

router = APIRouter(tags=["rights"])
BODY = TypeAdapter(LegalHold)
ID = Parameter("hold_id", "The hold.", "0" * 32, place="path")


@router.post(
    "/v1/patients/{patient_id}/holds",
    **operation(
        "place_hold",
        "Hold a patient's records from erasure for a case",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Hold,
        status=201,
        body=LegalHold,
        example=LEGAL_HOLD,
        parameters=(PATIENT_ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def place_hold(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, BODY)
    asked = holds.Asked(body.case_ref, body.review_at)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: holds.place(hub, caller, patient_id, asked, tx),
            lambda tx, kept: holds.again(hub, caller, tx, kept),
        )
    )


@router.get(
    "/v1/patients/{patient_id}/holds",
    **operation(
        "list_holds",
        "The legal holds on a patient's records",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Holds,
        parameters=(PATIENT_ID,),
        problems=(404,),
    ),
)
async def list_holds(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    query(request)
    return answer_items(await holds.listed(hub_of(request), caller, patient_id))


@router.post(
    "/v1/patients/{patient_id}/holds/{hold_id}/lifting",
    **operation(
        "lift_hold",
        "End a legal hold; again, the same answer",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Hold,
        parameters=(PATIENT_ID, ID),
        problems=(404,),
    ),
)
async def lift_hold(request: Request, patient_id: str, hold_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_WRITE)
    query(request)
    return answer(await holds.lift(hub_of(request), caller, patient_id, hold_id))
