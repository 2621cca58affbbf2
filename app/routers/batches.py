"""Treatment statuses at a clinic's scale: up to 500 in one request, each with its own result."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.errors import Invalid
from app.exchange import batches
from app.messages.treatment_status import TreatmentStatus
from app.routers.answering import answer_results
from app.routers.asking import admit_clinic, hub_of, once_of
from app.routers.body import JSON, read_bytes
from app.routers.examples import STATUS_BATCH
from app.routers.items import MAX_BYTES, decoded, items_of
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests_clinic import TreatmentStatusBatch
from app.vocabulary import Scope

router = APIRouter(tags=["reports"])
STATUS_BODY = TypeAdapter(TreatmentStatus)


@router.post(
    "/v1/treatment-statuses/batch",
    **operation(
        "file_treatment_statuses",
        "File up to 500 treatment statuses; each has its own result, in the order sent",
        led="collection",
        scope=Scope.REPORTS_WRITE,
        answer=a.BatchResults,
        body=TreatmentStatusBatch,
        example=STATUS_BATCH,
        idempotent=True,
    ),
)
async def file_treatment_statuses(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.REPORTS_WRITE)
    sent = items_of(await read_bytes(request, JSON, MAX_BYTES))
    sound, refused = _read(sent)
    filed = await batches.file_all(hub_of(request), caller, sound, once_of(request, status=200))
    return answer_results(filed, refused)


def _read(sent: list[Any]) -> tuple[list[batches.Item], list[batches.Result]]:
    """The items that are statuses, and the results of those that are none."""
    sound, refused = [], []
    for index, item in enumerate(sent):
        try:
            sound.append(batches.Item(index, decoded(item, STATUS_BODY)))
        except Invalid as problem:
            refused.append(batches.refused(index, problem))
    return sound, refused
