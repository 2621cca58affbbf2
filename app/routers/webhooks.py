"""Webhooks of a justice client: doorbells that say "ask your feed" and nothing else."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import webhooks
from app.exchange.idempotent import once
from app.routers.answering import answer, answer_items, answer_once
from app.routers.asking import admit_justice, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples import WEBHOOK
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests import WebhookRegistration
from app.vocabulary import Scope

router = APIRouter(tags=["events"])
REGISTRATION = TypeAdapter(WebhookRegistration)
ID = Parameter("webhook_id", "A webhook of this client.", "0" * 32, place="path")


@router.post(
    "/v1/webhooks",
    **operation(
        "add_webhook",
        "Be rung when this unit's feed has something new; the secret is told this once",
        led="collection",
        scope=Scope.REPORTS_READ,
        answer=a.NewWebhook,
        status=201,
        body=WebhookRegistration,
        example=WEBHOOK,
        idempotent=True,
    ),
)
async def add_webhook(request: Request) -> Response:
    caller = await admit_justice(request, Scope.REPORTS_READ)
    body, hub, this = await read_body(request, REGISTRATION), hub_of(request), once_of(request)
    await webhooks.check(hub, caller, body.url)
    return answer_once(await once(hub, caller, this, lambda tx: webhooks.add(hub, caller, body.url, tx)))


@router.get(
    "/v1/webhooks",
    **operation(
        "list_webhooks",
        "This client's live webhooks in this unit and role",
        led="consultation",
        scope=Scope.REPORTS_READ,
        answer=a.Webhooks,
    ),
)
async def list_webhooks(request: Request) -> Response:
    caller = await admit_justice(request, Scope.REPORTS_READ)
    query(request)
    return answer_items(await webhooks.listed(hub_of(request), caller))


@router.delete(
    "/v1/webhooks/{webhook_id}",
    **operation(
        "end_webhook",
        "End a webhook: it is rung no more",
        led="erasure",
        scope=Scope.REPORTS_READ,
        answer=a.EndedWebhook,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def end_webhook(request: Request, webhook_id: str) -> Response:
    caller = await admit_justice(request, Scope.REPORTS_READ)
    return answer(await webhooks.end(hub_of(request), caller, webhook_id))
