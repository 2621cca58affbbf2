"""A clinic's system: inbox, accept, report, consent, revoke. See docs/clinic-integration.md and session.py."""

import argparse
import hashlib
import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from session import Refused, Session


def inbox(session: Session, chosen: argparse.Namespace) -> None:
    """The referrals sent to you, oldest first; fetching them tells their senders "delivered" and no more."""
    after: dict[str, str] = {}
    while True:
        page = session.get("/v1/referrals", **after)
        for referral in page["items"]:
            person = referral["person"]
            print(referral["id"], person["given_name"], person["sur_name"], person["birth_date"])
        if "next" not in page:
            return
        after = {"after": page["next"]}


def accept(session: Session, chosen: argparse.Namespace) -> None:
    """Find or add the patient, match the referral with them, accept; prints the patient's id."""
    referral = session.get(f"/v1/referrals/{chosen.referral}")
    who = {name: referral["person"][name] for name in ("given_name", "sur_name", "birth_date")}
    known = session.send("POST", "/v1/patients/search", who)["items"]
    patient = known[0]["id"] if known else session.send("POST", "/v1/patients", who)["id"]
    session.send("PATCH", f"/v1/referrals/{chosen.referral}/patient", {"patient_id": patient})
    session.send("POST", f"/v1/referrals/{chosen.referral}/response", {"decision": "accepted"})
    print(patient)


def report(session: Session, chosen: argparse.Namespace) -> None:
    """File this week's status with its sessions; prints its id. Nothing of it leaves without a consent."""
    monday = date.today() - timedelta(days=date.today().weekday())
    week = {"start": monday.isoformat(), "end": (monday + timedelta(days=6)).isoformat()}
    sessions = [{"date": monday.isoformat(), "outcome": outcome} for outcome in chosen.session]
    body = {"patient_id": chosen.patient, "period": week, "status": "active", "sessions": sessions}
    print(session.send("POST", "/v1/treatment-statuses", body)["id"])


def consent(session: Session, chosen: argparse.Namespace) -> None:
    """Enter the form that the patient signed on paper, then its signature; prints the consent's id."""
    scan = Path(chosen.scan).read_bytes()
    now = datetime.now(UTC).replace(microsecond=0).isoformat()
    form = {
        "patient_id": chosen.patient,
        "kind": "named_disclosure",
        "referral_id": chosen.referral,
        "subject": {"name_on_form": chosen.name},
        "disclosers": [session.get("/v1/me")["unit_id"]],
        "recipients": [{"org_unit": chosen.unit, "role": chosen.role}],
        "purposes": [chosen.purpose],
        "elements": chosen.element,
        "expiry": {"at": chosen.until},
        "statements": {"revocation": True},
    }
    made = session.send("POST", "/v1/consents", form)["id"]
    signature = {"role": "patient", "name": chosen.name, "method": "wet", "signed_at": now}
    signing = {
        "signatures": [signature | {"evidence_hash": f"sha256:{hashlib.sha256(scan).hexdigest()}"}],
        "capacity": {"status": "presumed", "assessed_by": chosen.clerk, "at": now},
        "notice_given": {"version": "2026-02", "at": now, "language": "en"},
        "copy_given_at": now,
    }
    signed = session.send("POST", f"/v1/consents/{made}/signatures", signing)
    if signed["state"] != "active":
        raise SystemExit(f"still missing: {json.dumps(signed['still_missing'])}")
    print(made)


def revoke(session: Session, chosen: argparse.Namespace) -> None:
    """The patient takes everything back; once this has returned, nothing more leaves."""
    body: dict[str, Any] = {"on_behalf_of": "patient", "all": True}
    print(session.send("POST", f"/v1/patients/{chosen.patient}/revocations", body)["state"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    made = {}
    for command in (inbox, accept, report, consent, revoke):
        made[command] = commands.add_parser(command.__name__, help=command.__doc__)
        made[command].set_defaults(run=command)
    made[accept].add_argument("referral")
    for command in (report, consent, revoke):
        made[command].add_argument("patient")
    made[report].add_argument("--session", action="append", default=[], help="attended, excused, missed; repeat")
    consenting = made[consent]
    consenting.add_argument("referral")
    consenting.add_argument("--scan", required=True, help="file with the scanned form; only its hash is sent")
    for name in ("name", "unit", "role", "until", "clerk"):
        consenting.add_argument(f"--{name}", required=True)
    consenting.add_argument("--purpose", default="condition_monitoring")
    consenting.add_argument("--element", action="append", required=True, help="such as enrolment.status; repeat")
    chosen = parser.parse_args()
    try:
        chosen.run(Session(), chosen)
    except Refused as refused:
        raise SystemExit(str(refused)) from None


if __name__ == "__main__":
    main()
