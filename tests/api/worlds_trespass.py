"""Every route of the running application, called by observers with ids that are not theirs.

The list is the route table's own, so that a route added tomorrow is called tomorrow. Ids that only the hidden world has
stand against ids that nothing has.
"""

import json
import random
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Route

from tests.api.worlds_clinic import MARIA, week_of
from tests.api.worlds_observers import Observer
from tests.api.worlds_scene import Scene
from tests.api.worlds_visible import Sequence20

IDS: Final = {
    "referral_id": ("police referral", "court referral", "hidden referral", "hidden other referral"),
    "patient_id": ("maria", "hidden patient", "hidden erased"),
    "other_patient_id": ("maria", "hidden patient"),
    "assessment_id": ("hidden message", "hidden retracted"),
    "status_id": ("hidden message", "hidden retracted"),
    "consent_id": ("police consent", "court consent", "hidden consent", "hidden proposal"),
    "suspension_id": ("hidden suspension",),
    "review_id": ("hidden review",),
    "case_id": ("hidden case", "hidden view"),
    "transfer_id": ("hidden transfer",),
    "webhook_id": ("hidden webhook",),
    "restriction_id": ("hidden restriction", "hidden other restriction"),
    "request_id": ("hidden request",),
    "hold_id": ("hidden hold",),
    "order_id": ("hidden order",),
    "disclosure_id": ("hidden disclosure",),
    "consultation_id": ("hidden consultation",),
    "incident_id": ("hidden incident",),
    "name": (),
    "unit_id": (),
}
"""Path parameter -> names under which a scene remembers ids that others would like to know about."""

_NAME: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One method of one route, with the scope it asks for and its worked example."""

    method: str
    path: str
    scope: str | None
    example: Any


def plain_routes(routes: Iterable[Any]) -> Iterator[Route | APIRoute]:
    """Every route, those of included routers in their place.

    Raises:
        TypeError: something in the table is neither, so that nobody would call it.
    """
    for route in routes:
        included = getattr(route, "original_router", None)
        if included is not None:
            yield from plain_routes(included.routes)
        elif isinstance(route, Route | APIRoute):
            yield route
        else:
            raise TypeError(f"{route} is no plain route")


def operations(app: FastAPI) -> list[Operation]:
    """Every operation of the application's own route table."""
    found = []
    for route in plain_routes(app.routes):
        extra = getattr(route, "openapi_extra", None) or {}
        content = extra.get("requestBody", {}).get("content", {})
        example = content.get("application/json", {}).get("example")
        for method in sorted((route.methods or set()) - {"HEAD"}):
            found.append(Operation(method, route.path, extra.get("x-scope"), example))
    return found


def answering(app: FastAPI, method: str, path: str) -> str | None:
    """The template of the route that answers; None if there is no such route."""
    for route in plain_routes(app.routes):
        if method in (route.methods or ()) and route.path_regex.match(path):
            return route.path
    return None


def names_in(operation: Operation) -> list[str]:
    """Names of the ids that an operation takes, in its path and in the body of its example."""
    return [name for name in IDS if f"{{{name}}}" in f"{operation.path} {json.dumps(operation.example)}"]


def _ids(scene: Scene, path: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    names = _NAME.findall(path)
    if not names:
        yield "-", path
        return
    for _ in range(2 if chance.random() < 0.5 else 1):
        labels = {name: chance.choice([*IDS[name], "unknown"]) for name in names}
        yield ", ".join(labels.values()), path.format_map({name: scene.guessed(one) for name, one in labels.items()})


async def trespass(observer: Observer, drawn: Sequence20, chance: random.Random, most: int | None = None) -> None:
    """Call every operation, or ``most`` of them, once or twice with others' ids, also in the body of its example."""
    scene = observer.scene
    every = operations(scene.app)
    for operation in every if most is None else chance.sample(every, most):
        if operation.path in ("/oauth/token", "/docs/assets/{name}", "/openapi.json"):
            continue  # ``look`` calls the first, ``manuals`` the others
        for label, path in _ids(scene, operation.path, chance):
            told = f"{operation.path} {label}"
            if operation.example is None:
                await observer.get(told, path, operation.method)
            else:
                await observer.send(told, path, _body(operation, scene, drawn, chance), operation.method)


def _body(operation: Operation, scene: Scene, drawn: Sequence20, chance: random.Random) -> Any:
    """The worked example, its placeholders filled with ids of others, hidden ones among them."""
    text = json.dumps(operation.example)
    for name, known in IDS.items():
        label = chance.choice([*known, "unknown"])
        text = text.replace(f"{{{name}}}", scene.guessed(label))
    body = json.loads(text)
    if operation.path == "/v1/treatment-statuses":
        hidden = scene.guessed("hidden message")
        body = week_of(drawn.mondays[2], ("missed",), patient_id=body["patient_id"], supersedes=hidden)
    if operation.path == "/v1/assessments":
        body["assessed_on"] = drawn.mondays[0].isoformat()
    return body


async def as_clinic(observer: Observer, chance: random.Random) -> None:
    """The second clinic at work beside the first: its own Maria, and a search for her name."""
    body = MARIA | {"local_id": f"n-{chance.randint(1, 99)}"}
    await observer.send("own patient", "/v1/patients", body, Idempotency_Key=f"p{chance.randint(0, 3)}")
    await observer.send("search", "/v1/patients/search", MARIA)


async def manuals(observer: Observer) -> None:
    """The documentation and each of its files, unconditionally and conditionally."""
    for path in ("/docs", "/openapi.json", "/docs/assets/docs.js", "/docs/assets/nothing.js"):
        answered = await observer.get(path, path)
        await observer.get(f"{path} again", path, If_None_Match=answered.header("etag") or '"none"')
