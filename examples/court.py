"""A court's or a police unit's system: whoami, refer, read, watch. See docs/court-integration.md and session.py."""

import argparse
import json
import sys
import time
from typing import Any

from session import Refused, Session


def whoami(session: Session, chosen: argparse.Namespace) -> None:
    """Who the service takes you for, and what you may ask for: the first thing to look at."""
    print(json.dumps(session.get("/v1/me"), indent=2))


def refer(session: Session, chosen: argparse.Namespace) -> None:
    """Register the case (the same words give the same case_id ever after) and refer; prints case_id and referral."""
    imposing = session.get("/v1/me")["unit_id"]
    identifiers = [{"type": "docket", "value": chosen.docket}]
    case = session.send("POST", "/v1/cases", {"imposing_unit": imposing, "identifiers": identifiers})
    referral = {
        "recipient": chosen.clinic,
        "case_id": case["case_id"],
        "stage": "trial",
        "person": {"given_name": chosen.given, "sur_name": chosen.family, "birth_date": chosen.born},
        "conditions": {"service_asked": "outpatient", "cadence": "P1W", "attendance_threshold": 2},
        # Your own id of what you send. Should everything else be lost, the same referral is never stored twice.
        "identifier": {"system": "urn:example:referrals", "value": chosen.docket},
    }
    print(case["case_id"], session.send("POST", "/v1/referrals", referral)["id"])


def read(session: Session, chosen: argparse.Namespace) -> None:
    """What the patient lets this unit see at this moment."""
    show(statuses(session, chosen))


def watch(session: Session, chosen: argparse.Namespace) -> None:
    """Read again and again until there is something, through whatever happens meanwhile."""
    while not (found := statuses(session, chosen))["items"]:
        print("nothing", file=sys.stderr, flush=True)
        time.sleep(chosen.every)
    show(found)


def statuses(session: Session, chosen: argparse.Namespace) -> Any:
    return session.get("/v1/treatment-statuses", case=chosen.case, purpose=chosen.purpose)


def show(found: Any) -> None:
    """Members that you do not know are to be passed over: a later version may add some."""
    for item in found["items"]:
        when = item["period"]["start"] if "period" in item else "current"
        for element, said in sorted(item["elements"].items()):
            print(f"{when} {element} = {json.dumps(said['value'])} ({said['epistemic']})")
    if not found["items"]:
        print(f"Nothing. {found['meaning']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(required=True)
    for command in (whoami, refer, read, watch):
        one = commands.add_parser(command.__name__, help=command.__doc__)
        one.set_defaults(run=command)
        if command is refer:
            one.add_argument("--clinic", required=True, help="id of the clinic's unit, from GET /v1/units")
            one.add_argument("--docket", required=True)
            for name in ("given", "family", "born"):
                one.add_argument(f"--{name}", required=True)
        if command in (read, watch):
            one.add_argument("case")
            one.add_argument("--purpose", default="condition_monitoring")
        if command is watch:
            one.add_argument("--every", type=float, default=60, help="seconds between two reads")
    chosen = parser.parse_args()
    try:
        chosen.run(Session(), chosen)
    except Refused as refused:
        raise SystemExit(str(refused)) from None


if __name__ == "__main__":
    main()
