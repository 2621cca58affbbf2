"""Staff of a justice unit who are assigned to its cases."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import assignments
from app.exchange.idempotent import once
from app.routers.answering import answer_once
from app.routers.asking import admit_justice, hub_of, once_of
from app.routers.body import read_body
from app.routers.cases import CASE_ID
from app.routers.examples import ASSIGNMENT, ASSIGNMENT_ENDING
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests import CaseAssignment, CaseAssignmentEnding
from app.vocabulary import Scope

router = APIRouter(tags=["cases"])
ASSIGNED = TypeAdapter(CaseAssignment)
ENDED = TypeAdapter(CaseAssignmentEnding)


@router.post(
    "/v1/cases/{case_id}/assignments",
    **operation(
        "assign_case",
        "Assign a member of the caller's own staff; from then on only who is assigned reads in the case",
        led="alteration",
        scope=Scope.CASES_WRITE,
        answer=a.Received,
        status=202,
        body=CaseAssignment,
        example=ASSIGNMENT,
        idempotent=True,
        parameters=(CASE_ID,),
    ),
)
async def assign(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    staff_id = assignments.checked((await read_body(request, ASSIGNED)).staff_id)
    hub, this = hub_of(request), once_of(request, status=202, narrowing=True)
    return answer_once(await once(hub, caller, this, lambda tx: assignments.assign(hub, caller, case_id, staff_id, tx)))


@router.post(
    "/v1/cases/{case_id}/assignments/ending",
    **operation(
        "end_case_assignment",
        "End an assignment, or without staff_id that of everybody: the unit left the case",
        led="alteration",
        scope=Scope.CASES_WRITE,
        answer=a.Received,
        status=202,
        body=CaseAssignmentEnding,
        example=ASSIGNMENT_ENDING,
        idempotent=True,
        parameters=(CASE_ID,),
    ),
)
async def end(request: Request, case_id: str) -> Response:
    caller = await admit_justice(request, Scope.CASES_WRITE)
    said = (await read_body(request, ENDED)).staff_id
    staff_id = assignments.checked(said) if said is not None else None
    hub, this = hub_of(request), once_of(request, status=202, narrowing=True)
    return answer_once(await once(hub, caller, this, lambda tx: assignments.end(hub, caller, case_id, staff_id, tx)))
