"""Generated requests that follow one another: what one answers is asked for, answered, amended and ended by the next.

The links are the contract's own dependencies, as the worked examples show them: whatever answer gives an id, every
operation that takes an id of that kind can follow. THROUGHCARE_FUZZ_SECONDS sets how long (10; ``make fuzz``: 600).
"""

import contextlib
import copy
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.vocabulary import SCOPES_OF_ROLE, Role, Scope
from tests.api.contract import document, operation, operations
from tests.api.replay import JUDGE, STAFF, STEPS, carry_out, filled, member_of, success
from tests.attack.wire import Line, line, logged
from tests.service import run

SECONDS = float(os.environ.get("THROUGHCARE_FUZZ_SECONDS", "10"))
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
STEP_BY_STEP = settings(
    max_examples=4,
    stateful_step_count=8,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def linked() -> dict[str, Any]:
    """The contract with a link from every answer that gives an id to every operation that takes one of its kind."""
    contract = copy.deepcopy(document())
    for step in STEPS:
        method, path, documented = operation(step.operation)
        answer = contract["paths"][path][method.lower()]["responses"][str(success(documented))]
        for member, name in step.keeps:
            for _, template, other in operations():
                parameters = {f"path.{name}": f"$response.body#/{member}"} if f"{{{name}}}" in template else {}
                if name == "case_id" and any(one["name"] == "case" for one in other["parameters"]):
                    parameters["query.case"] = f"$response.body#/{member}"
                if parameters:
                    link = {"operationId": other["operationId"], "parameters": parameters}
                    answer.setdefault("links", {})[f"{step.operation} {name} {other['operationId']}"] = link
    return contract


@pytest.fixture(scope="module")
def wire() -> Iterator[Line]:
    """A server of its own: its log is read at the end."""
    with line() as there:
        yield there


def test_what_follows_from_an_answer_meets_the_contract_and_never_fails(wire: Line) -> None:
    """No 5xx, no undocumented status, content type or body, in any order of operations; the log stays JSON."""
    following = _machine(wire)
    begun = len(logged(wire.log))
    until, rounds = time.monotonic() + SECONDS, 0
    while time.monotonic() < until or not rounds:
        if rounds % 10 == 0:
            wire.renew()
        following.TestCase.settings = STEP_BY_STEP
        seed(rounds)(following.TestCase).runTest(following.TestCase())
        rounds += 1
    lines = [one for one in logged(wire.log) if one["event"] == "request"][begun:]
    assert not [one for one in lines if one["status"] >= 500 and one["status"] != 503]
    routes = {one["route"] for one in lines if "route" in one}
    done = {one["route"] for one in lines if "route" in one and one["status"] < 300}
    assert len(routes) > 10 and [route for route in done if "{" in route], "no link was followed to its end"
    print(f"{rounds} rounds, {len(lines)} requests, {len(routes)} routes, {len(done)} with success, {SECONDS:.0f} s")


def _machine(wire: Line) -> Any:
    """Schemathesis's own machine, as clients that may; every other body is the worked example with ids given so far."""
    contract = schemathesis.openapi.from_dict(linked())
    contract.config.update(base_url=wire.process.base_url)
    scopes = {JUDGE: SCOPES_OF_ROLE[Role.JUDGE], STAFF: SCOPES_OF_ROLE[Role.CLINIC_STAFF]}
    known = _begun(wire)
    chance = random.Random(1)

    class Following(contract.as_state_machine()):  # type: ignore[misc]  # made at run time
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            scope = case.operation.definition.raw.get("x-scope")
            able = [name for name, held in scopes.items() if scope is None or Scope(scope) in held]
            return {"headers": {"Authorization": f"Bearer {wire.tokens[able[0]]}"}} if able else {}

        def before_call(self, case: Any) -> None:
            content = case.operation.definition.raw.get("requestBody", {}).get("content", {}).get("application/json")
            if content is not None and chance.random() < 0.5:
                with contextlib.suppress(KeyError):  # no answer gave such an id yet
                    case.body = filled(content["example"], known)
            if chance.random() < 0.5:
                mine = {name: known[name] for name in case.path_parameters or {} if name in known}
                case.path_parameters = {**(case.path_parameters or {}), **mine}

        def after_call(self, response: Any, case: Any) -> None:
            if response.status_code < 300:
                for step in STEPS:
                    if step.operation == case.operation.definition.raw["operationId"]:
                        known.update({name: member_of(response.json(), member) for member, name in step.keeps})

        def validate_response(self, response: Any, case: Any, **more: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    return Following


def _begun(wire: Line) -> dict[str, str]:
    """The worked examples carried out up to the first end, and the ids that they gave."""
    known: dict[str, str] = {}

    @run
    async def begin() -> None:
        async with httpx.AsyncClient(base_url=wire.process.base_url) as http:
            for step in STEPS[: [step.operation for step in STEPS].index("revoke")]:
                await carry_out(step, http, wire.clients, known, wire.tokens)

    begin()
    return known


def test_every_id_that_an_answer_gives_can_be_followed() -> None:
    """No operation with a path parameter of ours is left without a link to it."""
    followed = {
        link["operationId"]
        for methods in linked()["paths"].values()
        for described in methods.values()
        for answer in described["responses"].values()
        for link in answer.get("links", {}).values()
    }
    taking = {documented["operationId"] for _, path, documented in operations() if "{" in path}
    assert taking <= followed
