"""Court orders: entered, decided and ended at the discloser. A justice unit enters none, and is told of none."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.consent.orders import CourtOrder
from app.exchange import court_order_acts, court_orders
from app.exchange.court_order_acts import Decision, Vacating
from app.exchange.idempotent import once
from app.routers.answering import answer as answered
from app.routers.answering import answer_items, answer_once
from app.routers.asking import admit_clinic, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_bases import COURT_ORDER, COURT_ORDER_DECISION, COURT_ORDER_VACATING, MANDATE
from app.routers.keepers import admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_bases import CourtOrderDecision, CourtOrderVacating, Mandate
from app.vocabulary import Scope

router = APIRouter(tags=["court orders"])
MANDATE_BODY = TypeAdapter(Mandate)
DECISION_BODY = TypeAdapter(CourtOrderDecision)
VACATING_BODY = TypeAdapter(CourtOrderVacating)
ID = Parameter("order_id", "A court order that was entered at this discloser.", "0" * 32, place="path")
PATIENT = Parameter("patient_id", "A patient of this discloser.", "0" * 32, place="path")


@router.post(
    "/v1/court-orders",
    **operation(
        "enter_court_order",
        "Enter a court order, to be decided by a second person; or a subpoena, which opens nothing",
        led="collection",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.ShownCourtOrder,
        status=201,
        body=CourtOrder,
        example=COURT_ORDER,
        idempotent=True,
    ),
)
async def enter_court_order(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.ACCOUNTING_WRITE)
    body, hub = await read_body(request, court_orders.ORDER), hub_of(request)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: court_orders.enter(hub, caller, body, tx),
            lambda tx, kept: court_orders.view(hub, caller, tx, kept["id"]),
        )
    )


@router.get(
    "/v1/court-orders/{order_id}",
    **operation(
        "show_court_order",
        "One court order",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.ShownCourtOrder,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def show_court_order(request: Request, order_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    query(request)
    return answered(await court_orders.show(hub_of(request), caller, order_id))


@router.get(
    "/v1/patients/{patient_id}/court-orders",
    **operation(
        "list_court_orders",
        "The court orders about one patient",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.CourtOrders,
        parameters=(PATIENT,),
        problems=(404,),
    ),
)
async def list_court_orders(request: Request, patient_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    query(request)
    return answer_items(await court_orders.listed(hub_of(request), caller, patient_id))


@router.post(
    "/v1/court-orders/{order_id}/mandate",
    **operation(
        "add_mandate",
        "The subpoena or similar mandate came: the order is held for the second person",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.ShownCourtOrder,
        status=201,
        body=Mandate,
        example=MANDATE,
        parameters=(ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def add_mandate(request: Request, order_id: str) -> Response:
    caller = await admit_clinic(request, Scope.ACCOUNTING_WRITE)
    body, hub = await read_body(request, MANDATE_BODY), hub_of(request)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: court_orders.compel(hub, caller, order_id, body.mandate_ref, tx),
            lambda tx, kept: court_orders.view(hub, caller, tx, kept["id"]),
        )
    )


@router.post(
    "/v1/court-orders/{order_id}/decision",
    **operation(
        "decide_court_order",
        "Decide about a court order, as another person than who entered it",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.ShownCourtOrder,
        status=201,
        body=CourtOrderDecision,
        example=COURT_ORDER_DECISION,
        parameters=(ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def decide_court_order(request: Request, order_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    body = await read_body(request, DECISION_BODY)
    decision = Decision(body.approve, body.note)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: court_order_acts.decide(hub, caller, order_id, decision, tx),
            lambda tx, kept: court_orders.view(hub, caller, tx, kept["id"]),
        )
    )


@router.post(
    "/v1/court-orders/{order_id}/vacating",
    **operation(
        "vacate_court_order",
        "The order was vacated, or was never one about this patient: nothing leaves under it from now on",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.ShownCourtOrder,
        status=201,
        body=CourtOrderVacating,
        example=COURT_ORDER_VACATING,
        parameters=(ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def vacate_court_order(request: Request, order_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    body = await read_body(request, VACATING_BODY)
    why = Vacating(body.ground, body.vacated_at)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: court_order_acts.vacate(hub, caller, order_id, why, tx),
            lambda tx, kept: court_orders.view(hub, caller, tx, kept["id"]),
        )
    )
