"""Which reports a clinic still owes, by when."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import reports_due
from app.routers.answering import answer_page
from app.routers.asking import admit_clinic, hub_of, number, query
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import Scope

router = APIRouter(tags=["reports"])
UNTIL = Parameter("until", "Last due day listed, at most 53 weeks ahead; a week ahead if absent.", "2026-12-31")
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Reports a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})


@router.get(
    "/v1/reports-due",
    **operation(
        "list_reports_due",
        "Reports that the cadence of accepted referrals asks for and that are not filed, due first at the top",
        led="consultation",
        scope=Scope.REPORTS_WRITE,
        answer=a.ReportsDue,
        parameters=(UNTIL, AFTER, LIMIT),
    ),
)
async def list_reports_due(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.REPORTS_WRITE)
    asked = query(request, "until", "after", "limit")
    hub, limit = hub_of(request), number(asked, "limit", 100, 200)
    page = await reports_due.listed(hub, caller, reports_due.listing(hub, caller, asked, limit))
    return answer_page(page, reports_due.cursor(hub, caller, asked, page.value[1]))
