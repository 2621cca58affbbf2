"""Forms at the clinic: templates to begin with, the text to print and have signed, and who wishes for a consent."""

from typing import Any

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import consent_forms, consent_requests, consent_templates
from app.exchange.idempotent import once
from app.exchange.reads import require_purpose
from app.routers.answering import answer, answer_once, answer_page
from app.routers.asking import admit_clinic, admit_justice, chosen, hub_of, number, once_of, purpose_of, query
from app.routers.body import read_body
from app.routers.examples import CONSENT_WISH
from app.routers.report_page import HEADERS, STYLE
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_consent import ConsentWish
from app.vocabulary import Scope

router = APIRouter(tags=["consents"])
WISH_BODY = TypeAdapter(ConsentWish)
ID = Parameter("consent_id", "A consent of this clinic.", "0" * 32, place="path")
UNIT = Parameter("unit", "The unit that is to receive.", "u-court-treatment", required=True)
PURPOSE = Parameter("purpose", "What it is to receive it for.", "condition_monitoring", required=True)
ROLE = Parameter("role", "Templates of this role only.", "judge")
LANGUAGE = Parameter("lang", "Language of the form: en or es.", "en", required=True)
FORMAT = Parameter("format", "text (default: JSON with the text) or html, to print.", "text")
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Items a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})


@router.get(
    "/v1/consent-templates",
    **operation(
        "consent_templates",
        "The form half filled in for a recipient and a purpose, one for each kind that fits",
        led="consultation",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Templates,
        parameters=(UNIT, PURPOSE, ROLE),
    ),
)
async def consent_templates_of(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    asked = query(request, "role", required=("unit", "purpose"))
    purpose, hub = purpose_of(asked["purpose"]), hub_of(request)
    return answer(await consent_templates.offered(hub, caller, asked["unit"], purpose, asked.get("role")))


def _printable(described: dict[str, Any]) -> dict[str, Any]:
    """The same answer as a page."""
    described["responses"][200]["content"]["text/html"] = {"schema": {"type": "string"}}
    return described


@router.get(
    "/v1/consents/{consent_id}/form",
    **_printable(
        operation(
            "consent_form",
            "The exact text of a consent to print or show, with its hash",
            led="consultation",
            scope=Scope.CONSENTS_WRITE,
            answer=a.ConsentForm,
            parameters=(ID, LANGUAGE, FORMAT),
            problems=(404,),
        )
    ),
)
async def consent_form(request: Request, consent_id: str) -> Response:
    caller, hub = await admit_clinic(request, Scope.CONSENTS_WRITE), hub_of(request)
    asked = query(request, "format", required=("lang",))
    if chosen(asked, "format", ("text", "html")) == "text":
        return answer(await consent_forms.show(hub, caller, consent_id, asked["lang"]))
    page = await consent_forms.printed(hub, caller, consent_id, asked["lang"], STYLE)
    return Response(page.value, 200, HEADERS, "text/html; charset=utf-8")


@router.post(
    "/v1/consent-requests",
    **operation(
        "request_consent",
        "Ask the clinic to ask the patient of one's own referral for a consent; always the same answer",
        led="collection",
        scope=Scope.REQUESTS_WRITE,
        answer=a.Received,
        status=202,
        body=ConsentWish,
        example=CONSENT_WISH,
        idempotent=True,
        problems=(404,),
    ),
)
async def request_consent(request: Request) -> Response:
    caller, hub = await admit_justice(request, Scope.REQUESTS_WRITE), hub_of(request)
    body = await read_body(request, WISH_BODY)
    require_purpose(caller, body.purpose)
    this = once_of(request, status=202)
    return answer_once(
        await once(hub, caller, this, lambda tx: consent_requests.ask(hub, caller, body.referral_id, body.purpose, tx))
    )


@router.get(
    "/v1/consent-requests",
    **operation(
        "list_consent_requests",
        "Which justice units wish that a patient be asked for a consent, oldest first",
        led="consultation",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Wishes,
        parameters=(AFTER, LIMIT),
    ),
)
async def list_consent_requests(request: Request) -> Response:
    caller, hub = await admit_clinic(request, Scope.CONSENTS_WRITE), hub_of(request)
    asked = query(request, "after", "limit")
    page = await consent_requests.listed(hub, caller, asked.get("after"), number(asked, "limit", 100, 200))
    return answer_page(page, page.value[1])
