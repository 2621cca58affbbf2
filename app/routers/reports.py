"""Assessments and treatment statuses: the clinic files, a justice unit reads through the gate."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import assessments, reads, statuses
from app.exchange.idempotent import once
from app.messages.assessment import Assessment
from app.messages.treatment_status import TreatmentStatus
from app.routers.answering import answer_once, answer_released
from app.routers.asking import admit_clinic, admit_justice, hub_of, number, once_of, purpose_of, query, whole
from app.routers.body import read_body
from app.routers.examples import ASSESSMENT, STATUS
from app.routers.hints import hinted
from app.routers.shown import STATUSES
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import MessageKind, Scope

router = APIRouter(tags=["reports"])
ASSESSMENT_BODY = TypeAdapter(Assessment)
STATUS_BODY = TypeAdapter(TreatmentStatus)
CASE = Parameter("case", "The caller's own case_id.", "0" * 32, required=True)
PURPOSE = Parameter("purpose", "Why; one that the role may state.", "condition_monitoring", required=True)
REFERRAL = Parameter("referral", "Only what stems from consents of this referral.", "0" * 32)
AFTER = Parameter("after", "The `next` of the page before.", "00")
LIMIT = Parameter("limit", "Windows a page, 1 to 200.", "100", schema={"type": "integer", "minimum": 1, "maximum": 200})
READ = (CASE, PURPOSE, REFERRAL, AFTER, LIMIT)


@router.post(
    "/v1/assessments",
    **operation(
        "file_assessment",
        "File an assessment",
        led="collection",
        scope=Scope.REPORTS_WRITE,
        answer=a.Filed,
        status=201,
        body=Assessment,
        example=ASSESSMENT,
        idempotent=True,
    ),
)
async def file_assessment(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.REPORTS_WRITE)
    body = await read_body(request, ASSESSMENT_BODY)
    hub, this = hub_of(request), once_of(request, narrowing=body.supersedes is not None)
    return answer_once(
        await once(
            hub,
            caller,
            this,
            lambda tx: assessments.file(hub, caller, body, tx),
            lambda tx, kept: statuses.again(caller, tx, kept),
        )
    )


@router.get(
    "/v1/assessments",
    **operation(
        "read_assessments",
        "Assessments that the patient allows this unit to see, by case and purpose",
        led="disclosure",
        scope=Scope.REPORTS_READ,
        answer=a.ItemsAnswer,
        also={304: None},
        parameters=READ,
        gated=True,
        problems=(405,),
    ),
)
async def read_assessments(request: Request) -> Response:
    return await _read(request, MessageKind.ASSESSMENT)


@router.post(
    "/v1/treatment-statuses",
    **operation(
        "file_treatment_status",
        "File a treatment status of whole weeks",
        led="collection",
        scope=Scope.REPORTS_WRITE,
        answer=a.Filed,
        status=201,
        body=TreatmentStatus,
        example=STATUS,
        idempotent=True,
    ),
)
async def file_treatment_status(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.REPORTS_WRITE)
    body = await read_body(request, STATUS_BODY)
    hub, this = hub_of(request), once_of(request, narrowing=body.supersedes is not None)
    return answer_once(
        await once(
            hub,
            caller,
            this,
            lambda tx: statuses.file(hub, caller, body, tx),
            lambda tx, kept: statuses.again(caller, tx, kept),
        )
    )


@router.get(
    "/v1/treatment-statuses",
    **operation(
        "read_treatment_statuses",
        "Treatment statuses that the patient allows this unit to see, by case and purpose",
        led="disclosure",
        scope=Scope.REPORTS_READ,
        answer=a.ItemsAnswer,
        shows=STATUSES,
        also={304: None},
        parameters=READ,
        gated=True,
        problems=(405,),
    ),
)
async def read_treatment_statuses(request: Request) -> Response:
    return await _read(request, MessageKind.TREATMENT_STATUS)


async def _read(request: Request, kind: MessageKind) -> Response:
    caller, hub = await admit_justice(request, Scope.REPORTS_READ), hub_of(request)
    whole(request)
    asked = query(request, "referral", "after", "limit", required=("case", "purpose"))
    reading = reads.Reading(
        kind,
        asked["case"],
        purpose_of(asked["purpose"]),
        asked.get("referral"),
        asked.get("after"),
        number(asked, "limit", 100, 200),
    )
    released = await reads.by_case(hub, caller, reading)
    answered = answer_released(request, hub, caller, released, reads.next_cursor(hub, caller, reading, released.value))
    return await hinted(hub, caller, {reading.case_id: released.value}, answered)
