"""The register of what patients ask for under their rights."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import subject_answers, subject_requests
from app.exchange.idempotent import once
from app.routers.answering import answer, answer_once, answer_page
from app.routers.asking import hub_of, number, once_of, query
from app.routers.body import read_body
from app.routers.examples_rights import REQUEST_ANSWER, REQUEST_EXTENSION, SUBJECT_REQUEST
from app.routers.incidents import AFTER, LIMIT
from app.routers.keepers import PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_rights import RequestAnswer, RequestExtension, SubjectRequest
from app.vocabulary import Scope

router = APIRouter(tags=["rights"])
REQUEST_BODY = TypeAdapter(SubjectRequest)
EXTENSION_BODY = TypeAdapter(RequestExtension)
ANSWER_BODY = TypeAdapter(RequestAnswer)
ID = Parameter("request_id", "The request in the register.", "0" * 32, place="path")


@router.post(
    "/v1/patients/{patient_id}/requests",
    **operation(
        "register_request",
        "Enter what a patient asks for; the answer says by when it is due",
        led="collection",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.RegisteredRequest,
        status=201,
        body=SubjectRequest,
        example=SUBJECT_REQUEST,
        parameters=(PATIENT_ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def register_request(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, REQUEST_BODY)
    asked = subject_requests.Asked(body.kind, body.received_at, body.channel)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: subject_requests.register(hub, caller, patient_id, asked, tx),
            lambda tx, kept: subject_requests.again(hub, caller, tx, kept),
        )
    )


@router.get(
    "/v1/subject-requests",
    **operation(
        "list_requests",
        "The register of requests, overdue ones marked",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.RegisteredRequests,
        parameters=(AFTER, LIMIT),
    ),
)
async def list_requests(request: Request) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_READ), hub_of(request)
    asked = query(request, "after", "limit")
    after, limit = subject_requests.position(hub, caller, asked.get("after")), number(asked, "limit", 100, 200)
    page = await subject_requests.listed(hub, caller, after, limit)
    return answer_page(page, page.value[1])


@router.post(
    "/v1/patients/{patient_id}/requests/{request_id}/extension",
    **operation(
        "extend_request",
        "Take more time for an answer, once, with reasons",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.RegisteredRequest,
        body=RequestExtension,
        example=REQUEST_EXTENSION,
        parameters=(PATIENT_ID, ID),
        problems=(404, 409),
    ),
)
async def extend_request(request: Request, patient_id: str, request_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_WRITE)
    query(request)
    body = await read_body(request, EXTENSION_BODY)
    return answer(await subject_requests.extend(hub_of(request), caller, patient_id, request_id, body.reasons))


@router.post(
    "/v1/patients/{patient_id}/requests/{request_id}/answer",
    **operation(
        "answer_request",
        "Answer a request; a granted erasure is carried out, store by store",
        led="erasure",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.RegisteredRequest,
        body=RequestAnswer,
        example=REQUEST_ANSWER,
        parameters=(PATIENT_ID, ID),
        problems=(404, 409),
    ),
)
async def answer_request(request: Request, patient_id: str, request_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_WRITE)
    query(request)
    body = await read_body(request, ANSWER_BODY)
    given = subject_answers.Answer(body.outcome, body.reasons)
    return answer(await subject_answers.answer(hub_of(request), caller, patient_id, request_id, given))
