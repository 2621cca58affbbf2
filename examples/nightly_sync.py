"""nightly_sync.py STATE CASES: ask which cases have news, and read those alone. See docs/court-integration.md.

STATE is a file that holds the place in the feed between two nights; CASES has a case_id of yours on each line, and is
used only when the place has grown too old (30 days) or there is none yet. Prints one JSON line for each item read.
Nothing tells you that something ended: what was read last night is read again before it is used.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from session import Refused, Session

SEARCH = {"treatment_status": "/v1/treatment-statuses/search", "assessment": "/v1/assessments/search"}
MOST = 200
"""Cases in one search, and entries in one page of the feed."""


def news(session: Session, after: str | None) -> tuple[list[dict[str, Any]], str]:
    """Everything since a place in the feed, and the place that it reaches to."""
    found: list[dict[str, Any]] = []
    while True:
        page = session.get("/v1/events", limit=str(MOST), **({"after": after} if after else {}))
        found, after = found + page["items"], page["next"]
        if len(page["items"]) < MOST:
            return found, page["next"]


def read(session: Session, kind: str, purpose: str, cases: list[str]) -> Iterable[dict[str, Any]]:
    """What may be read of one kind in these cases: up to 200 in one request, or the report of each."""
    if kind in SEARCH:
        for at in range(0, len(cases), MOST):
            body = {"cases": cases[at : at + MOST], "purpose": purpose}
            for result in session.send("POST", SEARCH[kind], body)["results"]:
                yield from result["items"]
    else:
        for case_id in cases:
            report = session.get(f"/v1/cases/{case_id}/report", purpose=purpose)
            yield from (item for item in report["items"] if item["kind"] == kind)


def sync(session: Session, state: Path, cases: Path) -> None:
    """One night. The place is kept last, so that a night that broke off is done again."""
    wanted: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    try:
        entries, reached = news(session, state.read_text().strip() if state.exists() else None)
    except Refused as refused:
        if refused.code != "cursor_too_old":
            raise
        entries, reached = [], news(session, None)[1]  # first the place, then the cases: what comes between is kept
        for purpose in session.get("/v1/me")["purposes"]:
            for kind in (*SEARCH, "referral"):
                wanted[kind, purpose] = dict.fromkeys(cases.read_text().split())
    for entry in entries:
        wanted[entry["kind"], entry["purpose"]][entry["case_id"]] = None
    for (kind, purpose), named in wanted.items():
        for item in read(session, kind, purpose, list(named)):
            print(json.dumps({"purpose": purpose} | item, sort_keys=True))
    told = len({case_id for named in wanted.values() for case_id in named})
    print(f"{told} cases with news", file=sys.stderr)
    fresh = state.with_suffix(".new")
    fresh.write_text(reached)
    os.replace(fresh, state)


if __name__ == "__main__":
    try:
        sync(Session(), Path(sys.argv[1]), Path(sys.argv[2]))
    except Refused as told:
        raise SystemExit(str(told)) from None
