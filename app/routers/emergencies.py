"""Medical emergencies, between who treats and who holds the record. Neither police nor custody staff have a route."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.consent.emergency import Emergency
from app.exchange import emergencies
from app.exchange.idempotent import once
from app.exchange.unit import unwrapped
from app.routers.answering import answer
from app.routers.asking import admit_clinic, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_bases import EMERGENCY
from app.schemas import answers as a
from app.schemas.contract import operation
from app.vocabulary import Scope

router = APIRouter(tags=["emergencies"])


@router.post(
    "/v1/emergency-disclosures",
    **operation(
        "ask_in_emergency",
        "Ask another clinic's record of a person who cannot consent, to treat a medical emergency",
        led="disclosure",
        scope=Scope.PATIENTS_WRITE,
        answer=a.EmergencyAnswer,
        status=201,
        body=Emergency,
        example=EMERGENCY,
        idempotent=True,
    ),
)
async def ask_in_emergency(request: Request) -> Response:
    caller, hub = await admit_clinic(request, Scope.PATIENTS_WRITE), hub_of(request)
    emergencies.refuse_who_does_not_treat(caller)
    query(request)
    body = await read_body(request, emergencies.EMERGENCY)
    access = unwrapped(await once(hub, caller, once_of(request), lambda tx: emergencies.ask(hub, caller, body, tx)))
    return answer(await emergencies.hand_over(hub, caller, access.value), 201)
