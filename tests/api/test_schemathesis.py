"""The running service against its own contract: generated requests, sound and broken, with valid tokens."""

import copy
import os
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.sandbox.party import Party
from app.vocabulary import SCOPES_OF_ROLE, Role, Scope
from tests.api.contract import document, operations
from tests.api.replay import CLIENTS, JUDGE, STAFF, STEPS, carry_out, filled
from tests.service import Server, run, server

GENERATING: Final = settings(
    max_examples=int(os.environ.get("THROUGHCARE_REQUESTS", "25")),
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
"""THROUGHCARE_REQUESTS for each operation, 25 unless set: some 800, the same in every run."""
CHECKS: Final = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Server, dict[str, str], dict[str, str]]]:
    """A real server; the tokens of a court's and a clinic's client; ids of things that each of them has."""
    with server("sqlite") as (process, clients):
        tokens: dict[str, str] = {}
        known: dict[str, str] = {}

        @run
        async def prepare() -> None:
            async with httpx.AsyncClient(base_url=process.base_url) as http:
                for name in CLIENTS:
                    tokens[name] = await Party(http, clients[name], f"{process.base_url}/oauth/token").token()
                for step in STEPS[: [step.operation for step in STEPS].index("revoke")]:
                    await carry_out(step, http, clients, known, tokens)

        prepare()
        yield process, tokens, known


SCHEMA: Final = schemathesis.openapi.from_dict(document())
OPERATIONS: Final = {described["operationId"]: SCHEMA[path][method] for method, path, described in operations()}


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_operation(name: str, running: tuple[Server, dict[str, str], dict[str, str]]) -> None:
    """No 5xx, no undocumented status or content type, no body beside its schema; of its own ids and of any."""
    process, tokens, known = running
    operation = OPERATIONS[name]
    example = _example(operation.definition.raw, known)
    drawn = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @GENERATING
    @given(case=drawn, client=st.sampled_from(_able(operation.definition.raw)), data=st.data())
    def sent(case: Any, client: str, data: st.DataObject) -> None:
        if data.draw(st.booleans()):  # its own ids, and of its body only a few members generated
            mine = {name: known[name] for name in case.path_parameters or {} if name in known}
            case.path_parameters = {**(case.path_parameters or {}), **mine}
            if any(one["name"] == "case" for one in operation.definition.raw["parameters"]):
                case.query = {**(case.query or {}), "case": known["case_id"], "purpose": "condition_monitoring"}
            if example and isinstance(case.body, dict):
                few = data.draw(st.sets(st.sampled_from(sorted(case.body)), max_size=2)) if case.body else set()
                case.body = example | {member: case.body[member] for member in few}
        answer = case.call(base_url=process.base_url, headers={"Authorization": f"Bearer {tokens[client]}"})
        case.validate_response(answer, checks=CHECKS)

    sent()


def _able(operation: dict[str, Any]) -> list[str]:
    """The clients whose role holds the operation's scope; what the others get is in the walk over the routes."""
    scopes = {JUDGE: SCOPES_OF_ROLE[Role.JUDGE], STAFF: SCOPES_OF_ROLE[Role.CLINIC_STAFF]}
    needed = operation.get("x-scope")
    return [name for name, held in scopes.items() if needed is None or Scope(needed) in held]


def _example(operation: dict[str, Any], known: dict[str, str]) -> dict[str, Any]:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    example: dict[str, Any] = filled(content["example"], known) if content else {}
    return example


def test_an_undocumented_status_would_be_told(running: tuple[Server, dict[str, str], dict[str, str]]) -> None:
    """The same checks against a contract that forgot its 401."""
    process, _, _ = running
    forgetful = copy.deepcopy(document())
    del forgetful["paths"]["/v1/me"]["get"]["responses"]["401"]
    case = schemathesis.openapi.from_dict(forgetful)["/v1/me"]["GET"].Case()
    with pytest.raises(FailureGroup, match="Undocumented status code"):
        case.validate_response(case.call(base_url=process.base_url), checks=CHECKS)
