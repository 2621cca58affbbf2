"""Patients of a clinic."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import deaths, patients
from app.exchange.idempotent import once
from app.exchange.unit import write
from app.routers.answering import answer, answer_items, answer_once
from app.routers.asking import admit_clinic, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples import PATIENT
from app.routers.examples_lifecycle import PATIENT_CHANGE
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests import NewPatient, PatientSearch
from app.schemas.requests_lifecycle import PatientChange
from app.vocabulary import Scope

router = APIRouter(tags=["patients"])
PATIENT_BODY = TypeAdapter(NewPatient)
SEARCH_BODY = TypeAdapter(PatientSearch)
CHANGE_BODY = TypeAdapter(PatientChange)
ID = Parameter("patient_id", "The clinic's patient.", "0" * 32, place="path")


@router.post(
    "/v1/patients",
    **operation(
        "add_patient",
        "Add a patient of this clinic",
        led="collection",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Patient,
        status=201,
        body=NewPatient,
        example=PATIENT,
        idempotent=True,
    ),
)
async def add_patient(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    body = await read_body(request, PATIENT_BODY)
    hub, named = hub_of(request), patients.checked(body.given_name, body.sur_name)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: patients.add(hub, caller, *named, body.birth_date, body.local_id, tx),
            lambda tx, kept: patients.again(hub, caller, tx, kept),
        )
    )


@router.post(
    "/v1/patients/search",
    **operation(
        "find_patients",
        "Find this clinic's patients by exact name and birth date",
        led="consultation",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Patients,
        body=PatientSearch,
        example=PATIENT,
    ),
)
async def find_patients(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    body = await read_body(request, SEARCH_BODY)
    return answer_items(await patients.find(hub_of(request), caller, body.given_name, body.sur_name, body.birth_date))


@router.get(
    "/v1/patients/{patient_id}",
    **operation(
        "show_patient",
        "One patient of this clinic",
        led="consultation",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Patient,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def show_patient(request: Request, patient_id: str) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    query(request)
    return answer(await patients.show(hub_of(request), caller, patient_id))


@router.patch(
    "/v1/patients/{patient_id}",
    **operation(
        "change_patient",
        "Say that a patient died, or that this was a mistake",
        led="alteration",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Patient,
        body=PatientChange,
        example=PATIENT_CHANGE,
        parameters=(ID,),
        problems=(404, 409),
    ),
)
async def change_patient(request: Request, patient_id: str) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    query(request)
    body, hub = await read_body(request, CHANGE_BODY), hub_of(request)
    day = None if body.entered_in_error else body.deceased_on
    return answer(await write(hub, lambda tx: deaths.record(hub, caller, patient_id, day, tx)))
