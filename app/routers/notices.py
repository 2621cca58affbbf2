"""Notices that a clinic makes of its own accord. There is no route by which anybody could ask for one."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import notices
from app.exchange.idempotent import once
from app.exchange.times import instant_of
from app.routers.answering import answer_once
from app.routers.asking import admit_clinic, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_bases import NOTICE
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests_bases import NoticeMade
from app.vocabulary import Scope

router = APIRouter(tags=["notices"])
BODY = TypeAdapter(NoticeMade)


@router.post(
    "/v1/notices",
    **operation(
        "record_notice",
        "Record a notice of a crime on the premises, or a report of child abuse, that the clinic made",
        led="collection",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.RecordedNotice,
        status=201,
        body=NoticeMade,
        example=NOTICE,
        idempotent=True,
        problems=(404,),
    ),
)
async def record_notice(request: Request) -> Response:
    caller, hub = await admit_clinic(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, BODY)
    notice = _notice(body)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: notices.record(hub, caller, notice, tx),
            lambda tx, kept: notices.again(caller, tx, kept),
        )
    )


def _notice(body: NoticeMade) -> notices.Notice:
    return notices.Notice(
        body.patient_id,
        body.basis,
        body.recipient.unit_id,
        body.recipient.name,
        instant_of(body.at),
        body.elements,
        body.circumstances,
        body.channel,
        body.made_by,
        body.law,
    )
