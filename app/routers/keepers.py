"""Who acts for the rights of a patient: the clinic that keeps the record, or the privacy office that it appointed."""

from typing import Final

from starlette.requests import Request

from app.errors import Forbidden
from app.exchange.authenticate import Caller
from app.routers.asking import CARE, admit
from app.schemas.contract import Parameter
from app.vocabulary import AgencyKind, Scope

OFFICER: Final = frozenset({AgencyKind.PRIVACY_OFFICE})
PATIENT_ID: Final = Parameter("patient_id", "The clinic's patient.", "0" * 32, place="path")


async def admit_keeper(request: Request, scope: Scope, kinds: frozenset[AgencyKind] = CARE | OFFICER) -> Caller:
    """A caller of one of these kinds; a justice actor never gets here, whatever its token says."""
    caller = await admit(request, scope)
    if caller.kind not in kinds:
        named = " or ".join(sorted(kind.value.replace("_", " ") for kind in kinds))
        raise Forbidden("kind_not_allowed", f"Only a unit of this kind may do this: {named}.")
    return caller
