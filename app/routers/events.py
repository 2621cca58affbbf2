"""The event feed by pull: which of the caller's own cases have something new to read."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import feed
from app.routers.answering import answer_news
from app.routers.asking import admit_justice, hub_of, number, query, whole
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import Scope

router = APIRouter(tags=["events"])
AFTER = Parameter("after", "The `next` of the answer before; left out, the feed begins 30 days back.", "00")
LIMIT = Parameter("limit", "Entries a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})


@router.get(
    "/v1/events",
    **operation(
        "list_events",
        "What is new to read since a place in this unit's feed; it tells where, never what",
        led="disclosure",
        scope=Scope.REPORTS_READ,
        answer=a.Events,
        also={304: None},
        parameters=(AFTER, LIMIT),
        gated=True,
        problems=(405, 410),
    ),
)
async def list_events(request: Request) -> Response:
    caller, hub = await admit_justice(request, Scope.REPORTS_READ), hub_of(request)
    whole(request)
    asked = query(request, "after", "limit")
    news = await feed.pull(hub, caller, asked.get("after"), number(asked, "limit", 100, 200))
    return answer_news(request, hub, caller, news)
