"""The worked examples of the contract in an order in which each can be carried out, with the client that may."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx

from app.routers.examples_transfer import TREATMENT_CONSENT
from tests.api.contract import operation

Clients = dict[str, dict[str, Any]]
JUDGE: Final = "c-court-treatment-judge"
STAFF: Final = "c-clinic-harbor-clinic-staff"
NURSE: Final = "c-prison-health-prison-clinician"
OFFICER: Final = "c-privacy-privacy-officer"
"""Of the office that the clinic appointed: where two persons have to agree, the second."""


@dataclass(frozen=True)
class Step:
    """One operation carried out by one client; ``keeps`` names answer member -> placeholder for later steps.

    A member inside others is named by the way to it, as ``items/0/id``.

    ``body`` stands in for the operation's own example where a later step needs another one to have been carried out.
    """

    operation: str
    client: str | None = None
    keeps: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None


STEPS: Final = (
    Step("issue_token", JUDGE),
    *(Step(name) for name in ("authorization_server", "jwks", "healthz", "readyz")),
    *(Step(name, JUDGE) for name in ("me", "units", "vocabulary")),
    Step("me", STAFF, (("unit_id", "unit_id"),)),
    *(Step(name, STAFF) for name in ("show_unit", "describe_unit")),
    Step("register_case", JUDGE, (("case_id", "case_id"),)),
    Step("add_case_identifier", JUDGE),
    Step("send_referral", JUDGE, (("id", "referral_id"),)),
    Step("list_referrals", JUDGE),
    Step("list_referrals", STAFF),
    Step("show_referral", STAFF),
    Step("request_consent", JUDGE),
    Step("list_consent_requests", STAFF),
    Step("add_patient", STAFF, (("id", "patient_id"),)),
    Step("find_patients", STAFF),
    Step("show_patient", STAFF),
    Step("add_patient", STAFF, (("id", "other_patient_id"),)),
    Step("merge_patients", STAFF),
    Step("unmerge_patients", STAFF),
    Step("list_incidents", STAFF, (("items/0/id", "incident_id"),)),
    Step("assess_incident", STAFF),
    Step("match_referral", STAFF),
    Step("respond_to_referral", STAFF),
    Step("show_referral", JUDGE),
    Step("file_assessment", STAFF, (("id", "assessment_id"),)),
    Step("file_treatment_status", STAFF, (("id", "status_id"),)),
    *(Step(name, STAFF) for name in ("file_treatment_statuses", "list_reports_due")),
    Step("preview_consent", STAFF),
    Step("propose_consent", STAFF, (("id", "consent_id"),)),
    Step("show_consent", STAFF),
    *(Step(name, STAFF) for name in ("consent_templates", "consent_form")),
    Step("sign_consent", STAFF),
    Step("list_consents", STAFF),
    Step("read_treatment_statuses", JUDGE),
    Step("read_assessments", JUDGE),
    *(Step(name, JUDGE) for name in ("search_assessments", "search_treatment_statuses", "read_report", "list_events")),
    Step("add_webhook", JUDGE, (("id", "webhook_id"),)),
    *(Step(name, JUDGE) for name in ("list_webhooks", "end_webhook")),
    Step("record_disclosure", STAFF),
    Step("list_disclosures", STAFF, (("items/1/disclosure_id", "disclosure_id"),)),
    Step("explain_disclosure", OFFICER, (("consultation_id", "consultation_id"),)),
    Step("explain_consultation", OFFICER),
    *(Step(name, STAFF) for name in ("show_own_record", "export_patient", "list_intermediary_disclosures")),
    Step("request_restriction", STAFF, (("id", "restriction_id"),)),
    *(Step(name, STAFF) for name in ("list_restrictions", "decide_restriction", "end_restriction")),
    Step("register_request", STAFF, (("id", "request_id"),)),
    *(Step(name, STAFF) for name in ("extend_request", "answer_request", "list_requests")),
    Step("place_hold", STAFF, (("id", "hold_id"),)),
    *(Step(name, STAFF) for name in ("list_holds", "lift_hold")),
    Step("suspend_accounting", OFFICER),
    Step("list_accounting_suspensions", OFFICER),
    *(Step(name, STAFF) for name in ("retract_assessment", "retract_treatment_status")),
    Step("revoke", STAFF),
    Step("propose_consent", STAFF, (("id", "consent_id"),)),
    Step("decline_consent", STAFF),
    Step("report_consent_error", STAFF),
    Step("list_reviews", STAFF),
    Step("propose_consent", STAFF, (("id", "consent_id"),), TREATMENT_CONSENT),
    Step("sign_consent", STAFF),
    Step("suspend_consent", STAFF, (("id", "suspension_id"),)),
    *(Step(name, STAFF) for name in ("lift_suspension", "check_evidence")),
    Step("report_consent_error", STAFF, (("review_id", "review_id"),)),
    Step("show_review", STAFF),
    Step("decide_review", OFFICER),
    Step("send_transfer", STAFF, (("id", "transfer_id"),)),
    *(Step(name, STAFF) for name in ("list_transfers", "show_transfer", "cancel_transfer")),
    Step("change_patient", STAFF),
    Step("enter_court_order", STAFF, (("id", "order_id"),)),
    *(Step(name, STAFF) for name in ("add_mandate", "show_court_order", "list_court_orders")),
    Step("decide_court_order", OFFICER),
    Step("vacate_court_order", STAFF),
    Step("ask_in_emergency", NURSE),
    Step("record_notice", STAFF),
    Step("amend_referral", JUDGE),
    Step("cancel_referral", JUDGE),
    *(Step(name, JUDGE) for name in ("assign_case", "end_case_assignment")),
    Step("add_case_event", JUDGE),
)


CLIENTS: Final = tuple(sorted({step.client for step in STEPS if step.client is not None}))
"""Who carries them out."""


def exercised() -> set[tuple[str, str]]:
    """(method, path template) of every operation that a step carries out."""
    return {operation(step.operation)[:2] for step in STEPS}


def success(documented: dict[str, Any]) -> int:
    """The status that an operation documents for having been carried out: the lowest of 200 and above."""
    return min(int(status) for status in documented["responses"] if status.startswith("2"))


def filled(value: Any, known: dict[str, str]) -> Any:
    """An example with its ``{name}`` placeholders filled in; KeyError for one that no earlier step gave."""
    if isinstance(value, dict):
        return {name: filled(part, known) for name, part in value.items()}
    if isinstance(value, list):
        return [filled(part, known) for part in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return known[value[1:-1]]
    return value


def member_of(body: Any, way: str) -> Any:
    """The member of an answer that a step keeps, by the way to it."""
    for part in way.split("/"):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body


def _key(step: Step, known: dict[str, str]) -> str:
    return f"{step.operation}-{len(known)}" + ("" if step.body is None else "-other")


async def carry_out(
    step: Step, http: httpx.AsyncClient, clients: Clients, known: dict[str, str], tokens: dict[str, str]
) -> httpx.Response:
    """Send the operation's own example, with its required parameters, and keep what later steps need."""
    method, template, documented = operation(step.operation)
    path, query, headers = template, {}, {}
    for parameter in documented["parameters"]:
        name, place = parameter["name"], parameter["in"]
        if place == "path":
            path = path.replace(f"{{{name}}}", known[name])
        elif place == "query" and parameter["required"]:
            query[name] = known["case_id"] if name == "case" else parameter["example"]
        elif place == "header":
            # An example of a key is one key: every step is a request of its own.
            headers[name] = parameter["example"] if name != "Idempotency-Key" else f'"{_key(step, known)}"'
    content: dict[str, Any] = {}
    for kind, described in documented.get("requestBody", {}).get("content", {}).items():
        example = filled(described["example"] if step.body is None else dict(step.body), known)
        content = {"json": example} if kind == "application/json" else {"data": example}
    if step.client is not None and documented["security"]:
        headers["Authorization"] = f"Bearer {tokens[step.client]}"
    elif step.client is not None:
        headers["Authorization"] = basic(clients[step.client])
    answer = await http.request(method, path, params=query, headers=headers, **content)
    if answer.is_success:
        known.update({name: member_of(answer.json(), member) for member, name in step.keeps})
    return answer


def basic(client: dict[str, Any]) -> str:
    """client_secret_basic of a sandbox client (RFC 6749 2.3.1)."""
    return "Basic " + base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
