"""What becomes of a signed consent at its discloser: suspended, lifted, entered in error, its page compared."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import errors_found, evidence, suspensions
from app.exchange.idempotent import once
from app.routers.answering import answer_once
from app.routers.asking import hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples_lifecycle import ERROR_FOUND, EVIDENCE, LIFTING, SUSPENSION
from app.routers.keepers import admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_lifecycle import ErrorFound, EvidenceCheck, Lifting, Suspension
from app.vocabulary import Scope
from app.vocabulary.lifecycle import SuspensionCause

router = APIRouter(tags=["consents"])
SUSPENSION_BODY = TypeAdapter(Suspension)
LIFTING_BODY = TypeAdapter(Lifting)
ERROR_BODY = TypeAdapter(ErrorFound)
EVIDENCE_BODY = TypeAdapter(EvidenceCheck)
ID = Parameter("consent_id", "A consent of this discloser.", "0" * 32, place="path")
SUSPENSION_ID = Parameter("suspension_id", "A suspension of that consent.", "0" * 32, place="path")


@router.post(
    "/v1/consents/{consent_id}/suspensions",
    **operation(
        "suspend_consent",
        "Suspend a consent that is in doubt: it denies at once, and a person has to look",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Suspended,
        status=201,
        body=Suspension,
        example=SUSPENSION,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def suspend_consent(request: Request, consent_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, SUSPENSION_BODY)
    cause = SuspensionCause(body.cause)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: suspensions.suspend(hub, caller, consent_id, cause, body.note, tx),
            lambda tx, kept: suspensions.again(hub, caller, tx, kept),
        )
    )


@router.post(
    "/v1/consents/{consent_id}/suspensions/{suspension_id}/lifting",
    **operation(
        "lift_suspension",
        "Lift a suspension; after pressure or a dispute somebody else than who suspended it",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.Suspended,
        status=201,
        body=Lifting,
        example=LIFTING,
        parameters=(ID, SUSPENSION_ID),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def lift_suspension(request: Request, consent_id: str, suspension_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, LIFTING_BODY)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: suspensions.lift(hub, caller, consent_id, suspension_id, body.note, tx),
            lambda tx, kept: suspensions.again(hub, caller, tx, kept),
        )
    )


@router.post(
    "/v1/consents/{consent_id}/errors",
    **operation(
        "report_consent_error",
        "Say that a consent was entered in error; one that was signed waits for a second person",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.ErrorReported,
        status=201,
        body=ErrorFound,
        example=ERROR_FOUND,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def report_consent_error(request: Request, consent_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, ERROR_BODY)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: errors_found.report(hub, caller, consent_id, body.reason, tx),
            lambda tx, kept: errors_found.again(caller, tx, kept),
        )
    )


@router.post(
    "/v1/consents/{consent_id}/evidence-check",
    **operation(
        "check_evidence",
        "Compare the signed page with what was signed; another page suspends the consent at once",
        led="alteration",
        scope=Scope.ACCOUNTING_WRITE,
        answer=a.EvidenceChecked,
        status=201,
        body=EvidenceCheck,
        example=EVIDENCE,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def check_evidence(request: Request, consent_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_WRITE), hub_of(request)
    query(request)
    body = await read_body(request, EVIDENCE_BODY)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: evidence.check(hub, caller, consent_id, body.evidence_hash, tx),
            lambda tx, kept: errors_found.again(caller, tx, kept),
        )
    )
