"""Suspensions of what a patient is told of past disclosures, at the request of law enforcement or oversight."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import accounting_suspensions as suspensions
from app.exchange.idempotent import once
from app.routers.answering import answer_items, answer_once
from app.routers.asking import hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_rights import ACCOUNTING_SUSPENSION
from app.routers.keepers import OFFICER, PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests_rights import AccountingSuspension
from app.vocabulary import Scope

router = APIRouter(tags=["rights"])
BODY = TypeAdapter(AccountingSuspension)


@router.post(
    "/v1/patients/{patient_id}/accounting-suspensions",
    **operation(
        "suspend_accounting",
        "Hide disclosures to one unit from the patient until a day",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.SuspendedAccounting,
        status=201,
        body=AccountingSuspension,
        example=ACCOUNTING_SUSPENSION,
        parameters=(PATIENT_ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def suspend_accounting(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, BODY)
    asked = suspensions.Asked(body.recipient_unit, body.statement, body.until, body.official, body.impedes)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: suspensions.suspend(hub, caller, patient_id, asked, tx),
            lambda tx, kept: suspensions.again(hub, caller, tx, kept),
        )
    )


@router.get(
    "/v1/patients/{patient_id}/accounting-suspensions",
    **operation(
        "list_accounting_suspensions",
        "The suspensions about a patient, for the privacy officer alone",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.SuspendedAccountings,
        parameters=(PATIENT_ID,),
        problems=(404,),
    ),
)
async def list_accounting_suspensions(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ, OFFICER)
    query(request)
    return answer_items(await suspensions.listed(hub_of(request), caller, patient_id))
