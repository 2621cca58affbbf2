"""The accounting of disclosures about a patient: read as JSON or CSV, and what was told outside this service added."""

from collections.abc import Mapping

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import disclosures, paper
from app.exchange.accounting_csv import table
from app.exchange.entries import WITHDRAWN
from app.exchange.handover_entries import KIND as TRANSFER
from app.exchange.idempotent import once
from app.exchange.notices import KIND as NOTICE
from app.exchange.times import instant_of
from app.routers.answering import answer_once, answer_page, answer_table
from app.routers.asking import admit, chosen, form_of, hub_of, number, once_of, purpose_of, query
from app.routers.body import read_body
from app.routers.examples import PAPER_DISCLOSURE
from app.routers.keepers import admit_keeper
from app.routers.shown import ACCOUNTING
from app.schemas import answers as a
from app.schemas.contract import Parameter, also_as, operation
from app.schemas.requests_clinic import PaperDisclosure
from app.vocabulary import MessageKind, Scope

router = APIRouter(tags=["patients"])
PAPER_BODY = TypeAdapter(PaperDisclosure)
ID = Parameter("patient_id", "The clinic's patient.", "0" * 32, place="path")
FROM = Parameter("from", "First instant or day, RFC 3339.", "2026-01-01")
TO = Parameter("to", "Instant or day before which rows end, RFC 3339; a day is included whole.", "2026-12-31")
RECIPIENT = Parameter("recipient", "Only this recipient unit.", "u-court-treatment")
PURPOSE = Parameter("purpose", "Only this purpose.", "condition_monitoring")
KIND = Parameter("kind", "Only this kind of message.", "treatment_status")
BEHALF = Parameter("on_behalf_of", "Says that the patient asks.", "patient")
FORMAT = Parameter("format", "json (default) or csv; `Accept: text/csv` says the same.", "json")
LANG = Parameter("lang", "Language of the sentences: en (default) or es.", "en")
AFTER = Parameter("after", "The `next` of the page before; JSON only.", "00")
_MOST = {"type": "integer", "minimum": 1, "maximum": 200}
LIMIT = Parameter("limit", "Rows a page, 1 to 200; JSON only.", "100", schema=_MOST)
_FILTERS = ("from", "to", "recipient", "purpose", "kind", "on_behalf_of", "format", "lang", "after", "limit")


_KINDS = (
    *(kind.value for kind in MessageKind),
    *(f"event:{kind.value}" for kind in MessageKind),
    *(TRANSFER, WITHDRAWN, NOTICE),
)


@router.get(
    "/v1/patients/{patient_id}/disclosures",
    **also_as(
        operation(
            "list_disclosures",
            "Accounting of disclosures: who was told what, and why",
            led="consultation",
            scope=Scope.ACCOUNTING_READ,
            answer=a.Disclosures,
            shows=ACCOUNTING,
            parameters=(ID, FROM, TO, RECIPIENT, PURPOSE, KIND, BEHALF, FORMAT, LANG, AFTER, LIMIT),
            problems=(404,),
        ),
        "text/csv",
    ),
)
async def list_disclosures(request: Request, patient_id: str) -> Response:
    caller, hub = await admit(request, Scope.ACCOUNTING_READ), hub_of(request)
    given = query(request, *_FILTERS)
    whole = _format(request, given) == "csv"
    asked = disclosures.asked_of(hub, caller, patient_id, given, None if whole else number(given, "limit", 100, 200))
    accounted = await disclosures.account(hub, caller, patient_id, asked)
    if whole:
        return answer_table(accounted, table, "accounting-of-disclosures.csv")
    return answer_page(accounted, disclosures.cursor(hub, caller, patient_id, given, accounted.value[1]))


def _format(request: Request, given: Mapping[str, str]) -> str:
    """The form asked for. Unknown filters are refused on the way."""
    if "purpose" in given:
        purpose_of(given["purpose"])
    if "kind" in given:
        chosen(given, "kind", _KINDS)
    return form_of(request, given, "text/csv", "csv")


@router.post(
    "/v1/patients/{patient_id}/disclosures",
    **operation(
        "record_disclosure",
        "Record a disclosure made on paper, by phone or in person",
        led="collection",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.RecordedDisclosure,
        status=201,
        body=PaperDisclosure,
        example=PAPER_DISCLOSURE,
        parameters=(ID,),
        idempotent=True,
        problems=(404,),
    ),
)
async def record_disclosure(request: Request, patient_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, PAPER_BODY)
    told = _told(body)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: paper.record(hub, caller, patient_id, told, tx),
            lambda tx, kept: paper.again(caller, tx, kept),
        )
    )


def _told(body: PaperDisclosure) -> paper.Told:
    return paper.Told(
        body.recipient.unit_id,
        body.recipient.name,
        instant_of(body.at),
        body.kind,
        body.elements,
        body.purpose,
        body.basis,
        body.channel,
        body.made_by,
        body.consent_id,
        body.case,
    )
