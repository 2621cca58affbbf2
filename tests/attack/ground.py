"""Two sides with the same things of their own, and the requests by which one could reach for what is the other's.

A side is a justice unit and a clinic that have carried out the contract's worked examples with each other. Every
operation of the contract can then be asked as it should be, with the side's own ids, and with an id of somebody else
in any one place that takes an id: in the path, the query or the body.
"""

import copy
import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import httpx

from app.exchange import administration
from app.sandbox.party import Party
from app.sandbox.register import private_jwk
from app.vocabulary import SCOPES_OF_ROLE, AgencyKind, Role, Scope
from tests.api.contract import document, operation, operations
from tests.api.replay import JUDGE, NURSE, STAFF, STEPS, Step, filled, member_of
from tests.service import World

HERE: Final = ("u-court-treatment", "u-clinic-harbor")
"""The units that the worked examples name."""
ENDS: Final = frozenset(
    {
        *("retract_assessment", "retract_treatment_status", "revoke", "decline_consent", "cancel_transfer"),
        *("cancel_referral", "add_case_event", "vacate_court_order", "end_case_assignment"),
    }
)
"""Steps that end what others need: left out, so that everything an attacker could reach is there and alive."""
ID_MEMBERS: Final[Mapping[str, str]] = {
    "patient_id": "patient_id",
    "merged": "patient_id",
    "referral_id": "referral_id",
    "consent_id": "consent_id",
    "consents": "consent_id",
    "case_id": "case_id",
    "case": "case_id",
    "cases": "case_id",
    "supersedes": "status_id",
    "with": "case_id",
}
"""Member of a request body -> the kind of id that it takes (``supersedes``: any message or form)."""
NOT_SECRET: Final = frozenset({"local_id", "unit_id", "staff_id"})
"""Members that end like an id and hold none of a person's record: the clinic's own number, a unit of the public
registry, and the name that a unit gives its own staff."""
ID_PARAMETERS: Final[Mapping[str, str]] = {"case": "case_id", "referral": "referral_id"}
Pointer = tuple[str | int, ...]


@dataclass
class Side:
    """A justice unit and a clinic, the clients that act for them, and the ids that came out of it."""

    justice: str
    clinic: str
    units: tuple[str, str]
    ids: dict[str, list[str]] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)
    keys: list[tuple[str, str, Any]] = field(default_factory=list)
    """(operation, Idempotency-Key, body) of every creating request that was carried out."""

    def client(self, documented: dict[str, Any]) -> list[str]:
        """Who of the two may carry out an operation, by its scope."""
        if documented["operationId"] == "ask_in_emergency":
            return [NURSE]  # a clinician's act, whoever else holds the scope
        scope = Scope(documented["x-scope"])
        able = {self.justice: SCOPES_OF_ROLE[Role.JUDGE], self.clinic: SCOPES_OF_ROLE[Role.CLINIC_STAFF]}
        return [name for name, scopes in able.items() if scope in scopes]

    def localised(self, value: Any) -> Any:
        """An example in which the units that it names are those of this side."""
        text = json.dumps(value)
        for there, here in zip(HERE, self.units, strict=True):
            text = text.replace(f'"{there}"', f'"{here}"')
        return json.loads(text)


@dataclass(frozen=True)
class Asked:
    """One request, its body as a value."""

    method: str
    path: str
    query: dict[str, str]
    body: Any = None
    key: str | None = None
    person: str | None = None
    """``Acting-User``, where the operation knows one."""


@dataclass(frozen=True)
class Place:
    """Where a request takes an id: ``where`` is path, query or body."""

    where: str
    pointer: Pointer
    kind: str

    def put(self, asked: Asked, template: str, own: Mapping[str, str], value: str) -> Asked:
        """The same request with this value here."""
        if self.where == "path":
            names = {name: own[name] for name in re.findall(r"{(\w+)}", template)} | {str(self.pointer[0]): value}
            return replace(asked, path=template.format(**names))
        if self.where == "query":
            return replace(asked, query=asked.query | {str(self.pointer[0]): value})
        body = copy.deepcopy(asked.body)
        node = body
        for step in self.pointer[:-1]:
            node = node[step]
        last = self.pointer[-1]
        node[last] = [value] if last in ("cases", "consents") else value
        return replace(asked, body=body)


def asked_of(name: str, side: Side, body: Any = None) -> Asked:
    """The operation's worked example with the side's own ids and required parameters."""
    method, template, documented = operation(name)
    query = {
        one["name"]: side.known["case_id"] if one["name"] == "case" else str(side.localised(one["example"]))
        for one in documented["parameters"]
        if one["in"] == "query" and one["required"]
    }
    content = documented.get("requestBody", {}).get("content", {}).get("application/json")
    if content is not None:
        body = side.localised(filled(content["example"] if body is None else body, side.known))
    path = template.format(**{one: side.known[one] for one in re.findall(r"{(\w+)}", template)})
    acting = [str(one["example"]) for one in documented["parameters"] if one["name"] == "Acting-User"]
    return Asked(method, path, query, body, person=acting[0] if acting else None)


