"""Reviews: what somebody at a discloser, or at the privacy office that it appointed, has to look at and decide."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import case_move_reviews, review_list
from app.exchange.idempotent import once
from app.exchange.review_decisions import Decision, decide
from app.routers.answering import answer, answer_once, answer_page
from app.routers.asking import hub_of, number, once_of, query
from app.routers.body import read_body
from app.routers.examples_lifecycle import REVIEW_DECISION
from app.routers.keepers import admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_lifecycle import ReviewDecision
from app.vocabulary import Scope

router = APIRouter(tags=["reviews"])
BODY = TypeAdapter(ReviewDecision)
ID = Parameter("review_id", "A review of this discloser.", "0" * 32, place="path")
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Items a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})


@router.get(
    "/v1/reviews",
    **operation(
        "list_reviews",
        "What a person has to look at, open ones first",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Reviews,
        parameters=(AFTER, LIMIT),
    ),
)
async def list_reviews(request: Request) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_READ), hub_of(request)
    asked = query(request, "after", "limit")
    after, limit = review_list.position(hub, caller, asked.get("after")), number(asked, "limit", 100, 200)
    await case_move_reviews.judge(hub)
    page = await review_list.listed(hub, caller, after, limit)
    return answer_page(page, page.value[1])


@router.get(
    "/v1/reviews/{review_id}",
    **operation(
        "show_review",
        "One review",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Review,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def show_review(request: Request, review_id: str) -> Response:
    caller = await admit_keeper(request, Scope.ACCOUNTING_READ)
    query(request)
    return answer(await review_list.show(hub_of(request), caller, review_id))


@router.post(
    "/v1/reviews/{review_id}/decision",
    **operation(
        "decide_review",
        "Decide a review; where two have to agree, another person than the first",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Review,
        status=201,
        body=ReviewDecision,
        example=REVIEW_DECISION,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def decide_review(request: Request, review_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, BODY)
    decision = Decision(body.upheld, body.note)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: decide(hub, caller, review_id, decision, tx),
            lambda tx, kept: review_list.view(hub, caller, tx, kept["id"]),
        )
    )
