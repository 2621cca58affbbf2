"""Restrictions that a patient asks for, and what becomes of them."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import restrictions
from app.exchange.idempotent import once
from app.exchange.times import instant_of
from app.routers.answering import answer, answer_items, answer_once
from app.routers.asking import hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_rights import RESTRICTION, RESTRICTION_DECISION, RESTRICTION_ENDING
from app.routers.keepers import PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_rights import RestrictionDecision, RestrictionEnding, RestrictionRequest
from app.vocabulary import Scope

router = APIRouter(tags=["rights"])
REQUEST_BODY = TypeAdapter(RestrictionRequest)
DECISION_BODY = TypeAdapter(RestrictionDecision)
ENDING_BODY = TypeAdapter(RestrictionEnding)
ID = Parameter("restriction_id", "The restriction.", "0" * 32, place="path")


@router.post(
    "/v1/patients/{patient_id}/restrictions",
    **operation(
        "request_restriction",
        "Write down what a patient asks to have restricted",
        led="collection",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Restriction,
        status=201,
        body=RestrictionRequest,
        example=RESTRICTION,
        parameters=(PATIENT_ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def request_restriction(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, REQUEST_BODY)
    asked = restrictions.Asked(body.elements, body.recipient_unit, body.note, body.paid_in_full)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: restrictions.request(hub, caller, patient_id, asked, tx),
            lambda tx, kept: restrictions.again(hub, caller, tx, kept),
        )
    )


@router.get(
    "/v1/patients/{patient_id}/restrictions",
    **operation(
        "list_restrictions",
        "What a patient asked to have restricted",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Restrictions,
        parameters=(PATIENT_ID,),
        problems=(404,),
    ),
)
async def list_restrictions(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    query(request)
    return answer_items(await restrictions.listed(hub_of(request), caller, patient_id))


@router.post(
    "/v1/patients/{patient_id}/restrictions/{restriction_id}/decision",
    **operation(
        "decide_restriction",
        "Agree to a restriction, which binds at once, or decline it",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Restriction,
        body=RestrictionDecision,
        example=RESTRICTION_DECISION,
        parameters=(PATIENT_ID, ID),
        problems=(404, 409),
    ),
)
async def decide_restriction(request: Request, patient_id: str, restriction_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_WRITE)
    query(request)
    body = await read_body(request, DECISION_BODY)
    hub = hub_of(request)
    return answer(await restrictions.decide(hub, caller, patient_id, restriction_id, agreed=body.agreed))


@router.post(
    "/v1/patients/{patient_id}/restrictions/{restriction_id}/ending",
    **operation(
        "end_restriction",
        "End a restriction, with the patient or by notice",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Restriction,
        body=RestrictionEnding,
        example=RESTRICTION_ENDING,
        parameters=(PATIENT_ID, ID),
        problems=(404, 409),
    ),
)
async def end_restriction(request: Request, patient_id: str, restriction_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_WRITE)
    query(request)
    body = await read_body(request, ENDING_BODY)
    told_at = instant_of(body.told_at) if body.told_at is not None else None
    return answer(await restrictions.end(hub_of(request), caller, patient_id, restriction_id, body.how, told_at))