def places(name: str) -> Iterator[Place]:
    """Every place of an operation that takes an id of somebody's."""
    _, template, documented = operation(name)
    yield from (Place("path", (one,), one) for one in re.findall(r"{(\w+)}", template) if one not in NOT_SECRET)
    for one in documented["parameters"]:
        if one["in"] == "query" and one["name"] in ID_PARAMETERS:
            yield Place("query", (one["name"],), ID_PARAMETERS[one["name"]])
    content = documented.get("requestBody", {}).get("content", {}).get("application/json")
    for pointer in members(content["schema"]) if content is not None else ():
        if pointer[-1] in ID_MEMBERS:
            yield Place("body", pointer, ID_MEMBERS[str(pointer[-1])])


def members(schema: dict[str, Any], at: Pointer = ()) -> Iterator[Pointer]:
    """The pointers of all members that a request schema knows, the first item standing for the items of a list."""
    if "$ref" in schema:
        yield from members(document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]], at)
    for name, part in schema.get("properties", {}).items():
        yield (*at, name)
        yield from members(part, (*at, name))
    if "items" in schema:
        yield from members(schema["items"], (*at, 0))
    for part in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from members(part, at)


def guarded() -> list[str]:
    """The operationIds of the live table that need a token."""
    return [documented["operationId"] for _, _, documented in operations() if documented["security"]]


async def send(w: World, client: str, asked: Asked, **headers: str) -> httpx.Response:
    """Send as a client, with more headers (underscores for hyphens)."""
    sent = {"Authorization": f"Bearer {await token(w, client)}"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    if asked.key is not None:
        sent["Idempotency-Key"] = asked.key
    if asked.person is not None:
        sent.setdefault("Acting-User", asked.person)
    return await w.http.request(asked.method, asked.path, params=asked.query, json=asked.body, headers=sent)


_PARTIES: Final[dict[tuple[Path, str], Party]] = {}


async def token(w: World, client: str) -> str:
    """The client's token, asked for once."""
    return await _PARTIES.setdefault((w.folder, client), w.party(client)).token()


async def settle(w: World, side: Side) -> Side:
    """Carry out every step of the worked examples, as this side, but those that end something."""
    for number, step in enumerate(STEPS):
        _, _, documented = operation(step.operation)
        again = step.operation == "propose_consent" and step in STEPS[:number]  # it was to be declined
        again = again or (step.operation == "report_consent_error" and not step.keeps)
        ending = step.operation in ENDS or documented["x-led-operation"] == "erasure"
        if step.client is None or not documented["security"] or ending or again:
            continue
        await _step(w, side, step, f"{side.clinic}-{number}")
    return side


async def _step(w: World, side: Side, step: Step, key: str) -> None:
    own = {JUDGE: side.justice, STAFF: side.clinic}
    client = own.get(step.client or "", step.client or "")  # an appointed office and another clinician are nobody's own
    asked = asked_of(step.operation, side, None if step.body is None else dict(step.body))
    _, _, documented = operation(step.operation)
    if any(one["name"] == "Idempotency-Key" for one in documented["parameters"]):
        asked = replace(asked, key=key)
        side.keys.append((step.operation, key, asked))
    answer = await send(w, client, asked)
    if not answer.is_success:
        raise AssertionError(f"{client} {step.operation}: {answer.status_code} {answer.text[:300]}")
    for member, name in step.keeps:
        side.known[name] = member_of(answer.json(), member)
        kind = "patient_id" if name == "other_patient_id" else name
        side.ids.setdefault(kind, []).append(side.known[name])


async def more_units(w: World) -> None:
    """A second clinic unit of Harbor's own agency, and a court of another agency, each with one client."""
    court = await administration.add_agency(w.hub, AgencyKind.COURT, "Neighbouring Court", "a-court-neighbour")
    for agency, unit, role in (
        ("a-clinic-harbor", "u-clinic-annex", Role.CLINIC_STAFF),
        (court, "u-court-neighbour", Role.JUDGE),
    ):
        zone, profile = "America/Chicago", "us-42cfr2@1"
        await administration.add_unit(
            w.hub, agency, unit, alias=unit, time_zone=zone, profile=profile, identifier=unit
        )  # fmt: skip
        client = unit.replace("u-", "c-", 1)
        key = private_jwk(secrets.token_bytes(32), client)
        public = {name: value for name, value in key.items() if name != "d"}
        await administration.add_client(w.hub, unit, role, jwk=public, secret=None, identifier=client)
        w.clients[client] = {"client_id": client, "private_jwk": key, "unit_id": unit, "role": role.value}
    await administration.appoint(w.hub, "u-privacy", "u-clinic-annex")


def owner() -> Side:
    """Whose things the others reach for."""
    return Side(JUDGE, STAFF, HERE)


def neighbours() -> tuple[Side, Side]:
    """Units of the owner's own two agencies, and units of two other agencies, in the same roles."""
    own = Side("c-court-family-judge", "c-clinic-annex", ("u-court-family", "u-clinic-annex"))
    other = Side(
        "c-court-neighbour", "c-clinic-hillside-clinic-staff", ("u-court-neighbour", "u-clinic-hillside")
    )  # fmt: skip
    return own, other
