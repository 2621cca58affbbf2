"""Reading at a court's scale: many cases in one request, one case on one page. Both are callers of the gate."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import reads
from app.routers.answering import answer_report, answer_search
from app.routers.asking import admit_justice, form_of, hub_of, number, purpose_of, query, whole, within
from app.routers.body import read_body
from app.routers.examples import SEARCH
from app.routers.hints import hinted
from app.schemas import answers as a
from app.schemas.contract import Parameter, also_as, operation
from app.schemas.requests import CaseSearch
from app.vocabulary import MessageKind, Scope

router = APIRouter(tags=["reports"])
SEARCH_BODY = TypeAdapter(CaseSearch)
ID = Parameter("case_id", "The caller's own case_id.", "0" * 32, place="path")
PURPOSE = Parameter("purpose", "Why; one that the role may state.", "condition_monitoring", required=True)
FORMAT = Parameter("format", "json (default) or html, to print; `Accept: text/html` says the same.", "json")
WINDOWS = Parameter(
    "windows", "Newest windows, 1 to 53.", "12", schema={"type": "integer", "minimum": 1, "maximum": 53}
)


@router.post(
    "/v1/assessments/search",
    **operation(
        "search_assessments",
        "Assessments of up to 200 cases, one entry for each in the order asked",
        led="disclosure",
        scope=Scope.REPORTS_READ,
        answer=a.SearchResults,
        body=CaseSearch,
        example=SEARCH,
        gated=True,
    ),
)
async def search_assessments(request: Request) -> Response:
    return await _search(request, MessageKind.ASSESSMENT)


@router.post(
    "/v1/treatment-statuses/search",
    **operation(
        "search_treatment_statuses",
        "Treatment statuses of up to 200 cases, one entry for each in the order asked",
        led="disclosure",
        scope=Scope.REPORTS_READ,
        answer=a.SearchResults,
        body=CaseSearch,
        example=SEARCH,
        gated=True,
    ),
)
async def search_treatment_statuses(request: Request) -> Response:
    return await _search(request, MessageKind.TREATMENT_STATUS)


async def _search(request: Request, kind: MessageKind) -> Response:
    caller, hub = await admit_justice(request, Scope.REPORTS_READ), hub_of(request)
    whole(request)
    query(request)
    body = await read_body(request, SEARCH_BODY)
    windows = within("/windows", body.windows, 20)
    released = await reads.by_cases(hub, caller, kind, body.cases, body.purpose, windows)
    asked = dict(zip(body.cases, released.value, strict=True))
    return await hinted(hub, caller, asked, answer_search(request, hub, caller, body.cases, released))


@router.get(
    "/v1/cases/{case_id}/report",
    **also_as(
        operation(
            "read_report",
            "Everything that may be read in one case for one purpose, on one page: JSON, or HTML to print",
            led="disclosure",
            scope=Scope.REPORTS_READ,
            answer=a.Report,
            also={304: None},
            parameters=(ID, PURPOSE, FORMAT, WINDOWS),
            gated=True,
            problems=(405,),
        ),
        "text/html",
    ),
)
async def read_report(request: Request, case_id: str) -> Response:
    caller, hub = await admit_justice(request, Scope.REPORTS_READ), hub_of(request)
    whole(request)
    asked = query(request, "format", "windows", required=("purpose",))
    purpose, shown_as = purpose_of(asked["purpose"]), form_of(request, asked, "text/html", "html")
    reading = reads.Reading(None, case_id, purpose, limit=number(asked, "windows", 12, 53))
    released = await reads.by_case(hub, caller, reading)
    answered = answer_report(request, hub, caller, reading, released, html=shown_as == "html")
    return await hinted(hub, caller, {case_id: released.value}, answered)
