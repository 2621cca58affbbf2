"""The story's core with a typed client that openapi-python-client made of openapi.yaml; see docs/court-integration.md.

    openapi-python-client generate --path openapi.yaml --meta none --output-path throughcare_client

Environment: THROUGHCARE_URL, and for each side COURT_ and CLINIC_: CLIENT, KEY (file with the private JWK), UNIT.
"""

import json
import os
import time
import uuid
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any, TypeVar

from jose import jwt
from throughcare_client import AuthenticatedClient, Client, models
from throughcare_client.api.cases import register_case
from throughcare_client.api.consents import propose_consent, revoke, sign_consent
from throughcare_client.api.identity import authorization_server, issue_token
from throughcare_client.api.patients import add_patient
from throughcare_client.api.referrals import list_referrals, match_referral, respond_to_referral, send_referral
from throughcare_client.api.reports import file_treatment_status, read_treatment_statuses
from throughcare_client.types import Response

URL = os.environ["THROUGHCARE_URL"]
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
T = TypeVar("T")


def must(kind: type[T], answer: Response[Any]) -> T:
    """The body, if it is of the kind that is expected; every other answer of the operation has another type."""
    if not isinstance(answer.parsed, kind):
        raise SystemExit(f"{answer.status_code}: {answer.content.decode()}")
    return answer.parsed


def connect(side: str) -> AuthenticatedClient:
    """A client of this side with a token of its own, by private_key_jwt."""
    key, client = json.loads(Path(os.environ[f"{side}_KEY"]).read_text()), os.environ[f"{side}_CLIENT"]
    anonymous, now = Client(base_url=URL), int(time.time())
    server = must(models.AuthorizationServer, authorization_server.sync_detailed(client=anonymous))
    claims = {"iss": client, "sub": client, "aud": server.token_endpoint, "iat": now, "exp": now + 60}
    signed = jwt.encode(claims | {"jti": str(uuid.uuid4())}, key, key["alg"], headers={"kid": key["kid"]})
    body = models.IssueTokenBody(
        grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, client_assertion=signed
    )
    token = must(models.TokenAnswer, issue_token.sync_detailed(client=anonymous, body=body))
    return AuthenticatedClient(base_url=URL, token=token.access_token)


def refer(court: AuthenticatedClient) -> tuple[str, str]:
    """The case_id and the referral."""
    docket = models.CaseIdentifier(type_=models.CaseIdentifierType.DOCKET, value="CR-2026-0991")
    registration = models.CaseRegistration(imposing_unit=os.environ["COURT_UNIT"], identifiers=[docket])
    case = must(models.Case, register_case.sync_detailed(client=court, body=registration))
    referral = models.Referral(
        recipient=os.environ["CLINIC_UNIT"],
        case_id=case.case_id,
        stage=models.Stage.TRIAL,
        person=models.Person(given_name="Maria", sur_name="Lopez", birth_date=date(1991, 4, 12)),
        conditions=models.Conditions(service_asked=models.Service.OUTPATIENT),
    )
    sent = send_referral.sync_detailed(client=court, body=referral, idempotency_key=f'"{uuid.uuid4()}"')
    return case.case_id, must(models.SentReferral, sent).id


def accept(clinic: AuthenticatedClient, referral: str) -> str:
    """The patient's id, after the referral was found, matched and accepted."""
    found = must(models.Referrals, list_referrals.sync_detailed(client=clinic))
    if referral not in {one["id"] for one in found.items}:
        raise SystemExit("the referral is not on the list")
    who = models.NewPatient(given_name="Maria", sur_name="Lopez", birth_date=date(1991, 4, 12))
    patient = must(models.Patient, add_patient.sync_detailed(client=clinic, body=who)).id
    match_referral.sync_detailed(referral, client=clinic, body=models.Match(patient_id=patient))
    accepted = models.ReferralResponse(decision=models.Decision.ACCEPTED)
    must(models.Responded, respond_to_referral.sync_detailed(referral, client=clinic, body=accepted))
    return patient


def consent(clinic: AuthenticatedClient, patient: str, referral: str) -> str:
    """The state after proposal and signature."""
    now = datetime.now(UTC).replace(microsecond=0)
    proposal = models.Proposal.from_dict(
        {
            "patient_id": patient,
            "kind": "named_disclosure",
            "referral_id": referral,
            "subject": {"name_on_form": "Maria Lopez"},
            "disclosers": [os.environ["CLINIC_UNIT"]],
            "recipients": [{"org_unit": os.environ["COURT_UNIT"], "role": "judge"}],
            "purposes": ["condition_monitoring"],
            "elements": ["enrolment.status"],
            "expiry": {"at": (now.date() + timedelta(days=365)).isoformat()},
            "statements": {"revocation": True},
        }
    )
    made = must(models.Consent, propose_consent.sync_detailed(client=clinic, body=proposal))
    signature = models.Signature(
        role=models.SignatureRole.PATIENT,
        name="Maria Lopez",
        method=models.SignatureMethod.WET,
        signed_at=now,
        evidence_hash="sha256:" + "0" * 64,
    )
    signing = models.Signing.from_dict(
        {
            "signatures": [signature.to_dict()],
            "capacity": {"status": "presumed", "assessed_by": "N. Reyes", "at": now.isoformat()},
            "notice_given": {"version": "2026-02", "at": now.isoformat(), "language": "en"},
            "copy_given_at": now.isoformat(),
        }
    )
    return must(models.Consent, sign_consent.sync_detailed(made.id, client=clinic, body=signing)).state


def report(clinic: AuthenticatedClient, patient: str) -> None:
    """This week's status."""
    monday = date.today() - timedelta(days=date.today().weekday())
    status = models.TreatmentStatus(
        patient_id=patient,
        period=models.Period(start=monday, end=monday + timedelta(days=6)),
        status=models.EnrolmentStatus.ACTIVE,
    )
    must(models.Filed, file_treatment_status.sync_detailed(client=clinic, body=status))


def seen(court: AuthenticatedClient, case_id: str) -> list[str]:
    """What the court may read, as plain lines."""
    answer = read_treatment_statuses.sync_detailed(client=court, case=case_id, purpose="condition_monitoring")
    items = must(models.ItemsAnswer, answer).items
    return [f"{name} = {item.elements[name].value}" for item in items for name in sorted(item.elements.additional_keys)]


def main() -> None:
    court, clinic = connect("COURT"), connect("CLINIC")
    case_id, referral = refer(court)
    patient = accept(clinic, referral)
    report(clinic, patient)
    print("before:", seen(court, case_id))
    print("consent:", consent(clinic, patient, referral))
    print("under it:", seen(court, case_id))
    taken = models.RevocationRequest(all_=True)
    revoked = must(models.Revoked, revoke.sync_detailed(patient, client=clinic, body=taken))
    print("revocation:", revoked.state)
    print("after:", seen(court, case_id))
    stranger = register_case.sync_detailed(
        client=clinic, body=models.CaseRegistration(imposing_unit=os.environ["COURT_UNIT"], identifiers=[])
    )
    problem = must(models.ProblemDocument, stranger)
    print("a clinic registers no case:", stranger.status_code == HTTPStatus.FORBIDDEN, problem.code)


if __name__ == "__main__":
    main()
