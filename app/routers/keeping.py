"""Who looks after the record of a discloser: itself, and the privacy office that it appointed."""

from starlette.requests import Request

from app.errors import Forbidden
from app.exchange.authenticate import Caller
from app.routers.asking import CARE, admit
from app.vocabulary import AgencyKind, Scope


async def admit_keeper(request: Request, scope: Scope) -> Caller:
    """A discloser or a privacy office; a justice actor never gets here, whatever its token says."""
    caller = await admit(request, scope)
    if caller.kind not in (*CARE, AgencyKind.PRIVACY_OFFICE):
        raise Forbidden("kind_not_allowed", "Only a clinic, prison health unit or privacy office may do this.")
    return caller
