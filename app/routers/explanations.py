"""Why something was told or refused, for the patient side and the privacy officer. No justice unit reads one."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import explanations
from app.exchange.consent_forms import spoken
from app.routers.answering import answer
from app.routers.asking import hub_of, query
from app.routers.keepers import OFFICER, PATIENT_ID, admit_keeper
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.vocabulary import Scope

router = APIRouter(tags=["patients"])
DISCLOSURE = Parameter("disclosure_id", "The disclosure, as the accounting names it.", "0" * 32, place="path")
CONSULTATION = Parameter("consultation_id", "The look, as an explanation names it.", "0" * 32, place="path")
LANG = Parameter("lang", "Language of the sentences: en (default) or es.", "en")


@router.get(
    "/v1/patients/{patient_id}/disclosures/{disclosure_id}/explanation",
    **operation(
        "explain_disclosure",
        "Why something was told of a patient: the consents considered and the rule for each element",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Explanation,
        parameters=(PATIENT_ID, DISCLOSURE, LANG),
        problems=(404,),
    ),
)
async def explain_disclosure(request: Request, patient_id: str, disclosure_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_READ), hub_of(request)
    wording = spoken(query(request, "lang").get("lang", "en"))[-1]
    return answer(await explanations.of_disclosure(hub, caller, patient_id, disclosure_id, wording))


@router.get(
    "/v1/consultations/{consultation_id}/explanation",
    **operation(
        "explain_consultation",
        "Why a look was answered as it was, also where it released nothing",
        led="consultation",
        scope=Scope.ACCOUNTING_READ,
        answer=a.Explanation,
        parameters=(CONSULTATION, LANG),
        problems=(404,),
    ),
)
async def explain_consultation(request: Request, consultation_id: str) -> Response:
    caller, hub = await admit_keeper(request, Scope.ACCOUNTING_READ, OFFICER), hub_of(request)
    wording = spoken(query(request, "lang").get("lang", "en"))[-1]
    return answer(await explanations.of_consultation(hub, caller, consultation_id, wording))
