"""Two records of one person: merged, and apart again."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import merges
from app.exchange.unit import narrow
from app.routers.answering import answer
from app.routers.asking import admit_clinic, hub_of
from app.routers.body import read_body
from app.routers.examples_corrections import MERGE
from app.routers.patients import ID
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests_corrections import Merge
from app.vocabulary import Scope

router = APIRouter(tags=["patients"])
BODY = TypeAdapter(Merge)


@router.post(
    "/v1/patients/{patient_id}/merge",
    **operation(
        "merge_patients",
        "Say that another record of this clinic is of the same person",
        led="combination",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Merged,
        body=Merge,
        example=MERGE,
        parameters=(ID,),
        problems=(404, 409),
    ),
)
async def merge_patients(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_clinic(request, Scope.PATIENTS_WRITE), hub_of(request)
    merged = (await read_body(request, BODY)).merged
    return answer(await narrow(hub, lambda tx: merges.merge(hub, caller, patient_id, merged, tx)))


@router.post(
    "/v1/patients/{patient_id}/unmerge",
    **operation(
        "unmerge_patients",
        "Undo a merge that was wrong, and learn what to look through",
        led="alteration",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Unmerged,
        body=Merge,
        example=MERGE,
        parameters=(ID,),
        problems=(404, 409),
    ),
)
async def unmerge_patients(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_clinic(request, Scope.PATIENTS_WRITE), hub_of(request)
    merged = (await read_body(request, BODY)).merged
    return answer(await narrow(hub, lambda tx: merges.unmerge(hub, caller, patient_id, merged, tx)))
