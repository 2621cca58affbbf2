"""Amendments of a referral by its sender."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import amendments
from app.exchange.idempotent import once
from app.routers.answering import answer_once
from app.routers.asking import admit_justice, hub_of, once_of
from app.routers.body import read_body
from app.routers.examples_corrections import AMENDMENT
from app.routers.referrals import ID
from app.schemas import answers as a
from app.schemas.contract import operation
from app.schemas.requests_referral import AMENDMENT_BODY, Amendment, changes
from app.vocabulary import Scope

router = APIRouter(tags=["referrals"])


@router.post(
    "/v1/referrals/{referral_id}/amendments",
    **operation(
        "amend_referral",
        "Amend a referral: each member given takes the place of the one sent",
        led="alteration",
        scope=Scope.REFERRALS_WRITE,
        answer=a.Amended,
        status=201,
        body=Amendment,
        example=AMENDMENT,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def amend_referral(request: Request, referral_id: str) -> Response:
    caller = await admit_justice(request, Scope.REFERRALS_WRITE)
    named = changes(await read_body(request, AMENDMENT_BODY))
    hub, this = hub_of(request), once_of(request)
    return answer_once(await once(hub, caller, this, lambda tx: amendments.amend(hub, caller, referral_id, named, tx)))
