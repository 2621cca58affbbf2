"""Every worked example of the contract, carried out: none of them can lie."""

from typing import Any

import pytest

from tests.api.contract import check, operation, operations, pointer, shape, validator
from tests.api.replay import CLIENTS, JUDGE, STAFF, STEPS, carry_out, exercised, success
from tests.service import DATABASES, run, world


@pytest.mark.parametrize("kind", DATABASES)
@run
async def test_examples_are_carried_out(kind: str) -> None:
    """In order, each with the status it documents, an answer of the documented schema and of the shape shown."""
    async with world(kind) as w:
        tokens = {name: await w.party(name).token() for name in CLIENTS}
        known: dict[str, str] = {}
        answers: dict[str, Any] = {}
        for step in STEPS:
            method, template, documented = operation(step.operation)
            answer = await carry_out(step, w.http, w.clients, known, tokens)
            assert answer.status_code == success(documented), f"{step.operation}: {answer.text}"
            check(answer, method, template)
            answers[f"{step.operation} {step.client}"] = body = answer.json()
            described = documented["responses"][str(answer.status_code)]["content"]["application/json"]
            if "example" in described:
                assert shape(body) == shape(described["example"]), step.operation
        assert answers[f"sign_consent {STAFF}"]["state"] == "active"
        assert "decision" not in answers[f"show_referral {JUDGE}"]
        current, *windows = answers[f"read_treatment_statuses {JUDGE}"]["items"]
        assert set(current["elements"]) == {"enrolment.engaged", "enrolment.status", "progress.plan_change"}
        assert windows[-1]["period"] == {"start": "2026-11-02", "end": "2026-11-08"}
        assert windows[-1]["elements"]["attendance.summary"]["value"] == {
            "offered": 2,
            "attended": 1,
            "excused": 1,
            "missed": 0,
        }
        assert answers[f"revoke {STAFF}"]["consents"][0]["state"] == "revoked"
        assert answers[f"decline_consent {STAFF}"]["state"] == "refused"


def test_every_operation_has_its_examples() -> None:
    """A body has an example that its own schema takes, a parameter one too; every operation is carried out."""
    assert exercised() == {(method, path) for method, path, _ in operations()}
    for method, path, documented in operations():
        at = pointer("paths", path, method.lower())
        for kind, described in documented.get("requestBody", {}).get("content", {}).items():
            schema = validator(at + pointer("requestBody", "content", kind, "schema"))
            assert not list(schema.iter_errors(described["example"])), (method, path)
        for number, parameter in enumerate(documented["parameters"]):
            schema = validator(f"{at}/parameters/{number}/schema")
            example = parameter["example"]
            typed = int(example) if parameter["schema"]["type"] == "integer" else example
            assert not list(schema.iter_errors(typed)), (path, parameter["name"])


def test_shown_answers_meet_their_schema() -> None:
    """The answers that the documentation shows: the reads that cross the gate, and what a revocation says."""
    shown = set()
    for method, path, documented in operations():
        at = pointer("paths", path, method.lower(), "responses")
        for status, described in documented["responses"].items():
            for kind, content in described.get("content", {}).items():
                if "example" in content:
                    shown.add(documented["operationId"])
                    schema = validator(at + pointer(status, "content", kind, "schema"))
                    assert not list(schema.iter_errors(content["example"])), (method, path)
    assert {"read_treatment_statuses", "revoke", "list_disclosures"} <= shown
