"""Referrals: justice sends, reads back and cancels; the clinic lists, matches and answers."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import inbox, lists, reads, referrals, responses, statuses
from app.exchange.idempotent import once
from app.messages.referral import Referral
from app.messages.response import ReferralResponse
from app.routers.answering import answer, answer_once, answer_page, answer_referral
from app.routers.asking import admit, admit_clinic, admit_justice, hub_of, number, once_of, purpose_of, query, whole
from app.routers.body import read_body
from app.routers.examples import MATCH, REFERRAL, RESPONSE
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests import Match
from app.vocabulary import Purpose, Scope

router = APIRouter(tags=["referrals"])
REFERRAL_BODY = TypeAdapter(Referral)
RESPONSE_BODY = TypeAdapter(ReferralResponse)
MATCH_BODY = TypeAdapter(Match)
ID = Parameter("referral_id", "The referral.", "0" * 32, place="path")
DIRECTION = Parameter("direction", "sent (justice) or received (clinic).", "sent")
STATUS = Parameter("status", "sent or cancelled; justice only.", "sent")
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Items a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})
PURPOSE = Parameter("purpose", "Why; only adds or removes the gated keys.", "referral_coordination")


@router.post(
    "/v1/referrals",
    **operation(
        "send_referral",
        "Refer a person to a clinic",
        led="collection",
        scope=Scope.REFERRALS_WRITE,
        answer=a.SentReferral,
        status=201,
        body=Referral,
        example=REFERRAL,
        idempotent=True,
    ),
)
async def send_referral(request: Request) -> Response:
    caller = await admit_justice(request, Scope.REFERRALS_WRITE)
    body = await read_body(request, REFERRAL_BODY)
    hub = hub_of(request)
    return answer_once(await once(hub, caller, once_of(request), lambda tx: referrals.send(hub, caller, body, tx)))


@router.get(
    "/v1/referrals",
    **operation(
        "list_referrals",
        "Referrals sent (justice) or received (clinic), oldest first",
        led="consultation",
        scope=Scope.REFERRALS_READ,
        answer=a.Referrals,
        parameters=(DIRECTION, STATUS, AFTER, LIMIT),
    ),
)
async def list_referrals(request: Request) -> Response:
    caller = await admit(request, Scope.REFERRALS_READ)
    asked = query(request, "direction", "status", "after", "limit")
    limit, hub = number(asked, "limit", 100, 200), hub_of(request)
    direction, status, after = lists.of_referrals(hub, caller, asked)
    if direction == "sent":
        page = await referrals.listed(hub, caller, status, after, limit)
    else:
        page = await inbox.listed(hub, caller, after, limit)
    return answer_page(page, lists.cursor(hub, caller, direction, status, page.value[1]))


@router.get(
    "/v1/referrals/{referral_id}",
    **operation(
        "show_referral",
        "One referral; for justice with what of the answer the patient allows",
        led="disclosure",
        scope=Scope.REFERRALS_READ,
        answer=a.ShownReferral,
        also={304: None},
        parameters=(ID, PURPOSE),
        gated=True,
        problems=(404, 405),
    ),
)
async def show_referral(request: Request, referral_id: str) -> Response:
    caller, hub = await admit(request, Scope.REFERRALS_READ), hub_of(request)
    whole(request)
    asked = query(request, "purpose")
    if not caller.is_justice:
        return answer(await inbox.show(hub, caller, referral_id))
    purpose = purpose_of(asked.get("purpose", Purpose.REFERRAL_COORDINATION.value))
    own, released = await reads.of_referral(hub, caller, referral_id, purpose)
    return answer_referral(request, hub, caller, own, released)


@router.post(
    "/v1/referrals/{referral_id}/cancellation",
    **operation(
        "cancel_referral",
        "Cancel a referral; always the same answer",
        led="alteration",
        scope=Scope.REFERRALS_WRITE,
        answer=a.Cancelled,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def cancel_referral(request: Request, referral_id: str) -> Response:
    caller = await admit_justice(request, Scope.REFERRALS_WRITE)
    query(request)
    return answer(await referrals.cancel(hub_of(request), caller, referral_id))


@router.patch(
    "/v1/referrals/{referral_id}/patient",
    **operation(
        "match_referral",
        "Say which of the clinic's patients a referral means",
        led="combination",
        scope=Scope.PATIENTS_WRITE,
        answer=a.ReceivedReferral,
        body=Match,
        example=MATCH,
        parameters=(ID,),
        problems=(404, 409),
    ),
)
async def match_referral(request: Request, referral_id: str) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    body = await read_body(request, MATCH_BODY)
    return answer(await inbox.match(hub_of(request), caller, referral_id, body.patient_id))


@router.post(
    "/v1/referrals/{referral_id}/response",
    **operation(
        "respond_to_referral",
        "Answer a referral; an acceptance files the enrolment as planned",
        led="collection",
        scope=Scope.PATIENTS_WRITE,
        answer=a.Responded,
        status=201,
        body=ReferralResponse,
        example=RESPONSE,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def respond_to_referral(request: Request, referral_id: str) -> Response:
    caller = await admit_clinic(request, Scope.PATIENTS_WRITE)
    body = await read_body(request, RESPONSE_BODY)
    hub, this = hub_of(request), once_of(request, narrowing=True)

    async def again(tx: Any, kept: dict[str, Any]) -> dict[str, Any]:
        referral = await inbox.own(tx, caller.unit, referral_id)
        await statuses.again(caller, tx, {"patient_id": referral["patient_id"]})
        return kept

    return answer_once(
        await once(hub, caller, this, lambda tx: responses.respond(hub, caller, referral_id, body, tx), again)
    )
