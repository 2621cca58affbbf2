"""The ways in which a client looks at a person, and what it received spelt as the record spells it."""

import random
import time
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx

from app.sandbox.party import Party
from tests.resilience.race import Look, Read

Tells = Callable[[Any], bool]
REFERRAL_KEYS: Final = ("decision", "reason", "appointment")
EXPECTED: Final = (200, 401, 404)
"""Received, not live any more, nothing there. Anything else fails the race, a 503 included."""


def looking(party: Party, path: str, body: Any = None, tells: Tells | None = None) -> Look:
    """One request. ``tells`` says of the answer's body whether it tells the value that is taken away."""

    async def look() -> Read:
        read = Read(uuid.uuid4().hex, time.monotonic())
        try:
            method = "GET" if body is None else "POST"
            answer = await party.call(method, path, body, X_Request_Id=read.request)
        except httpx.HTTPStatusError as error:  # its token ended, and it is not given another one
            answer = error.response
        read.ended, read.status = time.monotonic(), answer.status_code
        if answer.status_code == 200:
            shown = answer.json()
            read.items, read.told = spelt(path, shown), tells is not None and tells(shown)
        elif answer.status_code not in EXPECTED and answer.request.url.path != "/oauth/token":
            raise AssertionError(f"{path}: {answer.status_code} {answer.text[:300]}")
        return read

    return look


def spelt(path: str, body: Any) -> Counter[str]:
    """The parts of an answer that must each have a disclosure: kind and elements as an entry has them."""
    if path.startswith("/v1/events"):
        return Counter(f"event:{entry['kind']} {entry['purpose']}" for entry in body["items"])
    if path.startswith("/v1/transfers?"):
        return Counter({"transfer": len(body["items"])}) if body["items"] else Counter()
    if path.startswith("/v1/transfers/"):
        return Counter({"transfer": 1})
    if path.startswith("/v1/referrals/"):
        shown = [f"referral.{name}" for name in REFERRAL_KEYS if name in body]
        return Counter({of_item("referral", shown): 1}) if shown else Counter()
    results = body["results"] if "results" in body else [body]
    return Counter(of_item(item["kind"], item["elements"]) for result in results for item in result["items"])


def of_item(kind: str, elements: Sequence[str] | dict[str, Any]) -> str:
    """An item or its entry: the kind and the elements in order."""
    return f"{kind} {','.join(sorted(elements))}"


def asked(kind: str, case_id: str, purpose: str, *, others: Sequence[str] = ()) -> tuple[str, Any]:
    """Path and body of a gated look at a case: ``read``, ``search`` (with other cases), ``report``, ``feed``."""
    if kind == "search":
        return "/v1/treatment-statuses/search", {"cases": [case_id, *others], "purpose": purpose}
    if kind == "report":
        return f"/v1/cases/{case_id}/report?purpose={purpose}", None
    if kind == "feed":
        return "/v1/events?limit=20", None
    return f"/v1/treatment-statuses?case={case_id}&purpose={purpose}", None


def some_kind(*, feed: bool = True) -> str:
    """A kind of look at random; the feed seldom, since it decides every case of its unit."""
    kinds = ("read", "search", "report", "feed")
    return random.choices(kinds, weights=(45, 25, 27, 3 if feed else 0))[0]
