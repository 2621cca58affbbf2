"""Reading a request at the edge: who calls, with which scope, which parameters. Syntax before any look-up."""

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request

from app.errors import Flaw, Forbidden, Invalid, Unauthenticated
from app.exchange import clock
from app.exchange.authenticate import Caller, authenticate, require
from app.exchange.hub import Hub
from app.exchange.idempotent import Once
from app.routers.refusals import RangeRefused
from app.vocabulary import AgencyKind, Purpose, Scope

CARE: Final = frozenset({AgencyKind.CLINIC, AgencyKind.PRISON_HEALTH})
_KEY: Final = re.compile(r'^"?([\x21\x23-\x5b\x5d-\x7e]{1,128})"?$')
_PLAIN: Final = re.compile(r"^[\x21-\x7e]{1,512}$")


def hub_of(request: Request) -> Hub:
    """The running service; once a justice caller is admitted, as that caller reaches it."""
    hub: Hub = getattr(request.state, "hub", None) or request.app.state.hub
    return hub


async def admit(request: Request, scope: Scope) -> Caller:
    """The caller of this request, with the scope it needs; 401, 429 or 403 before anything is looked up."""
    if len(request.headers.getlist("authorization")) > 1:
        # Whoever stands before the service may have checked the other one.
        raise Unauthenticated("invalid_token", "Send one Authorization header.")
    caller = await authenticate(
        hub_of(request),
        request.headers.get("authorization"),
        request.headers.get("acting-user"),
        request.state.request_id,
    )
    request.state.client_id, request.state.unit_id = caller.client, caller.unit
    hub = hub_of(request)
    await hub.allowances.spend(hub.database, caller.client, clock.seconds())
    request.state.leave = hub.allowances.enter(caller.client)  # the edge calls it when all is over
    require(caller, scope)
    if caller.is_justice:
        request.state.hub = hub_of(request).behind(caller.proof)
    return caller


async def admit_clinic(request: Request, scope: Scope) -> Caller:
    """A caller that treats patients; a justice actor never gets here, whatever its token says."""
    caller = await admit(request, scope)
    if caller.kind not in CARE:
        raise Forbidden("kind_not_allowed", "Only a clinic or prison health unit may do this.")
    return caller


async def admit_justice(request: Request, scope: Scope) -> Caller:
    """A caller whose answers pass the gate."""
    caller = await admit(request, scope)
    if not caller.is_justice:
        raise Forbidden("kind_not_allowed", "Only a justice unit may do this.")
    return caller


def query(request: Request, *allowed: str, required: tuple[str, ...] = (), text: bool = False) -> Mapping[str, str]:
    """The query parameters, each once and known; a filter that would be ignored could widen the answer."""
    found: dict[str, str] = {}
    flaws = []
    for name, value in request.query_params.multi_items():
        if name not in (*allowed, *required):
            flaws.append(Flaw("", "parameter_unknown", f"Known parameters: {', '.join((*required, *allowed))}."))
        elif name in found or not _PLAIN.match(value):
            flaws.append(Flaw("", "parameter_invalid", f"Give {name} once, as 1 to 512 visible ASCII characters."))
        found[name] = value
    flaws += [
        Flaw("", "parameter_missing", f"The parameter {name} is required.") for name in required if name not in found
    ]
    if flaws:
        raise Invalid(tuple(dict.fromkeys(flaws)))
    return found


def whole(request: Request) -> None:
    """A gated answer is given and recorded whole: a part of it has no record of its own."""
    if "range" in request.headers:
        raise RangeRefused


def number(parameters: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A whole number from 1 to ``most``."""
    text = parameters.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and 1 <= int(text) <= most):
        raise Invalid((Flaw("", "parameter_invalid", f"{name} is a whole number from 1 to {most}."),))
    return int(text)


def within(pointer: str, value: int, most: int) -> int:
    """A whole number of a body, from 1 to ``most``."""
    if not 1 <= value <= most:
        raise Invalid((Flaw(pointer, "number_out_of_range", f"This is a whole number from 1 to {most}."),))
    return value


def chosen(parameters: Mapping[str, str], name: str, offered: tuple[str, ...]) -> str:
    """One of the offered words; the first if none is named."""
    text = parameters.get(name, offered[0])
    if text not in offered:
        raise Invalid((Flaw("", "parameter_invalid", f"{name} is one of {', '.join(offered)}."),))
    return text


def form_of(request: Request, parameters: Mapping[str, str], media_type: str, name: str) -> str:
    """``json`` or ``name``, its other form: ``format`` says which, or else an ``Accept`` that names that one alone."""
    accepted = {kind.partition(";")[0].strip().lower() for kind in request.headers.get("accept", "").split(",")}
    other = media_type in accepted and "application/json" not in accepted
    return chosen(parameters, "format", (name, "json") if other else ("json", name))


def purpose_of(text: str) -> Purpose:
    """A known purpose."""
    try:
        return Purpose(text)
    except ValueError:
        known = ", ".join(purpose.value for purpose in Purpose)
        raise Invalid((Flaw("", "purpose_unknown", f"purpose is one of {known}."),)) from None


def once_of(request: Request, *, status: int = 201, narrowing: bool = False) -> Once:
    """How this creating request is told apart from another."""
    header = request.headers.get("idempotency-key")
    found = _KEY.match(header) if header is not None else None
    if header is not None and found is None:
        detail = "Idempotency-Key is 1 to 128 visible ASCII characters, quoted or bare."
        raise Invalid((Flaw("", "idempotency_key_malformed", detail),))
    body: Any = request.state.raw_body
    return Once(request.url.path, found.group(1) if found else None, body, status, narrowing)
