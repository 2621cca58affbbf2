"""Cases of a justice unit."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import cases
from app.exchange.times import instant_of
from app.routers.answering import answer
from app.routers.asking import admit_justice, hub_of
from app.routers.body import read_body
from app.routers.examples import CASE, CASE_EVENT, CASE_IDENTIFIER
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests import CaseEventReport, CaseIdentifier, CaseRegistration
from app.vocabulary import Scope

router = APIRouter(tags=["cases"])
REGISTRATION = TypeAdapter(CaseRegistration)
IDENTIFIER = TypeAdapter(CaseIdentifier)
EVENT = TypeAdapter(CaseEventReport)
CASE_ID = Parameter("case_id", "The caller's own id of the case.", "0" * 32, place="path")


@router.post(
    "/v1/cases",
    **operation(
        "register_case",
        "Register a case and get the caller's own case_id",
        led="collection",
        scope=Scope.CASES_WRITE,
        answer=a.Case,
        body=CaseRegistration,
        example=CASE,
    ),
)
async def register_case(request: Request) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, REGISTRATION)
    identifiers = cases.checked([(one.type, one.value) for one in body.identifiers])
    return answer(await cases.register(hub_of(request), caller, body.imposing_unit, identifiers))


@router.post(
    "/v1/cases/{case_id}/identifiers",
    **operation(
        "add_case_identifier",
        "Add an alias of the caller's own case (never a joinder)",
        led="alteration",
        scope=Scope.CASES_WRITE,
        answer=a.Received,
        status=202,
        body=CaseIdentifier,
        example=CASE_IDENTIFIER,
        parameters=(CASE_ID,),
        problems=(404,),
    ),
)
async def add_identifier(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, IDENTIFIER)
    (identifier,) = cases.checked([(body.type, body.value)])
    return answer(await cases.add_identifier(hub_of(request), caller, case_id, identifier), 202)


@router.post(
    "/v1/cases/{case_id}/events",
    **operation(
        "add_case_event",
        "Report an event of a case; only the imposing unit's has effect",
        led="alteration",
        scope=Scope.CASES_WRITE,
        answer=a.Received,
        status=202,
        body=CaseEventReport,
        example=CASE_EVENT,
        parameters=(CASE_ID,),
        problems=(404,),
    ),
)
async def add_event(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, EVENT)
    occurred = instant_of(body.occurred_at)
    return answer(await cases.add_event(hub_of(request), caller, case_id, body.code, occurred), 202)
