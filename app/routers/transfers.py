"""Transfers of care between clinics and prison health. Justice has no route here, custody staff included."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import transfer_pages, transfers
from app.exchange.idempotent import once
from app.messages.transfer import Transfer
from app.routers.answering import answer, answer_once, answer_page
from app.routers.asking import admit_clinic, hub_of, number, once_of, query, whole
from app.routers.body import read_body
from app.routers.examples_transfer import TRANSFER
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import Scope

router = APIRouter(tags=["transfers"])
BODY = TypeAdapter(Transfer)
ID = Parameter("transfer_id", "A transfer that this unit sent or received.", "0" * 32, place="path")
DIRECTION = Parameter("direction", "sent or received; received if left out.", "received")
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Items a page, 1 to 50.", "20", schema={"type": "integer", "minimum": 1, "maximum": 50})


@router.post(
    "/v1/transfers",
    **operation(
        "send_transfer",
        "Hand a patient over to another clinic or to prison health, under a consent of kind tpo",
        led="collection",
        scope=Scope.PATIENTS_WRITE,
        answer=a.SentTransfer,
        status=201,
        body=Transfer,
        example=TRANSFER,
        idempotent=True,
    ),
)
async def send_transfer(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    body, hub = await read_body(request, BODY), hub_of(request)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: transfers.send(hub, caller, body, tx),
            lambda tx, kept: transfers.again(hub, caller, tx, kept),
        )
    )


@router.get(
    "/v1/transfers",
    **operation(
        "list_transfers",
        "Transfers sent, or received as far as each patient allows now; oldest first",
        led="disclosure",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Transfers,
        parameters=(DIRECTION, AFTER, LIMIT),
        problems=(405,),
    ),
)
async def list_transfers(request: Request) -> Response:
    caller, hub = await admit_clinic(request, Scope.PATIENTS_WRITE), hub_of(request)
    whole(request)
    asked = query(request, "direction", "after", "limit")
    page, cursor = await transfer_pages.page(hub, caller, asked, number(asked, "limit", 20, 50))
    return answer_page(page, cursor)


@router.get(
    "/v1/transfers/{transfer_id}",
    **operation(
        "show_transfer",
        "One transfer: the sender's own words, or what the patient allows the recipient now",
        led="disclosure",
        scope=Scope.PATIENTS_WRITE,
        answer=a.ShownTransfer,
        parameters=(ID,),
        problems=(404, 405),
    ),
)
async def show_transfer(request: Request, transfer_id: str) -> Response:
    caller, hub = await admit_clinic(request, Scope.PATIENTS_WRITE), hub_of(request)
    whole(request)
    query(request)
    return answer(await transfer_pages.show(hub, caller, transfer_id))


@router.post(
    "/v1/transfers/{transfer_id}/cancellation",
    **operation(
        "cancel_transfer",
        "Take back a transfer that was not fetched yet; always the same answer",
        led="alteration",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Received,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def cancel_transfer(request: Request, transfer_id: str) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    query(request)
    return answer(await transfers.cancel(hub_of(request), caller, transfer_id))
