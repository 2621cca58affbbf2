"""Consents: a clinic proposes, has signed, declines and revokes for its patient. Justice has no route here."""

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.consent.proposal import Proposal
from app.consent.signature import Signing
from app.exchange import consent_words, consents, desk, revocations, signatures, statuses
from app.exchange.idempotent import once
from app.exchange.preview import preview
from app.routers.answering import answer, answer_items, answer_once, answer_preview
from app.routers.asking import admit_clinic, hub_of, once_of, query
from app.routers.body import read_body
from app.routers.examples import CONSENT, REVOCATION, SIGNING
from app.routers.shown import REVOKED
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests import RevocationRequest
from app.vocabulary import Scope

router = APIRouter(tags=["consents"])
REVOCATION_BODY = TypeAdapter(RevocationRequest)
ID = Parameter("consent_id", "A consent of this clinic.", "0" * 32, place="path")
PATIENT = Parameter("patient_id", "A patient of this clinic.", "0" * 32, place="path")


@router.post(
    "/v1/consents",
    **operation(
        "propose_consent",
        "Propose a consent; every flaw at once",
        led="collection",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Consent,
        status=201,
        body=Proposal,
        example=CONSENT,
        idempotent=True,
    ),
)
async def propose_consent(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    body, hub = await read_body(request, consent_words.PROPOSAL), hub_of(request)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request),
            lambda tx: consents.propose(hub, caller, body, tx),
            lambda tx, kept: consents.view(hub, caller, tx, kept["id"]),
        )
    )


@router.post(
    "/v1/consents/preview",
    **operation(
        "preview_consent",
        "What each named recipient would see",
        led="consultation",
        scope=Scope.CONSENTS_WRITE,
        answer=a.PreviewAnswer,
        body=Proposal,
        example=CONSENT,
    ),
)
async def preview_consent(request: Request) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    body = await read_body(request, consent_words.PROPOSAL)
    return answer_preview(await preview(hub_of(request), caller, body))


@router.get(
    "/v1/consents/{consent_id}",
    **operation(
        "show_consent",
        "One consent of this clinic",
        led="consultation",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Consent,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def show_consent(request: Request, consent_id: str) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    query(request)
    return answer(await consents.show(hub_of(request), caller, consent_id))


@router.post(
    "/v1/consents/{consent_id}/signatures",
    **operation(
        "sign_consent",
        "Add signatures and attestations; activates once nothing is missing",
        led="collection",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Consent,
        status=201,
        body=Signing,
        example=SIGNING,
        parameters=(ID,),
        idempotent=True,
        problems=(404, 409),
    ),
)
async def sign_consent(request: Request, consent_id: str) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    body, hub = await read_body(request, consents.SIGNING), hub_of(request)
    return answer_once(
        await once(
            hub,
            caller,
            once_of(request, narrowing=True),
            lambda tx: signatures.sign(hub, caller, consent_id, body, tx),
            lambda tx, kept: consents.view(hub, caller, tx, kept["id"]),
        )
    )


@router.post(
    "/v1/consents/{consent_id}/decline",
    **operation(
        "decline_consent",
        "The patient says no to a proposal",
        led="alteration",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Consent,
        parameters=(ID,),
        problems=(404, 409),
    ),
)
async def decline_consent(request: Request, consent_id: str) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    query(request)
    return answer(await consents.decline(hub_of(request), caller, consent_id))


@router.get(
    "/v1/patients/{patient_id}/consents",
    **operation(
        "list_consents",
        "The consents of one patient",
        led="consultation",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Consents,
        parameters=(PATIENT,),
        problems=(404,),
    ),
)
async def list_consents(request: Request, patient_id: str) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    query(request)
    return answer_items(await consents.listed(hub_of(request), caller, patient_id))


@router.post(
    "/v1/patients/{patient_id}/revocations",
    **operation(
        "revoke",
        "Revoke consents whole or in part; 202 while any part is pending",
        led="alteration",
        scope=Scope.CONSENTS_WRITE,
        answer=a.Revoked,
        shows=REVOKED,
        also={202: a.Revoked},
        body=RevocationRequest,
        example=REVOCATION,
        parameters=(PATIENT,),
        idempotent=True,
        problems=(404,),
    ),
)
async def revoke(request: Request, patient_id: str) -> Response:
    caller = await admit_clinic(request, Scope.CONSENTS_WRITE)
    body, hub = await read_body(request, REVOCATION_BODY), hub_of(request)
    chosen = desk.selection(body.all, body.consents, body.recipients, body.elements, body.purposes)
    received, this = revocations.Desk(body.received_at, body.channel), once_of(request, narrowing=True)
    committed = await once(
        hub,
        caller,
        this,
        lambda tx: revocations.revoke(hub, caller, patient_id, chosen, received, tx),
        lambda tx, kept: statuses.again(caller, tx, kept),
    )
    return answer(desk.body_of(committed), 202 if committed.value[1]["state"] == "pending" else 200)
