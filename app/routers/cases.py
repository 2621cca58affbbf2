"""Cases of a justice unit."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import case_moves, cases
from app.exchange.case_moves import Report
from app.exchange.idempotent import once
from app.exchange.times import instant_of
from app.routers.answering import answer_once
from app.routers.asking import admit_justice, hub_of, once_of
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
        idempotent=True,
    ),
)
async def register_case(request: Request) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, REGISTRATION)
    identifiers = cases.checked([(one.type, one.value) for one in body.identifiers])
    hub, this = hub_of(request), once_of(request, status=200)
    return answer_once(
        await once(hub, caller, this, lambda tx: cases.register(hub, caller, body.imposing_unit, identifiers, tx))
    )


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
        idempotent=True,
        parameters=(CASE_ID,),
        problems=(404,),
    ),
)
async def add_identifier(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, IDENTIFIER)
    (identifier,) = cases.checked([(body.type, body.value)])
    hub, this = hub_of(request), once_of(request, status=202)
    return answer_once(
        await once(hub, caller, this, lambda tx: cases.add_identifier(hub, caller, case_id, identifier, tx))
    )


@router.post(
    "/v1/cases/{case_id}/events",
    **operation(
        "add_case_event",
        "Report an event of a case, a joinder or a transfer; only the imposing unit's has effect",
        led="alteration",
        scope=Scope.CASES_WRITE,
        answer=a.Received,
        status=202,
        body=CaseEventReport,
        example=CASE_EVENT,
        idempotent=True,
        parameters=(CASE_ID,),
        problems=(404,),
    ),
)
async def add_event(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    body = await read_body(request, EVENT)
    report = case_moves.checked(Report(body.code, instant_of(body.occurred_at), body.with_, body.to_unit))
    hub, this = hub_of(request), once_of(request, status=202, narrowing=True)
    return answer_once(await once(hub, caller, this, lambda tx: case_moves.reported(hub, caller, case_id, report, tx)))
