"""Registry facts that anyone with a token may read, and health."""

import orjson
from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from app.exchange import registry, vocabulary
from app.exchange.unit import Committed
from app.routers.answering import answer, answer_items
from app.routers.asking import admit, admit_clinic, hub_of, query
from app.routers.body import read_body
from app.routers.examples import UNIT_DESCRIPTION
from app.schemas import answers as a
from app.schemas.contract import Parameter, operation
from app.schemas.requests_clinic import UnitDescription
from app.vocabulary import AgencyKind, Scope

router = APIRouter(tags=["registry"])
KIND = Parameter("kind", "Kind of agency.", "clinic", schema={"type": "string", "enum": [k.value for k in AgencyKind]})
SERVICE = Parameter("service", "A service that the unit offers.", "outpatient")
LANGUAGE = Parameter("language", "A language in which the unit gives its service, ISO 639.", "es")
ID = Parameter("unit_id", "The unit.", "u-clinic-harbor", place="path")
DESCRIPTION_BODY = TypeAdapter(UnitDescription)


@router.get(
    "/v1/me",
    **operation(
        "me", "The calling client and its assignments", led="consultation", scope=Scope.REGISTRY_READ, answer=a.Me
    ),
)
async def me(request: Request) -> Response:
    caller = await admit(request, Scope.REGISTRY_READ)
    query(request)
    return answer(await registry.me(hub_of(request), caller))


@router.get(
    "/v1/units",
    **operation(
        "units",
        "Registered units",
        led="consultation",
        scope=Scope.REGISTRY_READ,
        answer=a.Units,
        parameters=(KIND, SERVICE, LANGUAGE),
    ),
)
async def units(request: Request) -> Response:
    await admit(request, Scope.REGISTRY_READ)
    asked = query(request, "kind", "service", "language")
    kind = registry.kind_of(asked.get("kind"))
    return answer_items(await registry.units(hub_of(request), kind, asked.get("service"), asked.get("language")))


@router.get(
    "/v1/units/{unit_id}",
    **operation(
        "show_unit",
        "One registered unit",
        led="consultation",
        scope=Scope.REGISTRY_READ,
        answer=a.Unit,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def show_unit(request: Request, unit_id: str) -> Response:
    await admit(request, Scope.REGISTRY_READ)
    query(request)
    return answer(await registry.unit(hub_of(request), unit_id))


@router.patch(
    "/v1/units/{unit_id}",
    **operation(
        "describe_unit",
        "Say what the caller's own unit offers, whether it has room and how long one waits",
        led="alteration",
        scope=Scope.REGISTRY_WRITE,
        answer=a.Unit,
        body=UnitDescription,
        example=UNIT_DESCRIPTION,
        parameters=(ID,),
        problems=(404,),
    ),
)
async def describe_unit(request: Request, unit_id: str) -> Response:
    caller = await admit_clinic(request, Scope.REGISTRY_WRITE)
    query(request)
    body = await read_body(request, DESCRIPTION_BODY)
    said = registry.Description(body.services, body.languages, body.capacity, body.waiting_time)
    return answer(await registry.describe(hub_of(request), caller, unit_id, said))


@router.get(
    "/v1/vocabulary",
    **operation(
        "vocabulary",
        "The closed code lists: elements, ladders, roles, purposes",
        led="consultation",
        scope=Scope.REGISTRY_READ,
        answer=a.Vocabulary,
    ),
)
async def codes(request: Request) -> Response:
    await admit(request, Scope.REGISTRY_READ)
    query(request)
    return answer(vocabulary.document())


@router.get("/healthz", **operation("healthz", "Alive", led="consultation", scope=None, answer=a.Health))
async def healthz(request: Request) -> Response:
    return Response(orjson.dumps({"ok": True}), media_type="application/json")


@router.get(
    "/readyz",
    **operation("readyz", "Ready to serve", led="consultation", scope=None, answer=a.Health, also={503: a.Health}),
)
async def readyz(request: Request) -> Response:
    ready: Committed[bool] = await registry.ready(hub_of(request))
    return Response(orjson.dumps({"ok": ready.value}), 200 if ready.value else 503, media_type="application/json")
