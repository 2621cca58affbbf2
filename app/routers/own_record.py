"""What a patient is given of their own: the record, the export, the list of recipients by way of this service."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import intermediaries, own_record
from app.routers.answering import answer, answer_items
from app.routers.asking import chosen, hub_of, query
from app.routers.keepers import PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import Scope

router = APIRouter(tags=["rights"])
BEHALF = Parameter("on_behalf_of", "Says that the patient asks.", "patient")
LANG = Parameter("lang", "Language of the descriptions: en (default) or es.", "en")


@router.get(
    "/v1/patients/{patient_id}/record",
    **operation(
        "show_own_record",
        "All that the clinic keeps of a patient, for the patient",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.OwnRecord,
        parameters=(PATIENT_ID, BEHALF),
        problems=(404,),
    ),
)
async def show_own_record(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    chosen(query(request, "on_behalf_of"), "on_behalf_of", ("patient",))
    return answer(await own_record.shown(hub_of(request), caller, patient_id))


@router.get(
    "/v1/patients/{patient_id}/export",
    **operation(
        "export_patient",
        "A patient's data in a versioned form for machines",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.PatientExport,
        parameters=(PATIENT_ID, BEHALF),
        problems=(404,),
    ),
)
async def export_patient(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    chosen(query(request, "on_behalf_of"), "on_behalf_of", ("patient",))
    return answer(await own_record.exported(hub_of(request), caller, patient_id))


@router.get(
    "/v1/patients/{patient_id}/intermediary-disclosures",
    **operation(
        "list_intermediary_disclosures",
        "Whom records went to by way of this service in three years",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.IntermediaryList,
        parameters=(PATIENT_ID, BEHALF, LANG),
        problems=(404,),
    ),
)
async def list_intermediary_disclosures(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    asked = query(request, "on_behalf_of", "lang")
    chosen(asked, "on_behalf_of", ("patient",))
    lang = asked.get("lang", "en")
    return answer_items(await intermediaries.listed(hub_of(request), caller, patient_id, lang))
